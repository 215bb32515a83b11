//! A simulation server with the stand-in for Webots, its clients, and what is left of them.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use webots_cloud::adapters::process::processes_of;

pub use super::client::{Client, READY};
use super::{SIMULATION_SERVER, SOON, Server, WEBOTS_CLOUD, listing, until, until_so};

/// What the contract allows from the end of the client to the end of its instance.
pub const ALL_GONE: Duration = Duration::from_secs(6);

#[derive(Debug)]
pub struct Simulation {
    pub server: Server,
    pub folder: TempDir,
}

/// Writes `different` over `config`, key by key.
pub fn merge(config: &mut Value, different: Value) {
    if let (Value::Object(config), Value::Object(different)) = (config, different) {
        config.extend(different);
    }
}

/// A folder with a copy of the sample projects.
pub fn folder_with_projects() -> TempDir {
    let folder = super::folder();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/projects");
    copy(&samples, &folder.path().join("projects"));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("there");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// A configuration file, with what a test wants differently.
pub fn config(folder: &Path, different: Value) -> PathBuf {
    let mut config = json!({
        "webots": [WEBOTS_CLOUD, "standin"],
        "webotsVersion": "R2021b",
        "sandbox": "none",
        "maxConnections": 4,
        "projectsDir": folder.join("projects"),
        "instancesDir": folder.join("instances"),
        "logDir": folder,
    });
    merge(&mut config, different);
    let file = folder.join("simulation.json");
    fs::write(&file, config.to_string()).expect("written");
    file
}

/// The first of `count` free ports in a row, below those that the system gives out by itself; other
/// tests that run at the same time get others.
pub fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = |port: u16| TcpListener::bind(("::", port)).is_ok();
    for _ in 0..200 {
        let try_at = std::process::id() * 7 + NEXT.fetch_add(1, Ordering::Relaxed) * 101;
        let first = 10_000 + u16::try_from(try_at * 32 % 20_000).expect("small");
        if (first..first + count).all(free) {
            return first;
        }
    }
    panic!("no free ports");
}

impl Simulation {
    pub async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// With something different in the configuration.
    pub async fn with(different: Value) -> Self {
        Self::in_folder(folder_with_projects(), different).await
    }

    /// With faults of the stand-in in the project `simple`.
    pub async fn with_fault(fault: &str, different: Value) -> Self {
        let folder = folder_with_projects();
        set_fault(folder.path(), fault);
        Self::in_folder(folder, different).await
    }

    pub async fn in_folder(folder: TempDir, different: Value) -> Self {
        let file = config(folder.path(), different);
        let server = start_server(&file).await;
        Self { server, folder }
    }

    /// With everything logged that is logged at this level.
    pub async fn logging(level: &str, different: Value) -> Self {
        let folder = folder_with_projects();
        let file = config(folder.path(), different);
        let server = start_server_with(&file, &["--log-level", level]).await;
        Self { server, folder }
    }

    pub fn projects(&self) -> PathBuf {
        self.folder.path().join("projects")
    }

    pub fn instances(&self) -> PathBuf {
        self.folder.path().join("instances")
    }

    /// The URL of a sample world, for `start`.
    pub fn url_of(&self, project: &str) -> String {
        let projects = self.projects();
        format!(
            "file://{}/{project}/worlds/{project}.wbt",
            projects.display()
        )
    }

    pub async fn connect(&self) -> Client {
        Client::connect(&self.server).await
    }

    /// A client whose simulation `simple` runs.
    pub async fn running(&self) -> Client {
        let mut client = self.connect().await;
        client.init("simple").await;
        client.webots().await;
        client
    }

    /// The workspaces, without the marks of their owners.
    pub fn workspaces(&self) -> Vec<String> {
        workspaces(&self.instances())
    }

    /// The only workspace.
    pub fn workspace(&self) -> PathBuf {
        let names = self.workspaces();
        assert_eq!(names.len(), 1, "{names:?}");
        self.instances().join(&names[0])
    }

    /// How many seconds of figures the page's graphs have.
    pub async fn rows(&self) -> usize {
        let update = self.server.text("/monitor.json").await;
        let update: Value = serde_json::from_str(&update).expect("JSON");
        update["rows"].as_array().expect("rows").len()
    }

    pub async fn load(&self) -> f64 {
        self.server.text("/load").await.parse().expect("a number")
    }

    /// Waits until nothing is left of these workspaces, and every slot is free.
    pub async fn all_gone(&self, names: &[String]) {
        gone(&self.instances(), names).await;
        self.all_slots_free().await;
    }

    /// Waits until every slot is free and there is no workspace.
    pub async fn nothing_left(&self) {
        self.all_slots_free().await;
        let instances = self.instances();
        until_so("an empty folder of instances", ALL_GONE, || {
            listing(&instances).is_empty()
        })
        .await;
    }

    pub async fn all_slots_free(&self) {
        let metrics = self.server.text("/metrics").await;
        self.slots_free(super::metric(&metrics, "webots_cloud_slots") as u32)
            .await;
    }

    /// Waits until so many slots are free.
    pub async fn slots_free(&self, count: u32) {
        let server = &self.server;
        super::until_answered("free slots", SOON, || async {
            let metrics = server.text("/metrics").await;
            super::metric(&metrics, "webots_cloud_slots_free") == f64::from(count)
        })
        .await;
    }
}

/// Starts a server on ports that are free.
pub async fn start_server(file: &Path) -> Server {
    start_server_with(file, &[]).await
}

/// The same with more arguments.
pub async fn start_server_with(file: &Path, more: &[&str]) -> Server {
    let text = fs::read_to_string(file).expect("there");
    let config: Value = serde_json::from_str(&text).expect("JSON");
    let slots = config["maxConnections"].as_u64().expect("a number");
    let port = free_ports(u16::try_from(slots).expect("small") + 1).to_string();
    let file = file.to_str().expect("UTF-8");
    let arguments = [&[file, "--port", &port], more].concat();
    Server::start(SIMULATION_SERVER, &arguments).await
}

pub fn set_fault(folder: &Path, fault: &str) {
    fs::write(folder.join("projects/simple/standin-fault"), fault).expect("written");
}

pub fn workspaces(instances: &Path) -> Vec<String> {
    let mut names = listing(instances);
    names.retain(|name| !name.starts_with('.'));
    names
}

/// Waits until nothing is left of these workspaces: no process, no folder, no mark.
pub async fn gone(instances: &Path, names: &[String]) {
    until_so("processes to end", ALL_GONE, || {
        names.iter().all(|name| processes_of(name).is_empty())
    })
    .await;
    until_so("workspaces to go", ALL_GONE, || {
        !listing(instances)
            .iter()
            .any(|file| names.iter().any(|name| file.contains(name.as_str())))
    })
    .await;
}

/// Waits until the instance in this workspace runs, and gives its processes.
pub async fn processes(workspace: &str) -> Vec<i32> {
    until("processes", SOON, || {
        Some(processes_of(workspace)).filter(|pids| !pids.is_empty())
    })
    .await
}
