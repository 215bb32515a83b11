//! A cache of fetched projects: thirty students who open one world cost one download.
//!
//! ```text
//! FOLDER/0.lock              locked by the server that uses FOLDER/0, as long as it lives
//! FOLDER/0/entries/SHA256/   one project: `entry.json` and `project/`; appears by a rename
//! FOLDER/0/work/N/           a project under way, or one that is being removed
//! FOLDER/1…                  of a second server on this machine
//! ```
//!
//! - **Content-addressed.** A [`Key`] names content and never a place where content may change: a
//!   commit, or the SHA-256 of an archive. What a branch means today is asked each time.
//! - **Once.** Who asks for what is under way waits for it. It goes on as long as anybody waits.
//! - **Copied.** Instances write to their projects, so they get copies; these share blocks with the
//!   original where the file system can do that. Neither sandbox shows this folder to an instance.
//!   With `sandbox` `none` an instance may write here: only the operator's own projects should run
//!   then.
//! - **Crashes.** What is under way when a server dies is removed by the next. What was complete is
//!   used again, after its content was compared with its digest: a machine that went down may have
//!   lost any of it.
//! - **Never across users.** Whoever presents a key gets the content. The key of something that needs
//!   a user's authentication must therefore be made from what only that user could get: the website
//!   fetcher must download each time, authenticated, and may ask here with the archive's digest then,
//!   to spare the unpacking.

mod entry;
mod folders;
mod key;
mod shelf;
mod visit;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::ports::{CacheFigures, PortError};

use super::flights::Flights;
use super::tree::{self, Bounds, TreeError};
use entry::Entry;
use folders::Folders;
pub use key::Key;
use shelf::Shelf;
pub use visit::{Build, Building, StoreConfig, StoreError, Visit};

/// The cache. It needs a tokio runtime, on which downloads run as tasks of their own.
#[derive(Debug)]
pub struct Store {
    bounds: Bounds,
    folders: Arc<Folders>,
    shelf: Arc<Shelf>,
    flights: Arc<Flights<Key, Arc<Entry>>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Store {
    /// Opens the cache, removes what a dead server left under way, and looks at what is there.
    /// Blocks. The folder may be shared by several servers: each has a part of its own.
    ///
    /// # Errors
    /// The folder cannot be made, read or written.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let folder = config.folder;
        let open = || {
            let folders = Arc::new(Folders::open(&folder)?);
            let shelf = Shelf::new(config.max_bytes, entry::load_all(&folders)?);
            Ok((folders, shelf))
        };
        let (folders, shelf) = open().map_err(|source| StoreError {
            folder: folder.clone(),
            source,
        })?;
        shelf.trim(&folders);
        Ok(Self {
            bounds: Bounds {
                files: config.max_files,
                bytes: config.max_project_bytes,
            },
            folders,
            shelf: Arc::new(shelf),
            flights: Arc::default(),
            counts: Arc::default(),
        })
    }

    /// A folder for what must not outlive this server: whatever is left in it is removed when the
    /// cache is opened the next time.
    pub(super) fn passing(&self) -> PathBuf {
        self.folders.passing()
    }

    /// How often a project was there, and how often it had to be fetched: once for all who wanted it
    /// at the same time.
    pub fn figures(&self) -> CacheFigures {
        CacheFigures {
            hits: self.counts.hits.load(Ordering::Relaxed),
            misses: self.counts.misses.load(Ordering::Relaxed),
        }
    }

    /// Copies the project of this key into the folder `to`, which must be empty or not be there;
    /// where it is not cached, `build` fetches it first. What was copied before an error stays.
    ///
    /// # Errors
    /// Those of `build`, for all who wait for it; the disk's.
    ///
    /// # Cancel safety
    /// Dropping it is leaving, like cancelling `visit`; a copy under way ends soon after, but does
    /// not stop at once.
    pub async fn project(
        &self,
        key: &Key,
        to: &Path,
        visit: &Visit,
        build: Build,
    ) -> Result<(), PortError> {
        let left = visit.cancel.child_token();
        let _guard = left.clone().drop_guard();
        let mut damaged = false;
        loop {
            let entry = tokio::select! {
                biased;
                () = visit.cancel.cancelled() => return Err(abandoned()),
                entry = self.entry(key, visit, Arc::clone(&build)) => entry?,
            };
            match self.copy(entry, to, visit, &left).await {
                Ok(()) => return Ok(()),
                Err(Copied::Failed(error)) => return Err(error),
                Err(Copied::Damaged(why)) if damaged => {
                    return Err(failed(io::Error::other(why)));
                }
                Err(Copied::Damaged(why)) => {
                    tracing::warn!(?key, why, "a cached project is damaged and fetched anew");
                    damaged = true;
                }
            }
        }
    }

    async fn entry(&self, key: &Key, visit: &Visit, build: Build) -> Result<Arc<Entry>, PortError> {
        let (folders, shelf, bounds) = (
            Arc::clone(&self.folders),
            Arc::clone(&self.shelf),
            self.bounds,
        );
        let (wanted, counts) = (key.clone(), Arc::clone(&self.counts));
        let start = move |crew| async move {
            if let Some(entry) = shelf.take(&wanted) {
                let checked = Arc::clone(&entry);
                let good = blocking(move || Ok(checked.is_good(bounds))).await?;
                if good {
                    counts.hits.fetch_add(1, Ordering::Relaxed);
                    return Ok(entry);
                }
                tracing::warn!(key = ?wanted, "a cached project is damaged and fetched anew");
                shelf.forget(&entry, &folders);
            }
            counts.misses.fetch_add(1, Ordering::Relaxed);
            let place = Arc::clone(&folders);
            let work = blocking(move || place.work().map_err(failed)).await?;
            let building = Building {
                project: work.project(),
                scratch: work.scratch(),
                crew,
            };
            let built = build(building).await;
            // The work's folder is removed whatever happens, and not by a thread that others wait for.
            blocking(move || {
                built?;
                let nodes = tree::nodes(&work.project(), bounds).map_err(shown)?;
                let entry = Entry::describe(wanted, &work, &nodes, &folders).map_err(shown)?;
                let entry = shelf.keep(entry, &work, &folders).map_err(failed)?;
                shelf.trim(&folders);
                Ok(entry)
            })
            .await
        };
        let progress = Arc::clone(&visit.progress);
        self.flights.join(key.clone(), start, &*progress).await
    }

    async fn copy(
        &self,
        entry: Arc<Entry>,
        to: &Path,
        visit: &Visit,
        left: &CancellationToken,
    ) -> Result<(), Copied> {
        let (to, left, bounds) = (to.to_owned(), left.clone(), self.bounds);
        let progress = Arc::clone(&visit.progress);
        let (shelf, folders) = (Arc::clone(&self.shelf), Arc::clone(&self.folders));
        let copied = move || {
            let mut going_on = |bytes| {
                progress(bytes);
                !left.is_cancelled()
            };
            let copied = entry.copy(&to, bounds, &mut going_on);
            if matches!(copied, Err(Copied::Damaged(_))) {
                shelf.forget(&entry, &folders);
                // Nothing of it may stay among what comes instead.
                tree::empty(&to).map_err(|error| Copied::Failed(failed(error)))?;
            }
            drop(entry);
            // It may have been in use and too much.
            shelf.trim(&folders);
            copied
        };
        spawn_blocking(copied).await.map_err(|error| {
            Copied::Failed(PortError::retry("the server is shutting down").because(error))
        })?
    }
}

/// Why a cached project was not copied.
#[derive(Debug)]
enum Copied {
    Damaged(&'static str),
    Failed(PortError),
}

fn shown(error: TreeError) -> PortError {
    match error {
        TreeError::Abandoned => abandoned(),
        TreeError::TooLarge => PortError::bad_request("the project is too large"),
        TreeError::NotPlain(_) => {
            PortError::bad_request("the project holds something that is neither file nor folder")
                .because(error)
        }
        TreeError::Io(error) => failed(error),
    }
}

fn failed(error: io::Error) -> PortError {
    PortError::retry("the project could not be stored").because(error)
}

fn abandoned() -> PortError {
    PortError::retry("nobody waits for the project any more")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, PortError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| PortError::retry("the server is shutting down").because(error))?
}
