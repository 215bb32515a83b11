//! Putting an uploaded file into a user's project: atomically, and within the quota.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

use super::folder::{DEEPEST, Folder};
use super::users::UserId;

/// What unfinished files are called. Nobody else may call a file so, and archives are without them.
pub(super) const UNFINISHED: &str = ".webots-cloud-upload-";

/// The most files and folders of one user: empty ones cost the disk as well.
const MOST_ENTRIES: u64 = 10_000;

/// Why a file was not saved.
#[derive(Debug, Error)]
pub(super) enum SaveError {
    /// The user would have this many bytes.
    #[error("the user would have {0} bytes")]
    Quota(u64),
    #[error("the user has too many files and folders")]
    TooMany,
    /// There is a folder, or a link, where the file should be.
    #[error("there is something that is no file")]
    NoFile,
    /// There is a file, or a link, where a folder should be.
    #[error("there is something that is no folder")]
    NoFolder,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file to be saved, all names checked.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) user: UserId,
    /// Below the folder of the user's projects, with `/` between them.
    pub(super) dirname: String,
    pub(super) filename: String,
    pub(super) content: Vec<u8>,
}

impl Upload {
    /// Saves it below `users`, if the user's projects and this file together are at most `quota`
    /// bytes (W4.2: a file that is replaced counts as well). Blocks: for the disk, and for other
    /// uploads of the same user.
    ///
    /// The file is written beside the old one and then takes its name, so that whoever looks sees one
    /// of the two, also after a crash. What a crash left over is removed here, the next time.
    pub(super) fn save(&self, users: &Path, quota: u64) -> Result<(), SaveError> {
        let projects = Folder::root(users)?
            .enter_or_make(self.user.as_str())?
            .enter_or_make("projects")?;
        projects.lock()?;
        let mut use_now = Use::default();
        use_now.count(&projects, 0)?;
        let size = use_now.bytes.saturating_add(self.content.len() as u64);
        if size > quota {
            return Err(SaveError::Quota(size));
        }
        let folders = self.dirname.split('/').count() as u64;
        if use_now.entries + folders >= MOST_ENTRIES {
            return Err(SaveError::TooMany);
        }
        let mut folder = None;
        for name in self.dirname.split('/') {
            let inner = folder.as_ref().unwrap_or(&projects).enter_or_make(name);
            folder = Some(inner.map_err(|error| {
                if super::folder::is_missing(&error) {
                    SaveError::NoFolder
                } else {
                    error.into()
                }
            })?);
        }
        let folder = folder.as_ref().unwrap_or(&projects);
        if folder.kind(&self.filename)?.is_some_and(|it| !it.is_file()) {
            return Err(SaveError::NoFile);
        }
        self.write(folder)
    }

    fn write(&self, folder: &Folder) -> Result<(), SaveError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let beside = format!("{UNFINISHED}{}-{number}", std::process::id());
        let write = |mut file: std::fs::File| {
            file.write_all(&self.content)?;
            // Before it gets its name, or a power failure could leave the name without the content.
            file.sync_all()?;
            folder.rename(&beside, &self.filename)
        };
        let written = folder.create(&beside).and_then(write);
        if written.is_err() {
            // It may never have been made, or have its name already.
            let _ = folder.remove(beside.as_str());
        }
        Ok(written?)
    }
}

#[derive(Debug, Default)]
struct Use {
    bytes: u64,
    entries: u64,
}

impl Use {
    /// Adds what is in a folder. The user's folder is locked, so unfinished files are nobody's.
    fn count(&mut self, folder: &Folder, depth: usize) -> Result<(), SaveError> {
        if depth > DEEPEST {
            return Err(SaveError::TooMany);
        }
        for entry in folder.entries()? {
            if entry.name.to_bytes().starts_with(UNFINISHED.as_bytes()) && !entry.is_folder {
                folder.remove(entry.name.as_c_str())?;
                continue;
            }
            self.entries += 1;
            if entry.is_folder {
                self.count(&folder.enter(entry.name.as_c_str())?, depth + 1)?;
            } else {
                self.bytes = self.bytes.saturating_add(entry.size);
            }
        }
        Ok(())
    }
}
