use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::digest::open;
use super::{Kind, Node, TreeError};

/// Between two looks at whether the copy is still wanted, and two reports.
const PIECE: u64 = 4 << 20;

/// Copies `nodes` of the project `from` into the folder `to`, which must be empty or not be there.
/// `going_on` hears the bytes so far, and says whether to go on.
///
/// The copies share their blocks with the originals where the file system can do that; whoever
/// writes to one gets blocks of its own. Hard links would not do: instances write.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    nodes: &[Node],
    going_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(), TreeError> {
    fs::create_dir_all(to)?;
    let mut done = 0;
    for node in nodes {
        let target = to.join(&node.path);
        match node.kind {
            Kind::Folder => fs::create_dir(target)?,
            Kind::File { bytes, executable } => {
                let source = open(&from.join(&node.path))?;
                let target = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(target)?;
                if clone(&source, &target) {
                    done += bytes;
                } else {
                    pieces(&source, &target, &mut done, going_on)?;
                }
                let mode = if executable { 0o755 } else { 0o644 };
                target.set_permissions(Permissions::from_mode(mode))?;
            }
        }
        if !going_on(done) {
            return Err(TreeError::Abandoned);
        }
    }
    Ok(())
}

fn pieces(
    source: &File,
    mut target: &File,
    done: &mut u64,
    going_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(), TreeError> {
    loop {
        // In the kernel, where the system can: not a byte passes through here.
        let count = io::copy(&mut source.take(PIECE), &mut target)?;
        *done += count;
        if count < PIECE {
            return Ok(());
        }
        if !going_on(*done) {
            return Err(TreeError::Abandoned);
        }
    }
}

/// Whether the file system made `target` share the blocks of `source`.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn clone(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn clone(_source: &File, _target: &File) -> bool {
    false
}
