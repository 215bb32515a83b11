//! All attacks, and what is expected of each.

mod files;
mod kernel;
mod network;
mod output;
mod processes;
mod resources;

use super::attack::Attack;

pub(crate) const CHAPTERS: &[(&str, &[Attack])] = &[
    ("Files", files::ATTACKS),
    ("Disk, memory, processes", resources::ATTACKS),
    ("Other processes", processes::ATTACKS),
    ("The kernel", kernel::ATTACKS),
    ("The network", network::ATTACKS),
    ("Output", output::ATTACKS),
];

pub(crate) fn all() -> impl Iterator<Item = &'static Attack> {
    CHAPTERS.iter().flat_map(|(_, attacks)| attacks.iter())
}
