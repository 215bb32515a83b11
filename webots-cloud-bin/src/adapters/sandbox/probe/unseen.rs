//! What a probe looks for because it must not see it.

use std::path::{Path, PathBuf};

use super::super::{SandboxConfig, is_system};

/// Of a folder with more in it, so many are looked for: they travel in one argument.
const MOST: usize = 100;

/// All but what an instance needs.
#[derive(Debug)]
pub(super) struct Unseen<'a> {
    needed: Vec<&'a Path>,
}

impl<'a> Unseen<'a> {
    pub(super) fn new(config: &'a SandboxConfig, workspace: &'a Path) -> Self {
        let visible = config.visible.iter().chain(&config.display);
        let mut needed: Vec<&Path> = visible.map(PathBuf::as_path).collect();
        needed.extend([config.warden.as_path(), workspace]);
        Self { needed }
    }

    /// The folder, or what is in it and not needed. Reads it.
    pub(super) fn of(&self, folder: &Path) -> Vec<PathBuf> {
        let holds = |folder: &Path| self.needed.iter().any(|path| path.starts_with(folder));
        if !holds(folder) {
            return vec![folder.to_owned()];
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        // What is not UTF-8 cannot be told to the probe.
        let unseen = paths.filter(|path| !holds(path) && path.to_str().is_some());
        unseen.take(MOST).collect()
    }

    /// The home of this user, if it is one.
    pub(super) fn home(&self) -> Vec<PathBuf> {
        let home = std::env::home_dir().and_then(|home| std::fs::canonicalize(home).ok());
        let is_one = |home: &PathBuf| home != Path::new("/") && !is_system(home);
        home.filter(is_one)
            .map_or_else(Vec::new, |home| self.of(&home))
    }
}
