//! Projects from a folder of this machine: `projectsDir`.

pub(super) mod copy;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::spawn_blocking;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source,
    Workspace,
};
use webots_cloud_core::protocol::client::ControllerFile;
use webots_cloud_core::protocol::start_url::StartUrl;

use copy::{CopyError, Copying};

/// What a [`LocalFetcher`] needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalFetcherConfig {
    /// The folder of projects. Nothing outside it is ever copied.
    pub projects_dir: PathBuf,
    /// Files and folders in one project, at most.
    pub max_files: u64,
    /// Bytes in one project, at most.
    pub max_bytes: u64,
}

impl LocalFetcherConfig {
    /// This folder, with 20 000 files and 2 GiB for a project.
    pub fn new(projects_dir: impl Into<PathBuf>) -> Self {
        Self {
            projects_dir: projects_dir.into(),
            max_files: 20_000,
            max_bytes: 2 << 30,
        }
    }
}

/// Copies projects from the folder `projects_dir`: `PROJECT/worlds/WORLD` for `init`, and for
/// `start` with a `file:` URL that leads into it. Links, devices and sockets are left out.
///
/// The project of a logged-in user is not asked for at the website: the copy is the sample project.
#[derive(Debug)]
pub struct LocalFetcher {
    config: LocalFetcherConfig,
    projects: PathBuf,
    abandoned: Mutex<BTreeMap<InstanceId, Arc<AtomicBool>>>,
}

/// What a request means on this machine.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Canonical, below the folder of projects.
    pub(super) project: PathBuf,
    /// What the client knows it by.
    pub(super) name: String,
    pub(super) world: String,
    /// The text for `host.txt`.
    host: Option<String>,
}

impl LocalFetcher {
    /// A fetcher for this folder.
    ///
    /// # Errors
    /// When the folder is not there.
    pub fn new(config: LocalFetcherConfig) -> io::Result<Self> {
        let projects = fs::canonicalize(&config.projects_dir)?;
        if !projects.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self {
            config,
            projects,
            abandoned: Mutex::default(),
        })
    }

    fn flag(&self, instance: InstanceId) -> Arc<AtomicBool> {
        let mut flags = self
            .abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flags.entry(instance).or_default())
    }

    fn forget(&self, instance: InstanceId) {
        self.abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&instance);
    }
}

/// Whether the text is a relative path that goes down only.
fn goes_down(text: &str) -> bool {
    let normal = |part| matches!(part, Component::Normal(_));
    !text.is_empty() && !text.contains(['\0', '\\']) && Path::new(text).components().all(normal)
}

/// Finds the project; blocks.
pub(super) fn find(projects: &Path, source: Source) -> Result<Wanted, PortError> {
    let (folder, name, world, host) = match source {
        Source::Website(init) => {
            if !goes_down(&init.project) {
                return Err(PortError::bad_request("not a project's name"));
            }
            (
                projects.join(&init.project),
                init.project,
                init.world,
                Some(init.host),
            )
        }
        Source::Url(start) => match start.url {
            StartUrl::File(file) => (
                PathBuf::from(file.project),
                "the project".to_owned(),
                file.world,
                None,
            ),
            StartUrl::Git(_) => {
                return Err(PortError::bad_request(
                    "this server fetches no git repositories",
                ));
            }
        },
    };
    if !goes_down(&world) {
        return Err(PortError::bad_request("not a world's name"));
    }
    // The same answer for what is not there and for what is not to be seen.
    let missing = || PortError::bad_request(format!("{name} does not exist on this server"));
    let project = fs::canonicalize(folder).map_err(|error| missing().because(error))?;
    if project == projects || !project.starts_with(projects) || !project.is_dir() {
        return Err(missing());
    }
    Ok(Wanted {
        project,
        name,
        world,
        host,
    })
}

impl Wanted {
    /// Blocks.
    fn fetch(self, workspace: &Path, mut copying: Copying) -> Result<FetchedProject, PortError> {
        let folder = "worlds";
        let is_there = |root: &Path| {
            let path = root.join(folder).join(&self.world);
            fs::symlink_metadata(path).is_ok_and(|data| data.is_file())
        };
        let (world, name) = (&self.world, &self.name);
        let missing = || PortError::bad_request(format!("{world} does not exist in {name}"));
        // Once before the work, and once for what was really copied.
        if !is_there(&self.project) {
            return Err(missing());
        }
        copying
            .tree(&self.project, workspace)
            .map_err(|error| shown(name, error))?;
        if !is_there(workspace) {
            return Err(missing());
        }
        if let Some(host) = &self.host {
            fs::write(workspace.join("host.txt"), host)
                .map_err(|error| shown(name, CopyError::Io(error)))?;
        }
        let world = format!("{folder}/{world}");
        Ok(FetchedProject {
            folder: String::new(),
            world,
        })
    }
}

pub(super) fn shown(name: &str, error: CopyError) -> PortError {
    match error {
        CopyError::Abandoned => PortError::retry("nobody waits for the project any more"),
        CopyError::TooLarge => PortError::bad_request(format!("{name} is too large")),
        CopyError::Io(error) => {
            PortError::retry(format!("{name} could not be copied")).because(error)
        }
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, PortError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| PortError::retry("the server is shutting down").because(error))?
}

impl ProjectFetcher for LocalFetcher {
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>> {
        // Now, not when the future is first polled: `abandon` may come before that.
        let flag = self.flag(request.instance);
        Box::pin(async move {
            let instance = request.instance;
            let projects = self.projects.clone();
            let copying = Copying::new(self.config.max_files, self.config.max_bytes)
                .abandoned_by(flag)
                .telling(move |bytes| progress.fetched(instance, bytes, None));
            let work = move || find(&projects, request.source)?.fetch(&workspace.path, copying);
            let fetched = blocking(work).await;
            self.forget(instance);
            fetched
        })
    }

    fn abandon(&self, instance: InstanceId) {
        let flags = self
            .abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(flag) = flags.get(&instance) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    fn restore(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        file: ControllerFile,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        let projects = self.projects.clone();
        let limit = self.config.max_bytes;
        Box::pin(blocking(move || {
            let one = |text: &str| goes_down(text) && !text.contains('/');
            if !one(&file.directory) || !one(&file.file) {
                return Err(PortError::bad_request("not a controller's file"));
            }
            let wanted = find(&projects, request.source)?;
            let folders = ["controllers", &file.directory];
            copy::one_file(
                &wanted.project,
                &workspace.path,
                &folders,
                &file.file,
                limit,
            )
            .map_err(|error| match error {
                CopyError::Io(error) => {
                    PortError::bad_request(format!("{file} cannot be reset")).because(error)
                }
                error @ (CopyError::TooLarge | CopyError::Abandoned) => {
                    shown(&file.to_string(), error)
                }
            })
        }))
    }
}
