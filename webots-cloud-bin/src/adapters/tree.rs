//! Folders that hold a project: listed, measured, hashed, copied. All functions block.
//!
//! A project here is regular files and folders, nothing else. A link, a device or a socket in one is
//! an error: whoever put it there did what nobody should have done.

mod copy;
mod digest;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use copy::copy;
pub(crate) use digest::{digest, sha256};

/// Deeper projects are refused: nobody writes them, and paths have an end.
const DEEPEST: usize = 64;

/// What a folder may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Files and folders.
    pub(crate) files: u64,
    /// Bytes in all files together.
    pub(crate) bytes: u64,
}

/// What a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Files and folders.
    pub(crate) files: u64,
    /// Bytes in all files together, as their lengths say.
    pub(crate) bytes: u64,
}

/// Why a folder is not a project.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TreeError {
    #[error("abandoned")]
    Abandoned,
    #[error("too many files, too many bytes or too deep")]
    TooLarge,
    #[error("neither a file nor a folder: {}", .0.display())]
    NotPlain(PathBuf),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file or folder of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Relative to the project.
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    File { bytes: u64, executable: bool },
}

/// All that is in the folder, in one order whatever the file system, folders before what is in them.
pub(crate) fn nodes(root: &Path, bounds: Bounds) -> Result<Vec<Node>, TreeError> {
    let mut all = Vec::new();
    let mut size = Size::default();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let mut here = Vec::new();
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = kind(&entry.metadata()?).ok_or_else(|| TreeError::NotPlain(path.clone()))?;
            size.files += 1;
            if let Kind::File { bytes, .. } = kind {
                size.bytes = size.bytes.saturating_add(bytes);
            }
            if size.files > bounds.files || size.bytes > bounds.bytes {
                return Err(TreeError::TooLarge);
            }
            here.push(Node { path, kind });
        }
        here.sort_by(|a, b| a.path.cmp(&b.path));
        let inner = here.iter().filter(|node| node.kind == Kind::Folder);
        let inner: Vec<PathBuf> = inner.map(|node| node.path.clone()).collect();
        if inner.iter().any(|path| path.components().count() > DEEPEST) {
            return Err(TreeError::TooLarge);
        }
        folders.extend(inner.into_iter().rev());
        all.extend(here);
    }
    Ok(all)
}

/// What these are together.
pub(crate) fn size(nodes: &[Node]) -> Size {
    let mut size = Size::default();
    for node in nodes {
        size.files += 1;
        if let Kind::File { bytes, .. } = node.kind {
            size.bytes = size.bytes.saturating_add(bytes);
        }
    }
    size
}

/// Roughly what is in the folder while somebody writes there: what comes and goes meanwhile counts
/// or does not. Stops counting soon after `enough` files.
pub(crate) fn weigh(root: &Path, enough: u64) -> Size {
    let mut size = Size::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(data) = entry.metadata() else {
                continue;
            };
            size.files += 1;
            if data.is_dir() {
                folders.push(entry.path());
            } else {
                size.bytes = size.bytes.saturating_add(data.len());
            }
        }
        if size.files > enough {
            break;
        }
    }
    size
}

/// Removes all that is in a folder, if it is there; through no link.
pub(crate) fn empty(folder: &Path) -> io::Result<()> {
    let all = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in all {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn kind(data: &Metadata) -> Option<Kind> {
    use std::os::unix::fs::PermissionsExt;
    if data.is_dir() {
        return Some(Kind::Folder);
    }
    data.is_file().then(|| Kind::File {
        bytes: data.len(),
        executable: data.permissions().mode() & 0o100 != 0,
    })
}

#[cfg(test)]
mod tests;
