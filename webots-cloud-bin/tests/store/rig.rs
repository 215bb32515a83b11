//! A cache, and things to put into it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use webots_cloud::adapters::store::{Build, Building, Key, Store, StoreConfig, Visit};
use webots_cloud_core::ports::PortError;

pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    builds: Arc<AtomicUsize>,
    copies: AtomicUsize,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            builds: Arc::default(),
            copies: AtomicUsize::new(0),
        }
    }

    pub(crate) fn open(&self) -> Store {
        self.open_with(1 << 30)
    }

    pub(crate) fn open_with(&self, max_bytes: u64) -> Store {
        let config = StoreConfig {
            max_bytes,
            max_files: 100,
            max_project_bytes: 1 << 20,
            ..StoreConfig::new(self.cache())
        };
        Store::open(config).expect("opened")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn entries(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(self.cache().join("0/entries")).expect("there");
        all.map(|entry| entry.expect("read").path()).collect()
    }

    pub(crate) fn builds(&self) -> usize {
        self.builds.load(Ordering::SeqCst)
    }

    /// Makes a project with these bytes in it.
    pub(crate) fn build(&self, bytes: usize) -> Build {
        let builds = Arc::clone(&self.builds);
        Arc::new(move |building: Building| {
            builds.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                fs::create_dir(building.project.join("worlds")).expect("made");
                let file = building.project.join("worlds/x.wbt");
                fs::write(file, vec![7; bytes]).expect("written");
                fs::write(building.scratch.join("x"), "x").expect("written");
                building.progress()(bytes as u64);
                Ok(())
            })
        })
    }

    pub(crate) async fn get(
        &self,
        store: &Store,
        key: &str,
        build: Build,
    ) -> Result<PathBuf, PortError> {
        let number = self.copies.fetch_add(1, Ordering::SeqCst);
        let to = self.folder.path().join(format!("copy-{number}"));
        store.project(&name(key), &to, &visit(), build).await?;
        Ok(to)
    }

    /// Gets a project of 1000 bytes.
    pub(crate) async fn good(&self, store: &Store, key: &str) {
        let to = self.get(store, key, self.build(1000)).await.expect(key);
        let bytes = fs::read(to.join("worlds/x.wbt")).expect("there");
        assert_eq!(bytes, vec![7; 1000]);
    }
}

pub(crate) fn name(key: &str) -> Key {
    Key::new("test", &[key])
}

pub(crate) fn visit() -> Visit {
    Visit {
        cancel: CancellationToken::new(),
        progress: Arc::new(|_| {}),
    }
}

pub(crate) fn fails(text: &'static str) -> Build {
    Arc::new(move |building: Building| {
        Box::pin(async move {
            fs::write(building.project.join("part"), "part").expect("written");
            Err(PortError::bad_request(text))
        })
    })
}
