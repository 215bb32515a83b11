//! Projects from a folder.
#![cfg(unix)]
#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use tempfile::TempDir;
use webots_cloud::adapters::local_fetcher::{LocalFetcher, LocalFetcherConfig};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    ErrorKind, FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source,
    Workspace,
};
use webots_cloud_core::protocol::client::{ControllerFile, Init, Start, ViewMode};
use webots_cloud_core::protocol::start_url::{FileWorld, StartUrl};

const ID: InstanceId = InstanceId(1);

#[derive(Debug, Default)]
struct Progress {
    seen: Mutex<Vec<u64>>,
    abandon: OnceLock<Arc<LocalFetcher>>,
}

impl ProgressSink for Progress {
    fn fetched(&self, instance: InstanceId, bytes: u64, _of: Option<u64>) {
        self.seen.lock().expect("no panic").push(bytes);
        if let Some(fetcher) = self.abandon.get() {
            fetcher.abandon(instance);
        }
    }
}

struct Rig {
    folder: TempDir,
    fetcher: Arc<LocalFetcher>,
    progress: Arc<Progress>,
}

impl Rig {
    fn new(limit: impl FnOnce(&mut LocalFetcherConfig)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let project = folder.path().join("projects/group/simple");
        fs::create_dir_all(project.join("worlds")).expect("made");
        fs::create_dir_all(project.join("controllers/drive")).expect("made");
        fs::write(project.join("worlds/simple.wbt"), "#VRML").expect("written");
        fs::write(project.join("controllers/drive/drive.py"), "original").expect("written");
        fs::write(project.join("controllers/drive/data.txt"), "data").expect("written");
        fs::write(project.join("run.sh"), "#!/bin/sh").expect("written");
        let mode = fs::Permissions::from_mode(0o555);
        fs::set_permissions(project.join("run.sh"), mode).expect("changed");
        fs::write(folder.path().join("secret"), "secret").expect("written");
        symlink(folder.path().join("secret"), project.join("link")).expect("linked");
        symlink(folder.path(), folder.path().join("projects/out")).expect("linked");
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            project.join("pipe"),
            rustix::fs::Mode::RWXU,
        )
        .expect("made");
        fs::create_dir(folder.path().join("workspace")).expect("made");
        let mut config = LocalFetcherConfig::new(folder.path().join("projects"));
        limit(&mut config);
        let fetcher = Arc::new(LocalFetcher::new(config).expect("a fetcher"));
        Self {
            folder,
            fetcher,
            progress: Arc::default(),
        }
    }

    fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    async fn fetch(&self, source: Source) -> Result<FetchedProject, PortError> {
        let request = ProjectRequest {
            instance: ID,
            source,
        };
        let workspace = Workspace {
            path: self.workspace(),
        };
        self.fetcher
            .fetch(request, workspace, self.progress.clone())
            .await
    }

    async fn restore(&self, file: &str) -> Result<(), PortError> {
        let source = website("group/simple", "simple.wbt");
        let request = ProjectRequest {
            instance: ID,
            source,
        };
        let workspace = Workspace {
            path: self.workspace(),
        };
        let file = ControllerFile {
            directory: "drive".to_owned(),
            file: file.to_owned(),
        };
        self.fetcher.restore(request, workspace, file).await
    }
}

fn website(project: &str, world: &str) -> Source {
    let (host, project, world) = (
        "https://host.org".to_owned(),
        project.to_owned(),
        world.to_owned(),
    );
    Source::Website(Box::new(Init {
        host,
        project,
        world,
        ..Init::default()
    }))
}

fn file(project: PathBuf) -> Source {
    let project = project.into_os_string().into_string().expect("UTF-8");
    let url = StartUrl::File(FileWorld {
        project,
        world: "simple.wbt".to_owned(),
    });
    Source::Url(Start {
        url,
        mode: ViewMode::Scene,
    })
}

#[tokio::test]
async fn a_project_is_copied_without_its_links() {
    let rig = Rig::new(|_| {});
    let fetched = rig
        .fetch(website("group/simple", "simple.wbt"))
        .await
        .expect("fetched");
    assert_eq!(
        (fetched.folder.as_str(), fetched.world.as_str()),
        ("", "worlds/simple.wbt")
    );
    let mut names: Vec<_> = fs::read_dir(rig.workspace())
        .expect("there")
        .map(|entry| {
            entry
                .expect("read")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    assert_eq!(names, ["controllers", "host.txt", "run.sh", "worlds"]);
    let read = |name: &str| fs::read_to_string(rig.workspace().join(name)).expect("there");
    assert_eq!(read("host.txt"), "https://host.org");
    assert_eq!(read("controllers/drive/data.txt"), "data");
    let mode = |name: &str| {
        let data = fs::metadata(rig.workspace().join(name)).expect("there");
        data.permissions().mode() & 0o7777
    };
    assert_eq!(mode("run.sh"), 0o755);
    assert_eq!(mode("controllers/drive/drive.py"), 0o775);
    assert_eq!(mode("controllers/drive/data.txt"), 0o644);
    assert_eq!(
        rig.progress.seen.lock().expect("no panic").last(),
        Some(&26)
    );
}

#[tokio::test]
async fn nothing_leads_out_of_the_folder_and_no_path_is_told() {
    let rig = Rig::new(|_| {});
    let outside = rig.folder.path().join("workspace");
    for source in [
        website("../workspace", "simple.wbt"),
        website("/etc", "simple.wbt"),
        website("out", "simple.wbt"),
        website("out/workspace", "simple.wbt"),
        website("", "simple.wbt"),
        website("nothing", "simple.wbt"),
        website("group/simple", "../run.sh"),
        website("group/simple", "none.wbt"),
        file(outside),
        file(rig.folder.path().join("projects")),
    ] {
        let error = rig.fetch(source.clone()).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{source:?}");
        let path = rig.folder.path().to_str().expect("UTF-8");
        assert!(!error.to_string().contains(path), "{error}");
    }
    let error = rig
        .fetch(website("group/simple", "none.wbt"))
        .await
        .expect_err("refused");
    assert_eq!(error.to_string(), "none.wbt does not exist in group/simple");
    assert_eq!(fs::read_dir(rig.workspace()).expect("there").count(), 0);
    rig.fetch(file(rig.folder.path().join("projects/group/simple")))
        .await
        .expect("inside");
    assert!(!rig.workspace().join("host.txt").exists());
}

#[tokio::test]
async fn bounds_and_leaving_end_the_copy() {
    let rig = Rig::new(|config| config.max_files = 3);
    let error = rig
        .fetch(website("group/simple", "simple.wbt"))
        .await
        .expect_err("many");
    assert_eq!(error.to_string(), "group/simple is too large");
    let rig = Rig::new(|config| config.max_bytes = 10);
    let error = rig
        .fetch(website("group/simple", "simple.wbt"))
        .await
        .expect_err("large");
    assert_eq!(error.to_string(), "group/simple is too large");
    let rig = Rig::new(|_| {});
    let big = rig.folder.path().join("projects/group/simple/big");
    fs::write(big, vec![0; 8 << 20]).expect("written");
    rig.progress
        .abandon
        .set(Arc::clone(&rig.fetcher))
        .expect("once");
    let error = rig
        .fetch(website("group/simple", "simple.wbt"))
        .await
        .expect_err("left");
    assert_eq!(error.kind(), ErrorKind::Retry);
}

#[tokio::test]
async fn a_controller_is_restored_but_not_through_links() {
    let rig = Rig::new(|_| {});
    rig.fetch(website("group/simple", "simple.wbt"))
        .await
        .expect("fetched");
    let own = rig.workspace().join("controllers/drive/drive.py");
    fs::write(&own, "changed").expect("written");
    rig.restore("drive.py").await.expect("restored");
    assert_eq!(fs::read_to_string(&own).expect("there"), "original");
    let secret = rig.folder.path().join("secret");
    fs::remove_file(&own).expect("removed");
    symlink(&secret, &own).expect("linked");
    assert_eq!(
        rig.restore("drive.py").await.expect_err("a link").kind(),
        ErrorKind::BadRequest
    );
    let controllers = rig.workspace().join("controllers");
    fs::rename(&controllers, rig.workspace().join("moved")).expect("moved");
    symlink(rig.workspace().join("moved"), &controllers).expect("linked");
    assert!(rig.restore("data.txt").await.is_err());
    for wrong in ["../x", "a/b", "", "none.py"] {
        assert!(rig.restore(wrong).await.is_err(), "{wrong}");
    }
    assert_eq!(fs::read_to_string(secret).expect("there"), "secret");
}
