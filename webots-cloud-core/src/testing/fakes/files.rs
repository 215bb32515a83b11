//! Files in memory.
#![expect(
    clippy::disallowed_types,
    reason = "machines are owned and need no lock; files are shared between ports and a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::testing::conformance::Files;

/// Folders and files in memory, shared by reference between the ports of a test.
#[derive(Debug, Default)]
pub struct MemoryFiles(Mutex<BTreeMap<PathBuf, Entry>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Folder,
    File(Vec<u8>),
}

impl MemoryFiles {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Entry>> {
        // The map is never left half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a folder and those above it.
    pub fn make_folder(&self, folder: &Path) {
        let mut entries = self.entries();
        for folder in folder.ancestors() {
            let entry = entries.entry(folder.to_owned());
            entry.or_insert(Entry::Folder);
        }
    }

    /// Removes a folder or file with all that is in it; `false` if there is none.
    pub fn remove(&self, path: &Path) -> bool {
        let mut entries = self.entries();
        let was_there = entries.contains_key(path);
        entries.retain(|entry, _| !entry.starts_with(path));
        was_there
    }
}

impl Files for MemoryFiles {
    fn below(&self, folder: &Path) -> Option<BTreeSet<PathBuf>> {
        let entries = self.entries();
        if entries.get(folder) != Some(&Entry::Folder) {
            return None;
        }
        let below = |path: &&PathBuf| path.starts_with(folder) && *path != folder;
        Some(entries.keys().filter(below).cloned().collect())
    }

    /// Nobody else can see the memory of a test.
    fn is_private(&self, _folder: &Path) -> bool {
        true
    }

    fn read(&self, file: &Path) -> Option<Vec<u8>> {
        match self.entries().get(file)? {
            Entry::File(content) => Some(content.clone()),
            Entry::Folder => None,
        }
    }

    fn write(&self, file: &Path, content: &[u8]) {
        if let Some(folder) = file.parent() {
            self.make_folder(folder);
        }
        self.entries()
            .insert(file.to_owned(), Entry::File(content.to_vec()));
    }
}
