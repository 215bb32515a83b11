//! Taking paths out of a configuration.

use std::path::{Path, PathBuf};

use super::reader::Reader;
use super::{PathKind, expand};

impl Reader<'_> {
    /// An absolute path, whether there is something or not.
    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        let text = self.typed(key, |value| value.as_str().map(str::to_owned))?;
        match expand::path(&text, self.surroundings) {
            Ok(path) => Some(path),
            Err(wrong) => {
                self.wrong(key, wrong);
                None
            }
        }
    }

    /// An absolute path at which there must be something of this kind.
    pub(super) fn existing(&mut self, key: &str, kind: PathKind) -> Option<PathBuf> {
        let path = self.path(key)?;
        self.check_kind(key, &path, kind);
        Some(path)
    }

    /// Notes a problem with `key` if there is something else at `path`.
    pub(super) fn check_kind(&mut self, key: &str, path: &Path, wanted: PathKind) {
        let wrong = match (self.surroundings.kind(path), wanted) {
            (found, wanted) if found == wanted => return,
            (PathKind::Missing, _) => "does not exist or cannot be read",
            (PathKind::File, _) => "is a file",
            (PathKind::Folder, _) => "is a folder",
        };
        self.wrong(key, format!("`{}` {wrong}", path.display()));
    }
}
