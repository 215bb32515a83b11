//! What a [`ProjectFetcher`] promises.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Files, Time, check_error, together, within};
use crate::id::InstanceId;
use crate::ports::{
    BoxFuture, FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source,
    Workspace,
};
use crate::protocol::client::ControllerFile;

/// For one fetch of a small project.
const LIMIT: Duration = Duration::from_secs(60);

/// For a fetch that nobody waits for any more.
const SOON: Duration = Duration::from_secs(5);

/// What the suite of fetchers cannot know.
pub trait FetcherRig: Time + Files {
    /// A fresh, empty workspace, in a folder in which nobody else makes or removes anything.
    fn workspace(&self) -> Workspace;

    /// A small project that there is.
    fn known(&self) -> Source;

    /// Projects that there are not, and such as must not be given: with `..`, of another site, with
    /// a world that is missing. Each is refused.
    fn refused(&self) -> Vec<Source>;

    /// A file of the known project that can be put back; `None` if the fetcher puts none back.
    fn controller(&self) -> Option<ControllerFile>;

    /// A project that takes so long that it can be abandoned on the way; `None` if there is none, or
    /// if the fetcher is too quick to be abandoned.
    fn slow(&self) -> Option<Source>;
}

/// Tries a fetcher, under the names of instances from 1 up.
///
/// # Panics
/// With the promise that is broken.
pub async fn conforms(fetcher: &dyn ProjectFetcher, rig: &dyn FetcherRig) {
    let mut suite = Suite {
        fetcher,
        rig,
        last: 0,
    };
    suite.known().await;
    suite.refused().await;
    suite.restored().await;
    suite.abandoned().await;
    // Whatever happened before: it still works.
    suite.known().await;
}

struct Suite<'a> {
    fetcher: &'a dyn ProjectFetcher,
    rig: &'a dyn FetcherRig,
    last: u64,
}

/// Counts what is told under the name of another instance.
#[derive(Debug)]
struct Progress {
    instance: InstanceId,
    of_others: AtomicU64,
}

impl ProgressSink for Progress {
    fn fetched(&self, instance: InstanceId, _bytes: u64, _of: Option<u64>) {
        if instance != self.instance {
            self.of_others.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Suite<'_> {
    fn request(&mut self, source: Source) -> ProjectRequest {
        self.last += 1;
        ProjectRequest {
            instance: InstanceId(self.last),
            source,
        }
    }

    fn begin<'a>(
        &'a self,
        request: ProjectRequest,
        workspace: &Workspace,
    ) -> BoxFuture<'a, Result<FetchedProject, PortError>> {
        let progress = Arc::new(Progress {
            instance: request.instance,
            of_others: AtomicU64::new(0),
        });
        let fetch = self
            .fetcher
            .fetch(request, workspace.clone(), Arc::clone(&progress) as Arc<_>);
        Box::pin(async move {
            let result = fetch.await;
            assert_eq!(
                progress.of_others.load(Ordering::Relaxed),
                0,
                "progress is told under the name of the instance that it is for"
            );
            result
        })
    }

    /// What is there beside the workspaces, so that a fetch can be seen to leave it alone.
    fn beside_all(&self, workspaces: &[Workspace]) -> BTreeSet<PathBuf> {
        let around = workspaces.iter().filter_map(|it| it.path.parent());
        let mut all: BTreeSet<PathBuf> = around
            .flat_map(|folder| self.rig.below(folder).unwrap_or_default())
            .collect();
        all.retain(|path| !workspaces.iter().any(|it| path.starts_with(&it.path)));
        all
    }

    fn beside(&self, workspace: &Workspace) -> BTreeSet<PathBuf> {
        self.beside_all(std::slice::from_ref(workspace))
    }

    async fn known(&mut self) {
        let mut fetched = Vec::new();
        let requests = [self.rig.known(), self.rig.known()].map(|it| self.request(it));
        let workspaces = [self.rig.workspace(), self.rig.workspace()];
        let before = self.beside_all(&workspaces);
        // Twice at the same time: two clients of one project do not disturb each other.
        for (request, workspace) in requests.into_iter().zip(&workspaces) {
            fetched.push(self.begin(request, workspace));
        }
        let results = within(self.rig, LIMIT, together(fetched))
            .await
            .unwrap_or_else(|| panic!("a fetch ends by itself, but after {LIMIT:?} it had not"));
        for (result, workspace) in results.into_iter().zip(&workspaces) {
            let project = result
                .unwrap_or_else(|error| panic!("a project that there is is fetched, but: {error}"));
            self.check(&project, workspace);
        }
        let after = self.beside_all(&workspaces);
        assert_eq!(
            after, before,
            "a fetch writes nothing outside its workspace"
        );
    }

    fn check(&self, project: &FetchedProject, workspace: &Workspace) {
        for (what, path) in [("folder", &project.folder), ("world", &project.world)] {
            let path = Path::new(path);
            let goes_down = path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            assert!(
                goes_down,
                "the {what} of a fetched project is relative and goes down only, not {path:?}"
            );
        }
        let world = workspace.path.join(&project.folder).join(&project.world);
        assert!(
            self.rig.read(&world).is_some(),
            "the world exists where the fetcher says, but there is no {}",
            world.display()
        );
    }

    async fn refused(&mut self) {
        for source in self.rig.refused() {
            let shown = format!("{source:?}");
            let workspace = self.rig.workspace();
            let before = self.beside(&workspace);
            let request = self.request(source);
            let result = within(self.rig, LIMIT, self.begin(request, &workspace)).await;
            let path = workspace.path.to_string_lossy().into_owned();
            match result.unwrap_or_else(|| panic!("refusing takes no {LIMIT:?}: {shown}")) {
                Ok(project) => panic!("{shown} is refused, but it was fetched: {project:?}"),
                Err(error) => check_error(&error, &[&path]),
            }
            assert_eq!(
                self.beside(&workspace),
                before,
                "a fetch that fails writes nothing outside its workspace: {shown}"
            );
        }
    }

    async fn restored(&mut self) {
        let workspace = self.rig.workspace();
        let request = self.request(self.rig.known());
        let fetched = self.begin(request.clone(), &workspace).await;
        let fetched = fetched.expect("what was fetched once is fetched again");
        let controllers = workspace.path.join(&fetched.folder).join("controllers");
        let known = self.rig.controller();
        if let Some(file) = &known {
            let path = controllers.join(&file.directory).join(&file.file);
            let original = self.rig.read(&path).unwrap_or_else(|| {
                panic!("a fetched project has its controllers, but there is no {file}")
            });
            self.rig.write(&path, b"what a user wrote");
            let done = self
                .fetcher
                .restore(request.clone(), workspace.clone(), file.clone());
            let done = within(self.rig, LIMIT, done).await;
            if let Err(error) = done.expect("putting a file back ends by itself") {
                panic!("a controller's file is put back, but {file} was not: {error}");
            }
            assert_eq!(
                self.rig.read(&path),
                Some(original),
                "a restored file is as it was"
            );
        }
        let before = self.beside(&workspace);
        for (directory, file) in [
            ("no such controller", "no such file"),
            ("..", "world.wbt"),
            ("../..", "escaped"),
            ("", ""),
            ("/", "etc"),
        ] {
            let file = ControllerFile {
                directory: directory.to_owned(),
                file: file.to_owned(),
            };
            let restored = self
                .fetcher
                .restore(request.clone(), workspace.clone(), file.clone());
            match within(self.rig, LIMIT, restored).await {
                Some(Err(error)) => {
                    check_error(&error, &[&workspace.path.to_string_lossy()]);
                }
                Some(Ok(())) => panic!("{file} is no controller's file, but it was put back"),
                None => panic!("refusing to put {file} back takes no {LIMIT:?}"),
            }
        }
        assert_eq!(
            self.beside(&workspace),
            before,
            "putting files back writes nothing outside the workspace"
        );
    }

    async fn abandoned(&mut self) {
        // One that never was, and one that is over.
        self.fetcher.abandon(InstanceId(u64::MAX));
        self.fetcher.abandon(InstanceId(self.last));
        let Some(slow) = self.rig.slow() else { return };
        // Abandoned before the future was first polled, and on the way.
        for head_start in [None, Some(Duration::from_millis(20))] {
            let workspace = self.rig.workspace();
            let request = self.request(slow.clone());
            let instance = request.instance;
            let mut fetch = self.begin(request, &workspace);
            if let Some(head_start) = head_start {
                let early = within(self.rig, head_start, fetch.as_mut()).await;
                assert!(
                    early.is_none(),
                    "the slow project of the rig is not slow enough: {early:?}"
                );
            }
            self.fetcher.abandon(instance);
            match within(self.rig, SOON, fetch).await {
                Some(Err(error)) => check_error(&error, &[&workspace.path.to_string_lossy()]),
                Some(Ok(project)) => {
                    panic!("an abandoned fetch ends with an error, not with {project:?}")
                }
                None => panic!("an abandoned fetch ends within {SOON:?}"),
            }
        }
    }
}
