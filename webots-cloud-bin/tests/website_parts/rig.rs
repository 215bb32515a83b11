//! A fetcher with its folders.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::archive_parts::builder::{Entry, archive};
use tempfile::TempDir;
use webots_cloud::adapters::website_fetcher::{Resolver, WebsiteFetcher, WebsiteFetcherConfig};
use webots_cloud_core::config::Download;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source,
    Workspace,
};
use webots_cloud_core::protocol::client::{Init, User};
use webots_cloud_core::secret::Secret;

pub const ID: InstanceId = InstanceId(1);
pub const KEY: &str = "the+key of 100%";
pub const PASSWORD: &str = "correct&horse";

/// Knows these names and no others, and who was asked for.
#[derive(Debug, Default)]
pub struct Names {
    pub known: BTreeMap<&'static str, Vec<IpAddr>>,
    pub asked: Mutex<Vec<String>>,
}

impl Resolver for Names {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.lock().expect("no panic").push(name.to_owned());
        let known = self.known.get(name).cloned();
        Box::pin(async move { known.ok_or_else(|| io::ErrorKind::NotFound.into()) })
    }
}

#[derive(Debug, Default)]
pub struct Progress(pub Mutex<Vec<(u64, Option<u64>)>>);

impl ProgressSink for Progress {
    fn fetched(&self, instance: InstanceId, bytes: u64, of: Option<u64>) {
        assert_eq!(instance, ID);
        self.0.lock().expect("no panic").push((bytes, of));
    }
}

pub struct Rig {
    pub folder: TempDir,
    pub fetcher: WebsiteFetcher,
    pub progress: Arc<Progress>,
    pub names: Arc<Names>,
}

pub fn config(folder: &TempDir) -> WebsiteFetcherConfig {
    WebsiteFetcherConfig {
        projects_dir: folder.path().join("projects"),
        key_dir: folder.path().join("keys"),
        allow_private_hosts: vec!["127.0.0.1".to_owned(), "local.example".to_owned()],
        download: Download {
            max_bytes: 1 << 20,
            max_files: 100,
            max_unpacked_bytes: 2 << 20,
            timeout: Duration::from_secs(60),
        },
        trust: None,
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With the key of 127.0.0.1, and with one base project of 9 bytes.
    pub fn with(change: impl FnOnce(&mut WebsiteFetcherConfig)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let project = folder.path().join("projects/group/simple");
        fs::create_dir_all(project.join("worlds")).expect("made");
        fs::create_dir_all(project.join("controllers/drive")).expect("made");
        fs::write(project.join("worlds/simple.wbt"), "#VRML").expect("written");
        fs::write(project.join("controllers/drive/drive.py"), "base").expect("written");
        fs::create_dir(folder.path().join("workspace")).expect("made");
        fs::create_dir(folder.path().join("keys")).expect("made");
        fs::write(folder.path().join("secret"), "secret").expect("written");
        let mut config = config(&folder);
        change(&mut config);
        let v4 = |text: &str| text.parse().expect("an address");
        let names = Arc::new(Names {
            known: BTreeMap::from([
                ("local.example", vec![v4("127.0.0.1")]),
                ("localhost", vec![v4("127.0.0.1"), v4("::1")]),
                ("intranet.example", vec![v4("10.0.0.1")]),
                ("mixed.example", vec![v4("8.8.8.8"), v4("127.0.0.1")]),
                ("mapped.example", vec![v4("::ffff:8.8.8.8")]),
                ("metadata.example", vec![v4("169.254.169.254")]),
                ("six.example", vec![v4("fe80::1")]),
                ("nowhere.example", vec![]),
            ]),
            ..Names::default()
        });
        let fetcher = WebsiteFetcher::new(config).expect("a fetcher");
        let rig = Self {
            fetcher: fetcher.resolving_by(names.clone()),
            folder,
            progress: Arc::default(),
            names,
        };
        rig.key("127.0.0.1", KEY);
        rig
    }

    pub fn key(&self, host: &str, text: &str) {
        fs::write(self.folder.path().join("keys").join(host), text).expect("written");
    }

    pub fn workspace(&self) -> PathBuf {
        self.folder.path().join("workspace")
    }

    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.workspace().join(name)).ok()
    }

    pub async fn fetch(&self, init: Init) -> Result<FetchedProject, PortError> {
        let request = ProjectRequest {
            instance: ID,
            source: Source::Website(Box::new(init)),
        };
        let path = self.workspace();
        let fetch = (self.fetcher).fetch(request, Workspace { path }, self.progress.clone());
        let limit = tokio::time::timeout(Duration::from_secs(20), fetch);
        limit.await.expect("in time")
    }
}

/// What a logged-in user of this website asks for.
pub fn user(host: impl Into<String>) -> Init {
    Init {
        host: host.into(),
        project: "group/simple".to_owned(),
        world: "simple.wbt".to_owned(),
        user1: User {
            id: "7".to_owned(),
            name: "Zoë".to_owned(),
            authentication: Secret::new(PASSWORD),
        },
        user2: User {
            id: "8".to_owned(),
            name: "Max".to_owned(),
            authentication: Secret::default(),
        },
        custom_data: "a=b".to_owned(),
    }
}

/// The form that [`user`] makes of it.
pub const LOGGED_IN: &str = "project=group%2Fsimple&key=the%2Bkey+of+100%25&user1Id=7&\
    user1Name=Zo%C3%AB&user1Authentication=correct%26horse&user2Id=8&user2Name=Max&\
    customData=a%3Db";

pub fn users_project() -> Vec<u8> {
    archive(&[
        Entry::deflated("controllers/drive/drive.py", b"the user's"),
        Entry::deflated("worlds/own.wbt", b"#VRML own"),
    ])
}
