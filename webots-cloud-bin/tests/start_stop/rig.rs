//! A folder with `config/`, in which servers are started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::common;
use super::common::simulation::{folder_with_projects, free_ports};
use super::common::{WEBOTS_CLOUD, text};

/// For what is not measured, on a machine that is busy with something else.
pub const SOON: Duration = Duration::from_secs(60);

/// A folder with `config/`, in which servers are started; what is left of them is ended by its pid.
pub struct Site {
    pub folder: TempDir,
    pub port: u16,
}

impl Site {
    pub fn empty() -> Self {
        let folder = folder_with_projects();
        let port = free_ports(4);
        Self { folder, port }
    }

    /// With a simulation server of two slots, and a session server for it, named `local`.
    pub fn new() -> Self {
        let site = Self::empty();
        site.simulation("local", json!({}));
        let address = format!("localhost:{}", site.port);
        site.session("local", json!({"simulationServers": [address]}));
        site
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn simulation(&self, name: &str, different: Value) {
        let mut config = json!({
            "port": self.port,
            "maxConnections": 2,
            "webots": [WEBOTS_CLOUD, "standin"],
            "webotsVersion": "R2025a",
            "sandbox": "none",
            "projectsDir": self.path("projects"),
            "instancesDir": self.path("instances"),
        });
        common::simulation::merge(&mut config, different);
        self.config("simulation", name, &config.to_string());
    }

    pub fn session(&self, name: &str, different: Value) {
        let mut config = json!({"port": 0, "loadTimeout": 1, "debug": true});
        common::simulation::merge(&mut config, different);
        self.config("session", name, &config.to_string());
    }

    pub fn config(&self, server: &str, name: &str, content: &str) {
        let folder = self.path("config").join(server);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.json")), content).unwrap();
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        let command = tokio::process::Command::new(WEBOTS_CLOUD)
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("WEBOTS_HOME")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(SOON, command).await;
        output.expect("it does not stay").unwrap()
    }

    /// Runs it, and gives the lines of standard output.
    pub async fn done(&self, arguments: &[&str]) -> Vec<String> {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        lines(&output.stdout)
    }

    /// Runs it, and gives the exit code and what standard error has.
    pub async fn failed(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments).await;
        (output.status.code().unwrap(), text(&output.stderr))
    }

    pub fn pid_file(&self, server: &str) -> PathBuf {
        self.path(&format!("log/{server}-local.pid"))
    }

    /// The pid in a pid file, if there is one.
    pub fn pid(&self, server: &str) -> Option<i32> {
        pid_in(&self.pid_file(server))
    }

    pub fn pid_files(&self) -> Vec<String> {
        let mut names = common::listing(&self.path("log"));
        names.retain(|name| name.ends_with(".pid"));
        names
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let log = self.path("log");
        let pids = self.pid_files();
        let pids = pids.iter().filter_map(|file| pid_in(&log.join(file)));
        for pid in pids.filter(|pid| is_server(*pid)) {
            let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
        }
        if std::thread::panicking() {
            for name in common::listing(&log) {
                let content = fs::read_to_string(log.join(&name)).unwrap_or_default();
                eprintln!("--- {name}\n{content}");
            }
        }
    }
}

pub fn pid_in(file: &Path) -> Option<i32> {
    let content = fs::read_to_string(file).ok()?;
    content.lines().next()?.strip_prefix("pid ")?.parse().ok()
}

pub fn lines(bytes: &[u8]) -> Vec<String> {
    text(bytes).lines().map(str::to_owned).collect()
}

/// What `/proc/PID/stat` has after the name: state, parent, group, session …
pub fn stat(pid: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

/// Whether it runs; one that ended and that nobody waited for does not.
pub fn runs(pid: i32) -> bool {
    stat(pid).is_some_and(|fields| fields[0] != "Z")
}

/// Whether one of our servers has this pid.
pub fn is_server(pid: i32) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe"));
    program.is_ok_and(|it| it.to_string_lossy().contains("webots-") && runs(pid))
}

pub fn started(line: &str, server: &str) -> (i32, u16) {
    let rest = line
        .strip_prefix(&format!("Started {server} ("))
        .expect(line);
    let (pid, port) = rest.split_once(") on port ").expect(line);
    (pid.parse().unwrap(), port.parse().unwrap())
}

/// Something else that runs.
pub struct Stranger(pub Child);

impl Stranger {
    pub fn new() -> Self {
        let child = Command::new("cat").stdin(Stdio::piped()).spawn();
        Self(child.expect("cat"))
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
