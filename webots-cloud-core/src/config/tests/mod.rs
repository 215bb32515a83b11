mod confinement;
mod eras;
mod mistakes;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{PathKind, Surroundings};

/// A machine with these files, folders and variables; home is `/home/operator`, the configuration
/// is in `/etc/webots`.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeSurroundings {
    variables: BTreeMap<String, String>,
    paths: BTreeMap<PathBuf, PathKind>,
}

impl FakeSurroundings {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    pub(crate) fn with_files(mut self, files: &[&str]) -> Self {
        for file in files {
            self.paths.insert(file.into(), PathKind::File);
        }
        self
    }

    pub(crate) fn with_folders(mut self, folders: &[&str]) -> Self {
        for folder in folders {
            self.paths.insert(folder.into(), PathKind::Folder);
        }
        self
    }

    /// With Webots where it is looked for first.
    pub(crate) fn with_webots() -> Self {
        Self::new().with_files(&["/usr/local/webots/webots"])
    }
}

impl Surroundings for FakeSurroundings {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn home(&self) -> Option<PathBuf> {
        Some("/home/operator".into())
    }

    fn folder(&self) -> PathBuf {
        "/etc/webots".into()
    }

    fn temporary(&self) -> PathBuf {
        "/tmp".into()
    }

    fn kind(&self, path: &Path) -> PathKind {
        self.paths.get(path).copied().unwrap_or(PathKind::Missing)
    }
}
