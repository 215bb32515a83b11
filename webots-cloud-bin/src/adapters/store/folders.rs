//! The folders on the disk, and who may use them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};

/// So many servers may share the folder.
const PARTS: u32 = 64;

/// This server's part of the cache's folder.
#[derive(Debug)]
pub(super) struct Folders {
    part: PathBuf,
    next: AtomicU64,
    /// Ends with the process, whatever ends that.
    _lock: File,
}

impl Folders {
    /// Takes the first part that no living server has; the parts of dead ones are emptied if they
    /// are not needed any more, and of ours what was under way is removed.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        private(folder)?;
        let folder = fs::canonicalize(folder)?;
        let mut own = None;
        for number in 0..PARTS {
            let path = folder.join(format!("{number}.lock"));
            if own.is_some() && !path.exists() {
                break;
            }
            let lock = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => continue,
                Err(error) => return Err(error.into()),
            }
            let part = folder.join(number.to_string());
            if own.is_some() {
                // Of a server that is gone, and that found ours taken then.
                remove(&part)?;
            } else {
                own = Some((part, lock));
            }
        }
        let (part, lock) = own.ok_or_else(|| io::Error::other("used by too many servers"))?;
        remove(&part.join("work"))?;
        remove(&part.join("passing"))?;
        for inner in ["", "work", "passing", "entries"] {
            private(&part.join(inner))?;
        }
        Ok(Self {
            part,
            next: AtomicU64::new(0),
            _lock: lock,
        })
    }

    pub(super) fn entries(&self) -> PathBuf {
        self.part.join("entries")
    }

    /// What is in here is removed by the next server that takes this part.
    pub(super) fn passing(&self) -> PathBuf {
        self.part.join("passing")
    }

    fn fresh(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.part.join("work").join(number.to_string())
    }

    /// A place to build a project in.
    pub(super) fn work(&self) -> io::Result<Work> {
        let work = Work { path: self.fresh() };
        private(&work.path)?;
        private(&work.project())?;
        private(&work.scratch())?;
        Ok(work)
    }

    /// Takes an entry out of the way, at once; dropping the answer removes it, which takes as long as
    /// it takes.
    pub(super) fn take_away(&self, entry: &Path) -> io::Result<Option<Work>> {
        let path = self.fresh();
        match fs::rename(entry, &path) {
            Ok(()) => Ok(Some(Work { path })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A folder under way, or one that is not needed any more; removed when dropped, which blocks.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) path: PathBuf,
}

impl Work {
    pub(super) fn project(&self) -> PathBuf {
        self.path.join("project")
    }

    pub(super) fn scratch(&self) -> PathBuf {
        self.path.join("scratch")
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // After success it is empty or has been moved.
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "cannot be removed");
        }
    }
}

/// Makes a folder that only this user may enter.
fn private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Removes a folder with all that is in it, through no link, or a file; that it is not there is no
/// error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => fs::remove_file(path),
        other => other,
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
