//! What the programs tell the service manager, on a socket like systemd's (`NOTIFY_SOCKET`).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::fake::FakeSimulation;
use common::simulation::{Simulation, config, folder_with_projects, free_ports};
use common::{SESSION_SERVER, SHUTDOWN, SIMULATION_SERVER, Server, WEBSITE_HOST};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

/// For what is not measured, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(60);

/// The service manager's end.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    _folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        // Addresses of sockets are short, and those of the target folder may not be.
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(SOON)).unwrap();
        Self {
            socket,
            path,
            _folder: folder,
        }
    }

    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// The assignments of the next message.
    fn next(&self) -> Vec<String> {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).expect("a message");
        let text = common::text(&bytes[..length]);
        text.lines().map(str::to_owned).collect()
    }

    /// The next message that is not about the watchdog.
    fn next_news(&self) -> Vec<String> {
        loop {
            let message = self.next();
            if message != ["WATCHDOG=1"] {
                return message;
            }
        }
    }
}

/// The life of a server, as the service manager hears it.
async fn lives(program: &str, arguments: &[&str]) {
    let manager = Manager::new();
    let environment = [("NOTIFY_SOCKET", manager.path())];
    let mut server = Server::start_with(program, arguments, &environment).await;
    let status = format!("STATUS={}", server.stdout()[0]);
    assert_eq!(manager.next(), ["READY=1".to_owned(), status]);

    server.signal(Signal::HUP);
    let reloading = manager.next();
    assert_eq!(reloading[0], "RELOADING=1");
    let time = reloading[1].strip_prefix("MONOTONIC_USEC=").unwrap();
    assert!(time.parse::<u64>().unwrap() > 0);
    assert_eq!(manager.next(), ["READY=1"]);

    server.signal(Signal::TERM);
    let stopping = manager.next();
    assert_eq!(stopping[0], "STOPPING=1");
    assert!(stopping[1].starts_with("STATUS=ending"), "{stopping:?}");
    assert!(server.end(SHUTDOWN).await.success());
}

#[tokio::test]
async fn a_simulation_server_says_that_it_is_ready_reloads_and_ends() {
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let port = free_ports(5).to_string();
    lives(
        SIMULATION_SERVER,
        &[file.to_str().unwrap(), "--port", &port],
    )
    .await;
}

#[tokio::test]
async fn a_session_server_does_so_after_its_first_round_of_samples() {
    let fake = FakeSimulation::with_load(1.0).await;
    let folder = common::folder();
    let file = common::session::config(&folder, &[fake.address()], json!({}));
    lives(SESSION_SERVER, &[file.to_str().unwrap()]).await;
    assert!(fake.asked() > 0);
}

#[tokio::test]
async fn a_website_host_does_so_too() {
    let folder = folder_with_projects();
    let file = folder.path().join("website.json");
    std::fs::write(&file, json!({"port": 0, "key": "k"}).to_string()).unwrap();
    lives(WEBSITE_HOST, &[file.to_str().unwrap()]).await;
}

#[tokio::test]
async fn the_watchdog_is_fed_twice_as_often_as_it_must_be() {
    let manager = Manager::new();
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let port = free_ports(5).to_string();
    let arguments = [file.to_str().unwrap(), "--port", &port];
    let environment = [
        ("NOTIFY_SOCKET", manager.path()),
        ("WATCHDOG_USEC", "2000000"),
    ];
    let server = Server::start_with(SIMULATION_SERVER, &arguments, &environment).await;
    assert_eq!(manager.next()[0], "READY=1");
    assert_eq!(manager.next(), ["WATCHDOG=1"]);
    let start = Instant::now();
    for _ in 0..3 {
        assert_eq!(manager.next(), ["WATCHDOG=1"]);
    }
    // Three pauses of 1 s, on a machine that may be busy.
    let took = start.elapsed();
    println!("three in {took:?}");
    assert!(
        took > Duration::from_secs(2) && took < Duration::from_millis(5500),
        "{took:?}"
    );
    server.signal(Signal::TERM);
    assert_eq!(manager.next_news()[0], "STOPPING=1");
}

#[tokio::test]
async fn the_watchdog_of_another_process_is_none_of_ours() {
    let manager = Manager::new();
    let fake = FakeSimulation::with_load(1.0).await;
    let folder = common::folder();
    let file = common::session::config(&folder, &[fake.address()], json!({}));
    let environment = [
        ("NOTIFY_SOCKET", manager.path()),
        ("WATCHDOG_USEC", "1000"),
        ("WATCHDOG_PID", "1"),
    ];
    let arguments = [file.to_str().unwrap()];
    let server = Server::start_with(SESSION_SERVER, &arguments, &environment).await;
    assert_eq!(manager.next()[0], "READY=1");
    server.signal(Signal::TERM);
    assert_eq!(manager.next()[0], "STOPPING=1");
}

#[tokio::test]
async fn a_server_that_does_not_start_is_not_ready() {
    let manager = Manager::new();
    let taken = std::net::TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let environment = [("NOTIFY_SOCKET", manager.path())];
    let arguments = ["--port", port.as_str()];
    let mut server = Server::spawn_with(SESSION_SERVER, &arguments, &environment);
    assert_eq!(server.end(SOON).await.code(), Some(1));
    manager.socket.set_nonblocking(true).unwrap();
    assert!(manager.socket.recv(&mut [0; 64]).is_err());
}

#[tokio::test]
async fn a_service_manager_that_is_gone_harms_nobody() {
    let path = Manager::new().path;
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let port = free_ports(5).to_string();
    let arguments = [file.to_str().unwrap(), "--port", &port];
    let environment = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "100000"),
    ];
    let mut server = Server::start_with(SIMULATION_SERVER, &arguments, &environment).await;
    assert!(server.text("/load").await.parse::<f64>().is_ok());
    server.signal(Signal::TERM);
    assert!(server.end(SHUTDOWN).await.success());
}

#[tokio::test]
async fn instances_do_not_hear_of_the_service_manager() {
    let manager = Manager::new();
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let port = free_ports(5).to_string();
    let arguments = [file.to_str().unwrap(), "--port", &port];
    let environment = [("NOTIFY_SOCKET", manager.path())];
    let server = Server::start_with(SIMULATION_SERVER, &arguments, &environment).await;
    let simulation = Simulation { server, folder };
    let _client = simulation.running().await;
    let name = simulation.workspaces().remove(0);
    let processes = common::simulation::processes(&name).await;
    for pid in processes {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&environment).contains("NOTIFY_SOCKET"));
    }
}
