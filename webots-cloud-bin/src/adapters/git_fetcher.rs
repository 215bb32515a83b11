//! Projects from git repositories (W2.5, W2.6).
//!
//! | file | does |
//! |---|---|
//! | `config` | what the operator says |
//! | `wanted` | what the client says, checked |
//! | `address` | which hosts may be talked to |
//! | `program`, `run`, `group` | how git is called, watched and ended |
//! | `refs`, `checkout` | from a branch to a commit, from a commit to files |
//! | `error` | what the user is told |
//!
//! Git is the program and not a library: none of the libraries can fetch a part of a repository. It
//! is called with an argument vector, knows no configuration but ours, asks nobody for a password,
//! runs nothing of the repository, and writes links as small files. Of the repository the project's
//! folder is fetched, at one commit. Files in Git LFS come as the pointers that the repository holds.
//!
//! Only what anybody may fetch is fetched: there are no credentials here. That is why the cache may
//! serve everybody.

mod address;
mod checkout;
mod config;
mod error;
mod group;
mod program;
mod refs;
mod run;
mod wanted;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio_util::sync::CancellationToken;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, CacheFigures, FetchedProject, PortError, ProgressSink, ProjectFetcher,
    ProjectRequest, Source, Workspace,
};
use webots_cloud_core::protocol::start_url::{GitWorld, StartUrl};

use super::store::{Build, Building, Key, Store, Visit};
use super::tree::Bounds;
use checkout::Checkout;
pub use config::{GitFetcherConfig, GitSetupError};
use error::GitError;
use program::Program;
use refs::{Resolved, Resolver};
use run::{Scales, Watch};
use wanted::Wanted;

/// Fetches the worlds of `start` from git repositories, through a cache if there is one.
///
/// Which repositories may be fetched is decided before (W2.7); which addresses, here.
#[derive(Debug)]
pub struct GitFetcher {
    program: Arc<Program>,
    resolver: Resolver,
    store: Option<Arc<Store>>,
    under_way: Mutex<BTreeMap<InstanceId, CancellationToken>>,
}

impl GitFetcher {
    /// A fetcher, with a cache for the projects or without. Looks whether there is a git; blocks for
    /// some milliseconds.
    ///
    /// # Errors
    /// There is none that could be used.
    pub fn new(config: GitFetcherConfig, store: Option<Arc<Store>>) -> Result<Self, GitSetupError> {
        let temporary = store.as_ref().map(|store| store.passing());
        let temporary = temporary.unwrap_or_else(std::env::temp_dir);
        let program = Arc::new(Program::new(config, &temporary)?);
        Ok(Self {
            resolver: Resolver::new(Arc::clone(&program)),
            program,
            store,
            under_way: Mutex::default(),
        })
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeMap<InstanceId, CancellationToken>> {
        // The map is never left half changed.
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn git(
        &self,
        world: &GitWorld,
        workspace: &Path,
        visit: &Visit,
    ) -> Result<FetchedProject, PortError> {
        let wanted = Wanted::new(world, self.program.config())?;
        let deadline = Instant::now() + self.program.config().download.timeout;
        let shown = |error: GitError| error.shown(&wanted, "", "");
        let resolved = tokio::select! {
            biased;
            () = visit.cancel.cancelled() => return Err(shown(GitError::Abandoned)),
            () = tokio::time::sleep_until(deadline.into()) => return Err(shown(GitError::TooSlow)),
            resolved = self.resolver.resolve(&wanted) => resolved?,
        };
        let project = workspace.join(&resolved.folder);
        match &self.store {
            Some(store) => {
                let key = Key::git(
                    &wanted.host.to_string(),
                    &wanted.owner,
                    &wanted.repository,
                    &resolved.commit,
                    &resolved.folder,
                );
                let build = self.build(&wanted, &resolved);
                let copied = store.project(&key, &project, visit, build);
                tokio::time::timeout_at(deadline.into(), copied)
                    .await
                    .map_err(|_| shown(GitError::TooSlow))??;
            }
            None => {
                let scratch = workspace.join(".git");
                let job = Job {
                    program: &self.program,
                    wanted: &wanted,
                    resolved: &resolved,
                };
                let tell = Arc::clone(&visit.progress);
                job.run(&project, &scratch, &visit.cancel, deadline, tell)
                    .await?;
            }
        }
        let world = format!("worlds/{}", wanted.world);
        let path = project.join(&world);
        let there = tokio::fs::symlink_metadata(path).await;
        if !there.is_ok_and(|data| data.is_file()) {
            return Err(no_world(&wanted, &resolved));
        }
        Ok(FetchedProject {
            folder: resolved.folder,
            world,
        })
    }

    /// What the cache does where it has not got the project.
    fn build(&self, wanted: &Wanted, resolved: &Resolved) -> Build {
        let (program, wanted, resolved) = (
            Arc::clone(&self.program),
            Arc::new(wanted.clone()),
            Arc::new(resolved.clone()),
        );
        Arc::new(move |building: Building| {
            let (program, wanted, resolved) = (
                Arc::clone(&program),
                Arc::clone(&wanted),
                Arc::clone(&resolved),
            );
            Box::pin(async move {
                let job = Job {
                    program: &program,
                    wanted: &wanted,
                    resolved: &resolved,
                };
                let deadline = Instant::now() + program.config().download.timeout;
                let tell = building.progress();
                let (project, scratch) = (&building.project, &building.scratch);
                job.run(project, scratch, building.cancel(), deadline, tell)
                    .await
            })
        })
    }
}

/// What is to be fetched, wherever to.
struct Job<'a> {
    program: &'a Program,
    wanted: &'a Wanted,
    resolved: &'a Resolved,
}

impl Job<'_> {
    async fn run(
        &self,
        project: &Path,
        scratch: &Path,
        cancel: &CancellationToken,
        deadline: Instant,
        tell: Arc<dyn Fn(u64) + Send + Sync>,
    ) -> Result<(), PortError> {
        let config = self.program.config();
        let watch = Watch {
            cancel: cancel.clone(),
            deadline,
            max_memory: config.max_memory,
        };
        let scales = Scales {
            repository: scratch.to_owned(),
            max_download: config.download.max_bytes,
            files: project.to_owned(),
            bounds: Bounds {
                files: config.download.max_files,
                bytes: config.download.max_unpacked_bytes,
            },
            tell,
        };
        let checkout = Checkout {
            program: self.program,
            wanted: self.wanted,
            resolved: self.resolved,
            project,
            scratch,
            watch: &watch,
            scales,
        };
        checkout.run().await.map_err(|error| {
            let (reference, folder) = (&self.resolved.reference, &self.resolved.folder);
            error.shown(self.wanted, reference, folder)
        })
    }
}

fn no_world(wanted: &Wanted, resolved: &Resolved) -> PortError {
    let (world, name) = (&wanted.world, wanted.name());
    let folder = match resolved.folder.as_str() {
        "" => String::new(),
        folder => format!(" of folder `{folder}`"),
    };
    PortError::bad_request(format!(
        "the world `{world}` does not exist in `worlds`{folder} in {name} at {}",
        resolved.reference
    ))
}

impl ProjectFetcher for GitFetcher {
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>> {
        let instance = request.instance;
        // Now, not when the future is first polled: `abandon` may come before that.
        let cancel = CancellationToken::new();
        self.under_way().insert(instance, cancel.clone());
        Box::pin(async move {
            let visit = Visit {
                cancel,
                progress: Arc::new(move |bytes| progress.fetched(instance, bytes, None)),
            };
            let fetched = match &request.source {
                Source::Url(start) => match &start.url {
                    StartUrl::Git(world) => self.git(world, &workspace.path, &visit).await,
                    StartUrl::File(_) => Err(not_git()),
                },
                Source::Website(_) => Err(not_git()),
            };
            self.under_way().remove(&instance);
            fetched
        })
    }

    fn cache(&self) -> CacheFigures {
        let store = self.store.as_ref();
        store.map_or_else(CacheFigures::default, |store| store.figures())
    }

    fn abandon(&self, instance: InstanceId) {
        if let Some(cancel) = self.under_way().get(&instance) {
            cancel.cancel();
        }
    }
}

fn not_git() -> PortError {
    PortError::bad_request("this is not a world in a git repository")
}
