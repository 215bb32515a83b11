//! One server after the other: same configuration, same port, same folder of instances.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use super::procs;
use super::remains::Scene;
use super::session::{Leave, Moment, Outcome, Plan};
use crate::common::simulation::{config, folder_with_projects, free_ports};
use crate::common::{SHUTDOWN, SIMULATION_SERVER, Server, metric, until_answered};

/// More than there are clients, as an instance may take some seconds to end.
const SLOTS: u16 = 48;
/// The server waits for the instances of a killed one, 5 s at most by its wardens' own grace, and
/// tries its sandbox.
const START: Duration = Duration::from_secs(30);
/// A port on which somebody else was met is left alone for 30 s.
const IDLE: Duration = Duration::from_secs(45);
/// What a busy kernel may take to forget the last of a server or a session.
const TRACES: Duration = Duration::from_secs(10);

/// How much more memory of its own the server may hold at the end than when it was idle at its
/// start, KiB. What its allocator does not give back after 32 clients at a time is some MiB, however
/// many come, and more with more cores. Half of all sessions end after the last kill: in the long
/// form, what lost 100 KiB for each of them would be seen.
const GROWTH: u64 = 16 << 10;

/// What an idle server uses.
#[derive(Debug)]
struct Usage {
    descriptors: Vec<String>,
    /// KiB of memory that is no file's.
    memory: u64,
}

#[derive(Debug)]
pub(crate) struct House {
    sandbox: &'static str,
    folder: TempDir,
    file: PathBuf,
    server: Server,
    scene: Scene,
    at_start: Usage,
}

impl House {
    /// Starts the first server; the reason if the sandbox cannot be used on this machine.
    pub(crate) async fn open(sandbox: &'static str, version: &str) -> Result<Self, String> {
        let folder = folder_with_projects();
        add_stubborn_project(&folder);
        let different = json!({
            "sandbox": sandbox,
            "webotsVersion": version,
            "maxConnections": SLOTS,
            "startTimeout": 20,
        });
        let file = config(folder.path(), different);
        let port = free_ports(SLOTS + 1);
        let server = start(&file, port).await?;
        let instances = folder
            .path()
            .canonicalize()
            .expect("there")
            .join("instances");
        let scene = Scene {
            instances,
            ports: port + 1..=port + SLOTS,
            server: server.pid(),
            prefixes: vec![prefix(&server)],
        };
        let at_start = Usage::of(server.pid());
        let mut house = Self {
            sandbox,
            folder,
            file,
            server,
            scene,
            at_start,
        };
        house.warm_up().await;
        Ok(house)
    }

    pub(crate) fn sandbox(&self) -> &'static str {
        self.sandbox
    }

    pub(crate) fn server(&self) -> i32 {
        self.server.pid()
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    pub(crate) fn projects(&self) -> String {
        self.folder.path().join("projects").display().to_string()
    }

    /// SIGKILL, and the next server, which has to find and end what the last one left.
    pub(crate) async fn kill_and_start_again(&mut self) {
        self.server.signal(Signal::KILL);
        self.server.end(SHUTDOWN).await;
        let begun = Instant::now();
        self.server = start(&self.file, self.port()).await.expect("as before");
        self.scene.server = self.server.pid();
        let words = self.server.stderr().join("\n");
        let held = words.contains("the port is in use");
        println!(
            "  killed; the next one was ready after {:?}{}",
            begun.elapsed(),
            if held {
                ", once a dying process had left the port"
            } else {
                ""
            },
        );
        self.nothing_is_left("after the sweep").await;
        self.scene.prefixes.push(prefix(&self.server));
        self.warm_up().await;
    }

    /// Whole sessions, after which everything that is made only once is there.
    async fn warm_up(&mut self) {
        tokio::join!(self.polite_session(true), self.polite_session(false));
        self.idle().await;
        self.at_start = Usage::at_rest(self.server()).await;
    }

    async fn polite_session(&self, init: bool) {
        let played = Plan::polite(init).play(self.port(), &self.projects()).await;
        assert_eq!(played, Outcome::Left(Moment::WhileRunning, Leave::Close));
    }

    /// Waits until the server says that it has nothing to do, and nothing is left.
    async fn idle(&self) {
        until_answered("an idle server", IDLE, || async {
            let metrics = self.server.text("/metrics").await;
            let is = |name: &str, count: u16| metric(&metrics, name) == f64::from(count);
            let none = metrics
                .lines()
                .filter(|it| it.starts_with("webots_cloud_instances{"));
            is("webots_cloud_clients", 0)
                && is("webots_cloud_slots_free", SLOTS)
                && none.into_iter().all(|line| line.ends_with(" 0.0"))
        })
        .await;
        self.nothing_is_left("while idle").await;
    }

    async fn nothing_is_left(&self, when: &str) {
        let scene = self.scene.clone();
        Scene::settle(&format!("left {when}"), TRACES, move || scene.remains()).await;
    }

    /// After all clients have left: nothing is left, the server is as it was, serves one more
    /// session, and ends.
    pub(crate) async fn close(mut self) {
        self.idle().await;
        let (pid, before) = (self.server(), &self.at_start);
        Scene::settle("descriptors", TRACES, || {
            let now = procs::descriptors(pid);
            let more = now.len() > before.descriptors.len();
            more.then(|| format!("{:#?}\nnow {now:#?}", before.descriptors))
                .into_iter()
                .collect()
        })
        .await;
        let after = Usage::of(pid);
        println!(
            "  the server has {} descriptors as at its start; memory {} KiB, {} KiB at its start",
            after.descriptors.len(),
            after.memory,
            before.memory,
        );
        assert!(
            after.memory < before.memory + GROWTH,
            "{} KiB",
            after.memory
        );
        self.polite_session(true).await;
        self.idle().await;
        self.server.signal(Signal::TERM);
        let begun = Instant::now();
        let status = self.server.end(SHUTDOWN).await;
        assert_eq!(status.code(), Some(0));
        println!("  ended by SIGTERM after {:?}", begun.elapsed());
        self.nothing_is_left("at the end").await;
    }
}

impl Usage {
    fn of(server: i32) -> Self {
        Self {
            descriptors: procs::descriptors(server),
            memory: procs::kib(server, "RssAnon"),
        }
    }

    /// Once the last connection, which was a look at its metrics, is closed on its side too.
    async fn at_rest(server: i32) -> Self {
        let (mut usage, mut same) = (Self::of(server), 0);
        while same < 20 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let now = Self::of(server);
            let is_same = now.descriptors == usage.descriptors;
            same = if is_same { same + 1 } else { 0 };
            usage = now;
        }
        usage
    }
}

async fn start(file: &std::path::Path, port: u16) -> Result<Server, String> {
    let arguments = [file.to_str().expect("UTF-8"), "--port", &port.to_string()];
    let mut server = Server::spawn(SIMULATION_SERVER, &arguments);
    if server.ready(START).await {
        return Ok(server);
    }
    server.end(SHUTDOWN).await;
    Err(server.stderr().join("\n"))
}

/// Of its workspaces' names: its pid and start time, and no more than that.
fn prefix(server: &Server) -> String {
    let pid = server.pid();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let (_, after) = stat.rsplit_once(") ").expect("well-formed");
    let start = after.split(' ').nth(19).expect("well-formed");
    format!("w{pid}-{start}-")
}

/// One that does not end when it is asked to, with a process that no signal to a group reaches.
fn add_stubborn_project(folder: &TempDir) {
    let projects = folder.path().join("projects");
    let (simple, stubborn) = (projects.join("simple"), projects.join("stubborn"));
    for part in ["worlds", "controllers/wander"] {
        fs::create_dir_all(stubborn.join(part)).expect("a new folder");
    }
    for (from, to) in [
        ("worlds/simple.wbt", "worlds/stubborn.wbt"),
        (
            "controllers/wander/wander.py",
            "controllers/wander/wander.py",
        ),
    ] {
        fs::copy(simple.join(from), stubborn.join(to)).expect("copied");
    }
    fs::write(stubborn.join("standin-fault"), "ignore-term\ngrandchild").expect("written");
}
