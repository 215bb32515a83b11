//! Repositories, a server for them, a fetcher.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use webots_cloud::adapters::git_fetcher::{GitFetcher, GitFetcherConfig};
use webots_cloud::adapters::store::{Store, StoreConfig};
use webots_cloud_core::config::Download;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source, Workspace,
};
use webots_cloud_core::protocol::client::{Start, ViewMode};
use webots_cloud_core::protocol::start_url::{GitWorld, StartUrl};

use crate::server::Server;

#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) seen: Mutex<Vec<u64>>,
}

impl ProgressSink for Progress {
    fn fetched(&self, _instance: InstanceId, bytes: u64, _of: Option<u64>) {
        self.seen.lock().expect("no panic").push(bytes);
    }
}

pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    pub(crate) server: Server,
    pub(crate) fetcher: Arc<GitFetcher>,
    pub(crate) progress: Arc<Progress>,
    next: AtomicU64,
}

impl Rig {
    pub(crate) async fn new() -> Option<Self> {
        Self::with(false, |_| {}).await
    }

    pub(crate) async fn cached() -> Option<Self> {
        Self::with(true, |_| {}).await
    }

    /// With the repository `o/r`, see [`standard`].
    pub(crate) async fn with(
        cached: bool,
        change: impl FnOnce(&mut GitFetcherConfig),
    ) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(&folder.path().join("bare")).await?;
        standard(folder.path());
        let mut config = config(&server);
        change(&mut config);
        let store = cached.then(|| open_store(folder.path(), 1 << 30));
        let fetcher = Arc::new(GitFetcher::new(config, store).expect("git is there"));
        Some(Self {
            folder,
            server,
            fetcher,
            progress: Arc::default(),
            next: AtomicU64::new(1),
        })
    }

    /// A fresh workspace.
    pub(crate) fn workspace(&self) -> (InstanceId, PathBuf) {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let path = self.folder.path().join(format!("workspaces/{number}"));
        fs::create_dir_all(&path).expect("made");
        (InstanceId(number), path)
    }

    /// Fetches `https://github.com/…` into a fresh workspace.
    pub(crate) async fn fetch(&self, path: &str) -> Result<(FetchedProject, PathBuf), PortError> {
        let (instance, workspace) = self.workspace();
        let fetched = self.fetch_as(instance, &workspace, world(path)).await?;
        Ok((fetched, workspace))
    }

    pub(crate) async fn fetch_as(
        &self,
        instance: InstanceId,
        workspace: &Path,
        world: GitWorld,
    ) -> Result<FetchedProject, PortError> {
        let request = request(instance, world);
        let path = workspace.to_owned();
        let workspace = Workspace { path };
        let work = self
            .fetcher
            .fetch(request, workspace, self.progress.clone());
        let limit = Duration::from_secs(60);
        tokio::time::timeout(limit, work).await.expect("in time")
    }

    /// The message of a fetch that must fail.
    pub(crate) async fn refusal(&self, path: &str) -> String {
        let error = self.fetch(path).await.expect_err(path);
        println!("{error:?}");
        error.message().to_owned()
    }
}

pub(crate) fn open_store(folder: &Path, max_bytes: u64) -> Arc<Store> {
    let config = StoreConfig {
        max_bytes,
        ..StoreConfig::new(folder.join("workspaces/.cache"))
    };
    Arc::new(Store::open(config).expect("opened"))
}

/// `https://github.com/` goes to this server, and nothing of the environment but the path.
pub(crate) fn config(server: &Server) -> GitFetcherConfig {
    let mut config = GitFetcherConfig::new(Download {
        max_bytes: 64 << 20,
        max_files: 1000,
        max_unpacked_bytes: 64 << 20,
        timeout: Duration::from_secs(30),
    });
    config.hosts = BTreeMap::from([("github.com".to_owned(), server.base.clone())]);
    config.protocols = vec!["http".to_owned()];
    config.environment.retain(|name, _| name == "PATH");
    config.reuse = Duration::ZERO;
    config
}

pub(crate) fn world(path: &str) -> GitWorld {
    let url = if path.contains("://") {
        path.to_owned()
    } else {
        format!("https://github.com/{path}")
    };
    match url.parse().expect("a world's URL") {
        StartUrl::Git(world) => world,
        StartUrl::File(_) => panic!("not a git world"),
    }
}

pub(crate) fn request(instance: InstanceId, world: GitWorld) -> ProjectRequest {
    ProjectRequest {
        instance,
        source: Source::Url(Start {
            url: StartUrl::Git(world),
            mode: ViewMode::Scene,
        }),
    }
}

/// Runs git in a folder, without anybody's configuration.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let said = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@localhost"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(folder)
        .output()
        .expect("git is there");
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{arguments:?}: {errors}");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// Runs git with something to read.
pub(crate) fn pipe(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@localhost"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git is there");
    let mut to = child.stdin.take().expect("piped");
    to.write_all(input.as_bytes()).expect("written");
    drop(to);
    let said = child.wait_with_output().expect("ended");
    assert!(said.status.success());
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

pub(crate) fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
}

/// A repository to be filled and committed.
pub(crate) fn repository(folder: &Path, name: &str) -> PathBuf {
    let work = folder.join("work").join(name);
    fs::create_dir_all(&work).expect("made");
    git(&work, &["init", "--quiet"]);
    work
}

pub(crate) fn commit(work: &Path) -> String {
    git(work, &["add", "--all", "--force"]);
    git(work, &["commit", "--quiet", "--allow-empty", "-m", "x"]);
    git(work, &["rev-parse", "HEAD"])
}

/// Puts it where the server finds it.
pub(crate) fn publish(folder: &Path, name: &str) {
    let bare = folder.join(format!("bare/{name}.git"));
    let _ = fs::remove_dir_all(&bare);
    fs::create_dir_all(bare.parent().expect("the owner")).expect("made");
    let work = folder.join("work").join(name);
    let to = bare.to_str().expect("UTF-8");
    git(
        &work,
        &["clone", "--quiet", "--bare", "--no-local", ".", to],
    );
    git(&bare, &["config", "uploadpack.allowFilter", "true"]);
}

/// `o/r`: a project at the root and one in `projects/arm`; `main` is a commit ahead of `v1`, a tag
/// with a text; `feature/a/b` and `light`, a tag without, have worlds of their own.
pub(crate) fn standard(folder: &Path) {
    let work = repository(folder, "o/r");
    write(
        &work,
        &[
            ("worlds/root.wbt", "root 1"),
            ("controllers/c/c.py", "print()"),
            ("projects/arm/worlds/arm.wbt", "arm"),
            ("projects/arm/protos/P.proto", "proto"),
            ("projects/other/worlds/other.wbt", "other"),
            ("no worlds/readme", "text"),
        ],
    );
    commit(&work);
    git(&work, &["tag", "-a", "v1", "-m", "first"]);
    git(&work, &["checkout", "--quiet", "-b", "feature/a/b"]);
    write(&work, &[("worlds/branch.wbt", "branch")]);
    commit(&work);
    git(&work, &["tag", "light"]);
    git(&work, &["checkout", "--quiet", "main"]);
    write(&work, &[("worlds/root.wbt", "root 2")]);
    commit(&work);
    publish(folder, "o/r");
}
