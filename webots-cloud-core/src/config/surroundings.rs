use std::fmt;
use std::path::{Path, PathBuf};

/// What a configuration needs to know of the machine that it is for.
///
/// Asking must not change anything; answers may be of the moment.
pub trait Surroundings: fmt::Debug {
    /// An environment variable; `None` if it is not set or not text.
    fn variable(&self, name: &str) -> Option<String>;

    /// The user's home folder, for `~`.
    fn home(&self) -> Option<PathBuf>;

    /// The folder of the configuration file, absolute; the working directory if there is no file.
    fn folder(&self) -> PathBuf;

    /// The folder for temporary files, absolute.
    fn temporary(&self) -> PathBuf;

    /// What is at this absolute path.
    fn kind(&self, path: &Path) -> PathKind;
}

/// What is at a path, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// Nothing, or nothing that may be looked at.
    Missing,
    /// A file.
    File,
    /// A folder.
    Folder,
}
