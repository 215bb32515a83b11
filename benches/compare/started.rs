//! Servers that this program starts, and ends by their pids.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Outcome;
use crate::sessions::PROJECT;
use crate::target::Target;

/// More than the most lanes: the ending ones have theirs still.
const SLOTS: u16 = 80;
/// A world without a robot: controllers are programs of their own, and cost what they cost.
const WORLD: &str = "#VRML_SIM R2021b utf8\nWorldInfo {\n}\nViewpoint {\n}\n";
const END: Duration = Duration::from_secs(20);

/// A server's process: asked to end, and waited for, when it is dropped.
#[derive(Debug)]
pub(crate) struct Started {
    child: Child,
    pub(crate) target: Target,
    /// Gone with it.
    folders: Vec<TempDir>,
}

impl Started {
    /// This program again, as one of its servers, with this configuration.
    fn own(name: &str, role: &str, config: impl FnOnce(&Path) -> Value) -> Outcome<Self> {
        let folder = TempDir::new()?;
        let config = config(folder.path());
        let file = folder.path().join("config.json");
        fs::write(&file, config.to_string())?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg(role)
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let port = line
            .split_once("on port ")
            .and_then(|(_, rest)| rest.split(' ').next());
        let port: u16 = port
            .ok_or_else(|| format!("{role} did not start"))?
            .parse()?;
        Ok(Self::at(name, port, child, folder))
    }

    fn at(name: &str, port: u16, child: Child, folder: TempDir) -> Self {
        let target = Target {
            name: name.to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            pid: Some(child.id()),
        };
        Self {
            child,
            target,
            folders: vec![folder],
        }
    }

    pub(crate) fn bare() -> Outcome<Self> {
        Self::own("bare", "serve-bare", |_| json!({}))
    }

    /// This project's session server, of a simulation server at this address.
    pub(crate) fn session(load: SocketAddr) -> Outcome<Self> {
        Self::own("ours", "serve-session", |folder| {
            json!({
                "port": 0,
                "simulationServers": [load.to_string()],
                "loadRefresh": 1,
                "logDir": folder,
            })
        })
    }

    /// This project's simulation server, without a sandbox: that costs what it costs, and the others
    /// have none.
    pub(crate) fn simulation() -> Outcome<Self> {
        let (program, projects) = (std::env::current_exe()?, TempDir::new()?);
        let worlds = projects.path().join(PROJECT).join("worlds");
        fs::create_dir_all(&worlds)?;
        fs::write(worlds.join(format!("{PROJECT}.wbt")), WORLD)?;
        let port = free_ports(SLOTS + 1)?;
        let mut started = Self::own("ours", "serve-simulation", |folder| {
            json!({
                "port": port,
                "webots": [program, "standin"],
                "webotsVersion": "R2021b",
                "sandbox": "none",
                "maxConnections": SLOTS,
                "projectsDir": projects.path(),
                "instancesDir": folder.join("instances"),
                "logDir": folder,
            })
        })?;
        started.folders.push(projects);
        Ok(started)
    }

    /// nginx with a static answer; `None` where there is no nginx.
    pub(crate) fn nginx() -> Outcome<Option<Self>> {
        let folder = TempDir::new()?;
        let port = free_ports(1)?;
        let at = folder.path().display();
        fs::write(folder.path().join("session"), "ws://localhost:2000")?;
        let config = format!(
            "daemon off; pid {at}/pid; error_log {at}/error.log; worker_processes auto;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {at}/b;\n\
             proxy_temp_path {at}/p; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n\
             open_file_cache max=10; default_type text/html;\n\
             server {{ listen 127.0.0.1:{port}; root {at}; }} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, config)?;
        // Its workers are somebody else, who has to get at the file.
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path(), all)?;
        let started = Command::new("nginx")
            .arg("-c")
            .arg(file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            return Ok(None);
        };
        let mut started = Self::at("nginx", port, child, folder);
        let begun = Instant::now();
        while TcpStream::connect(started.target.address).is_err() {
            if started.child.try_wait()?.is_some() || begun.elapsed() > END {
                return Err("nginx did not start".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Some(started))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > END {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The first of `count` free ports in a row, below those that the system gives out by itself.
fn free_ports(count: u16) -> Outcome<u16> {
    let free = |port: u16| TcpListener::bind(("::", port)).is_ok();
    let own = u16::try_from(std::process::id() % 100)?;
    let mut firsts = (0..100).map(|at| 10_000 + (at + own) % 100 * 200);
    let found = firsts.find(|first| (*first..first + count).all(free));
    found.ok_or_else(|| "no free ports".into())
}
