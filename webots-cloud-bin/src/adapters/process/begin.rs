//! What both wardens begin with.

use rustix::process::{Signal, getpid, set_child_subreaper};

use crate::platform::linux::signals::Signals;

/// What shells answer for a command that is not there, and what a warden answers where it could
/// not do its work at all.
pub(super) const NOT_STARTED: i32 = 127;

/// What both do before they start anything.
pub(super) fn begin() -> std::io::Result<Signals> {
    // Orphans of the tree come to us and not to init.
    set_child_subreaper(Some(getpid()))?;
    // A service manager or a terminal may signal every process; firejail passes signals on.
    Signals::catch(&[Signal::CHILD, Signal::TERM, Signal::INT, Signal::HUP])
}

pub(super) fn number(pid: u32) -> i32 {
    i32::try_from(pid).unwrap_or(i32::MAX)
}
