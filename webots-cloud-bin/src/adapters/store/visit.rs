//! What is said to a cache, and what it says.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use webots_cloud_core::ports::{BoxFuture, PortError};

use super::entry::Entry;
use crate::adapters::flights::Crew;

/// What a [`Store`](super::Store) needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The cache's folder, made if it is not there. It should be on the file system of the
    /// workspaces, like `.cache` in the folder of instances, where it is in nobody's way: the
    /// process launcher leaves alone what it did not make.
    pub folder: PathBuf,
    /// All cached projects together, bytes, with 4 KiB more for each file. What is in use or under
    /// way may go beyond.
    pub max_bytes: u64,
    /// Files and folders in one project.
    pub max_files: u64,
    /// Bytes in one project.
    pub max_project_bytes: u64,
}

impl StoreConfig {
    /// This folder, with 8 GiB for all, and the default limits of `download` for one project.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            max_bytes: 8 << 30,
            max_files: 50_000,
            max_project_bytes: 2 << 30,
        }
    }
}

/// The cache's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the folder {} cannot be used for cached projects", folder.display())]
pub struct StoreError {
    pub(super) folder: PathBuf,
    #[source]
    pub(super) source: io::Error,
}

/// Who asks for a project.
#[derive(Clone)]
pub struct Visit {
    /// Cancelled when nobody waits for the project any more.
    pub cancel: CancellationToken,
    /// Hears the bytes so far, first of the download and then of the copy.
    pub progress: Arc<dyn Fn(u64) + Send + Sync>,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit")
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

/// A project to be fetched into the cache.
#[derive(Debug)]
pub struct Building {
    /// An empty folder for the project: regular files and folders only.
    pub project: PathBuf,
    /// An empty folder for whatever else is needed; removed afterwards.
    pub scratch: PathBuf,
    pub(super) crew: Arc<Crew<Arc<Entry>>>,
}

impl Building {
    /// Cancelled when nobody waits any more: end soon, with any error.
    pub fn cancel(&self) -> &CancellationToken {
        &self.crew.cancel
    }

    /// Tells all who wait how many bytes are there.
    pub fn progress(&self) -> Arc<dyn Fn(u64) + Send + Sync> {
        let crew = Arc::clone(&self.crew);
        Arc::new(move |bytes| crew.tell(bytes))
    }
}

/// Fetches a project that is not cached. It is called at most twice for one request: the second time
/// only where the cached project turned out to be damaged.
pub type Build = Arc<dyn Fn(Building) -> BoxFuture<'static, Result<(), PortError>> + Send + Sync>;
