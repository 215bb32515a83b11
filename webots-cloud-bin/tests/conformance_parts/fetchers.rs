use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use webots_cloud::adapters::local_fetcher::{LocalFetcher, LocalFetcherConfig};
use webots_cloud_core::ports::{Source, Workspace};
use webots_cloud_core::protocol::client::{ControllerFile, Init, Start, ViewMode};
use webots_cloud_core::protocol::start_url::{FileWorld, GitWorld, StartUrl};
use webots_cloud_core::testing::conformance::Files as _;
use webots_cloud_core::testing::conformance::project_fetcher::{self, FetcherRig};

use super::surroundings::is_real;

/// A folder with two projects, and one with workspaces.
#[derive(Debug)]
struct Rig {
    folder: TempDir,
    next: AtomicU64,
}

is_real!(Rig);

/// So many files that no disk copies them before it is abandoned.
const MANY: usize = 4000;

impl Rig {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let rig = Self {
            folder,
            next: AtomicU64::new(0),
        };
        for project in ["simple", "slow"] {
            let project = rig.projects().join(project);
            rig.write(&project.join("worlds/simple.wbt"), b"#VRML");
            rig.write(&project.join("controllers/drive/drive.py"), b"original");
        }
        let many = rig.projects().join("slow/many");
        fs::create_dir(&many).expect("made");
        for number in 0..MANY {
            fs::write(many.join(number.to_string()), [0; 4096]).expect("written");
        }
        rig
    }

    fn projects(&self) -> PathBuf {
        self.folder.path().join("projects")
    }

    fn file(&self, project: &str, world: &str) -> Source {
        let project = self.projects().join(project);
        Source::Url(Start {
            url: StartUrl::File(FileWorld {
                project: project.to_str().expect("UTF-8").to_owned(),
                world: world.to_owned(),
            }),
            mode: ViewMode::Scene,
        })
    }
}

fn website(project: &str, world: &str) -> Source {
    Source::Website(Box::new(Init {
        host: "https://example.org".to_owned(),
        project: project.to_owned(),
        world: world.to_owned(),
        ..Init::default()
    }))
}

impl FetcherRig for Rig {
    fn workspace(&self) -> Workspace {
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let path = self.folder.path().join("workspaces").join(number);
        fs::create_dir_all(&path).expect("made");
        Workspace { path }
    }

    fn known(&self) -> Source {
        website("simple", "simple.wbt")
    }

    fn refused(&self) -> Vec<Source> {
        let git = GitWorld {
            url: "https://github.com/a/b/blob/main/worlds/c.wbt".to_owned(),
            host: "github.com".to_owned(),
            owner: "a".to_owned(),
            repository: "b".to_owned(),
            ref_and_folder: vec!["main".to_owned()],
            world: "c.wbt".to_owned(),
        };
        vec![
            website("missing", "simple.wbt"),
            website("simple", "missing.wbt"),
            website("", "simple.wbt"),
            website(".", "simple.wbt"),
            website("../projects/simple", "simple.wbt"),
            website("/etc", "passwd"),
            website("simple", "../worlds/simple.wbt"),
            website("simple\0", "simple.wbt"),
            website("simple", ""),
            self.file("..", "simple.wbt"),
            self.file("simple/../../../etc", "passwd"),
            Source::Url(Start {
                url: StartUrl::Git(git),
                mode: ViewMode::Scene,
            }),
        ]
    }

    fn controller(&self) -> Option<ControllerFile> {
        Some(ControllerFile {
            directory: "drive".to_owned(),
            file: "drive.py".to_owned(),
        })
    }

    fn slow(&self) -> Option<Source> {
        Some(self.file("slow", "simple.wbt"))
    }
}

#[tokio::test]
async fn local_fetcher() {
    let rig = Rig::new();
    let fetcher = LocalFetcher::new(LocalFetcherConfig::new(rig.projects())).expect("a fetcher");
    project_fetcher::conforms(&fetcher, &rig).await;
}
