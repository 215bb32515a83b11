//! The machine that a configuration is for.

use std::env;
use std::path::{Path, PathBuf};

use webots_cloud_core::config::{PathKind, Surroundings};

/// This machine, with the folder of one configuration file.
#[derive(Clone, Debug)]
pub struct ThisMachine {
    folder: PathBuf,
}

impl ThisMachine {
    /// For a configuration file, or for none: then paths are relative to the working directory.
    pub fn for_file(file: Option<&Path>) -> Self {
        let here = env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let folder = file
            .and_then(Path::parent)
            .map_or_else(|| here.clone(), |it| here.join(it));
        Self { folder }
    }
}

impl Surroundings for ThisMachine {
    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    fn home(&self) -> Option<PathBuf> {
        env::home_dir()
    }

    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    fn temporary(&self) -> PathBuf {
        env::temp_dir()
    }

    fn kind(&self, path: &Path) -> PathKind {
        match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => PathKind::Folder,
            Ok(_) => PathKind::File,
            Err(_) => PathKind::Missing,
        }
    }
}
