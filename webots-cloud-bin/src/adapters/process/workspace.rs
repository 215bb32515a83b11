//! Making workspaces.

use std::fs::{DirBuilder, File, Permissions, set_permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::cgroup_base::CgroupBase;
use super::owner::{self, Owner};

/// Counts over all launchers of the process, so that no name comes twice.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A workspace that was just made, with its locked mark.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) mark: File,
}

/// A name that was never given before.
pub(crate) fn fresh_name(owner: &Owner) -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", owner.prefix())
}

/// Makes a folder that only this user may enter. The mark comes first: a server that dies in
/// between leaves a mark without a folder, which a sweep removes, and never the other way round.
pub(crate) fn make(
    instances: &Path,
    owner: &Owner,
    cgroups: Option<&CgroupBase>,
) -> io::Result<Made> {
    let name = fresh_name(owner);
    let cgroup = cgroups.map(|base| base.folder_of(&name));
    let mark = owner::claim(instances, &name, owner, cgroup.as_deref())?;
    let path = instances.join(&name);
    let made = DirBuilder::new()
        .mode(0o700)
        .create(&path)
        // A umask may have taken more than it should.
        .and_then(|()| set_permissions(&path, Permissions::from_mode(0o700)));
    if let Err(error) = made {
        let _ = std::fs::remove_file(owner::mark_path(instances, &name));
        return Err(error);
    }
    Ok(Made { name, path, mark })
}
