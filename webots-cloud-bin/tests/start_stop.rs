//! `webots-cloud start`, `stop` and `restart` (contract, 1): the job of `server.sh` (W2.20).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use common::fake::{FakeSimulation, Load};
use common::simulation::{folder_with_projects, free_ports};
use common::{WEBOTS_CLOUD, send_signal, text, until_so};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

/// For what is not measured, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(60);

/// A folder with `config/`, in which servers are started; what is left of them is ended by its pid.
struct Site {
    folder: TempDir,
    port: u16,
}

impl Site {
    fn empty() -> Self {
        let folder = folder_with_projects();
        let port = free_ports(4);
        Self { folder, port }
    }

    /// With a simulation server of two slots, and a session server for it, named `local`.
    fn new() -> Self {
        let site = Self::empty();
        site.simulation("local", json!({}));
        let address = format!("localhost:{}", site.port);
        site.session("local", json!({"simulationServers": [address]}));
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn simulation(&self, name: &str, different: Value) {
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

    fn session(&self, name: &str, different: Value) {
        let mut config = json!({"port": 0, "loadTimeout": 1, "debug": true});
        common::simulation::merge(&mut config, different);
        self.config("session", name, &config.to_string());
    }

    fn config(&self, server: &str, name: &str, content: &str) {
        let folder = self.path("config").join(server);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.json")), content).unwrap();
    }

    async fn run(&self, arguments: &[&str]) -> Output {
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
    async fn done(&self, arguments: &[&str]) -> Vec<String> {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        lines(&output.stdout)
    }

    /// Runs it, and gives the exit code and what standard error has.
    async fn failed(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments).await;
        (output.status.code().unwrap(), text(&output.stderr))
    }

    fn pid_file(&self, server: &str) -> PathBuf {
        self.path(&format!("log/{server}-local.pid"))
    }

    /// The pid in a pid file, if there is one.
    fn pid(&self, server: &str) -> Option<i32> {
        pid_in(&self.pid_file(server))
    }

    fn pid_files(&self) -> Vec<String> {
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

fn pid_in(file: &Path) -> Option<i32> {
    let content = fs::read_to_string(file).ok()?;
    content.lines().next()?.strip_prefix("pid ")?.parse().ok()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    text(bytes).lines().map(str::to_owned).collect()
}

/// What `/proc/PID/stat` has after the name: state, parent, group, session …
fn stat(pid: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

/// Whether it runs; one that ended and that nobody waited for does not.
fn runs(pid: i32) -> bool {
    stat(pid).is_some_and(|fields| fields[0] != "Z")
}

/// Whether one of our servers has this pid.
fn is_server(pid: i32) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe"));
    program.is_ok_and(|it| it.to_string_lossy().contains("webots-") && runs(pid))
}

fn started(line: &str, server: &str) -> (i32, u16) {
    let rest = line
        .strip_prefix(&format!("Started {server} ("))
        .expect(line);
    let (pid, port) = rest.split_once(") on port ").expect(line);
    (pid.parse().unwrap(), port.parse().unwrap())
}

/// Something else that runs.
struct Stranger(Child);

impl Stranger {
    fn new() -> Self {
        let child = Command::new("cat").stdin(Stdio::piped()).spawn();
        Self(child.expect("cat"))
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_simulation_server_is_started_first_then_the_session_server_and_both_are_stopped() {
    let site = Site::new();
    let said = site.done(&["start"]).await;
    assert_eq!(said.len(), 2, "{said:?}");
    let (simulation, port) = started(&said[0], "local simulation server");
    assert_eq!(port, site.port);
    let (session, port) = started(&said[1], "local session server");
    let url = format!("http://localhost:{port}/session");
    let reply = webots_cloud::client::get(&url).await.unwrap();
    let expected = format!("ws://localhost:{}", site.port);
    assert_eq!(common::body(&reply), expected);

    // They have nothing of the terminal or of whoever started them.
    for (pid, server) in [(simulation, "simulation"), (session, "session")] {
        assert_eq!(site.pid(server), Some(pid));
        let own = stat(pid).unwrap()[3].parse();
        assert_eq!(own, Ok(pid), "a session of its own");
        let log = site.path(&format!("log/{server}-local.log"));
        for (number, target) in [("0", Path::new("/dev/null")), ("1", &log), ("2", &log)] {
            let open = fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap();
            assert_eq!(open, target.canonicalize().unwrap());
        }
        let ready = fs::read_to_string(&log).unwrap();
        assert!(ready.contains(" server running on port "), "{ready}");
        // Even where the configuration says `debug`, the log is in the file that is rotated.
        assert!(!ready.contains("INFO"), "{ready}");
        let log = site.path(&format!("config/{server}/log/{server}/output.log"));
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains("running on port"), "{log}");
    }

    let said = site.done(&["stop"]).await;
    let expected = [
        format!("Stopped local session server ({session})"),
        format!("Stopped local simulation server ({simulation})"),
    ];
    assert_eq!(said, expected);
    assert!(!runs(simulation) && !runs(session));
    assert_eq!(site.pid_files(), Vec::<String>::new());
    assert_eq!(site.done(&["stop"]).await, ["no server of local runs here"]);
}

#[tokio::test]
async fn a_name_picks_the_configurations_and_only_those_that_are_there() {
    let site = Site::empty();
    site.session("school", json!({"simulationServers": []}));
    site.config(
        "website",
        "school",
        r#"{"port": 0, "key": "k", "projectsDir": "../../projects"}"#,
    );
    let said = site.done(&["start", "school"]).await;
    started(&said[0], "school session server");
    started(&said[1], "school website host");
    let files = ["session-school.pid", "website-school.pid"];
    assert_eq!(site.pid_files(), files);
    // Those of another name are others.
    let said = site.done(&["stop"]).await;
    assert_eq!(said, ["no server of local runs here"]);
    let said = site.done(&["stop", "school"]).await;
    assert!(
        said[0].starts_with("Stopped school website host ("),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("Stopped school session server ("),
        "{said:?}"
    );
}

#[tokio::test]
async fn without_a_configuration_nothing_is_started_and_the_files_are_named() {
    let site = Site::empty();
    for command in ["start", "restart"] {
        let (code, said) = site.failed(&[command, "nowhere"]).await;
        assert_eq!(code, 78);
        for server in ["session", "simulation", "website"] {
            let file = format!("config/{server}/nowhere.json");
            assert!(said.contains(&file), "{said}");
        }
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    let site = Site::empty();
    for name in ["../local", "a/b", "", ".hidden", "a b", "é"] {
        for command in ["start", "stop", "restart"] {
            assert_eq!(site.failed(&[command, name]).await.0, 2, "{name:?}");
        }
    }
}

#[tokio::test]
async fn a_second_start_is_refused_while_they_run() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pids = ["simulation", "session"].map(|server| site.pid(server).unwrap());
    let (code, said) = site.failed(&["start"]).await;
    assert_eq!(code, 1);
    for pid in pids {
        assert!(said.contains(&format!("server ({pid}) runs")), "{said}");
        assert!(runs(pid));
    }
    // One that is missing is started beside those that run.
    send_signal(pids[1], Signal::KILL);
    until_so("the death", SOON, || !runs(pids[1])).await;
    let said = site.done(&["start"]).await;
    let stale = format!("local session server ({}) is gone", pids[1]);
    assert!(said[0].ends_with(&stale), "{said:?}");
    let stays = format!("local simulation server ({}) runs already", pids[0]);
    assert_eq!(said[1], stays);
    started(&said[2], "local session server");
    site.done(&["stop"]).await;
}

#[tokio::test]
async fn the_pid_file_of_a_killed_server_is_removed_and_that_is_said() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pids = ["session", "simulation"].map(|server| site.pid(server).unwrap());
    for pid in pids {
        send_signal(pid, Signal::KILL);
        until_so("the death", SOON, || !runs(pid)).await;
    }
    let said = site.done(&["stop"]).await;
    let session = format!(
        "Removed log/session-local.pid: local session server ({}) is gone",
        pids[0]
    );
    assert_eq!(said[0], session);
    assert!(
        said[1].starts_with("Removed log/simulation-local.pid: "),
        "{said:?}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stranger_that_has_the_pid_of_a_dead_server_is_never_signalled() {
    let site = Site::new();
    let mut stranger = Stranger::new();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let start: u64 = stat(stranger.pid()).unwrap()[19].parse().unwrap();
    fs::create_dir(site.path("log")).unwrap();
    // The same pid, but started at another time, or before the machine was.
    for (start, boot) in [(start - 1, boot.trim()), (start, "an-earlier-boot")] {
        let content = format!("pid {}\nstart {start}\nboot {boot}\n", stranger.pid());
        for command in ["stop", "restart"] {
            fs::write(site.pid_file("simulation"), &content).unwrap();
            let said = site.done(&[command]).await;
            let gone = format!("local simulation server ({}) is gone", stranger.pid());
            assert!(said.iter().any(|line| line.ends_with(&gone)), "{said:?}");
            assert!(stranger.0.try_wait().unwrap().is_none(), "it was ended");
        }
        site.done(&["stop"]).await;
    }
    // It is as well as before.
    let mut input = stranger.0.stdin.take().unwrap();
    input.write_all(b"still there\n").unwrap();
}

#[tokio::test]
async fn what_is_no_pid_file_is_left_alone() {
    let site = Site::new();
    let stranger = Stranger::new();
    fs::create_dir(site.path("log")).unwrap();
    let only_a_number = format!("{}\n", stranger.pid());
    for content in [
        only_a_number.as_str(),
        "",
        "pid 1\n",
        "pid -1\nstart x\nboot y\n",
    ] {
        fs::write(site.pid_file("session"), content).unwrap();
        for command in ["start", "stop", "restart"] {
            let (code, said) = site.failed(&[command]).await;
            assert_eq!(code, 1, "{content:?}: {said}");
            assert!(
                said.contains("log/session-local.pid is no pid file of ours"),
                "{said}"
            );
        }
        assert!(runs(stranger.pid()));
        assert_eq!(
            fs::read_to_string(site.pid_file("session")).unwrap(),
            content
        );
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_nothing_is_left() {
    let site = Site::new();
    let _taken = TcpListener::bind(("0.0.0.0", site.port)).unwrap();
    let (code, said) = site.failed(&["start"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("local simulation server did not start (exit status: 1):\n"),
        "{said}"
    );
    assert!(
        said.contains(&format!("port {} cannot be opened", site.port)),
        "{said}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_broken_configuration_exits_with_78_in_the_servers_own_words_and_ends_what_was_started() {
    let site = Site::new();
    site.config(
        "session",
        "local",
        r#"{"port": "high", "simulationServers": "none"}"#,
    );
    let output = site.run(&["start"]).await;
    assert_eq!(output.status.code(), Some(78));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("local session server did not start"),
        "{said}"
    );
    assert!(
        said.contains("config/session/local.json: `port`: "),
        "{said}"
    );
    assert!(
        said.contains("config/session/local.json: `simulationServers`: "),
        "{said}"
    );
    let said = lines(&output.stdout);
    let (simulation, _) = started(&said[0], "local simulation server");
    let ended = format!("Stopped local simulation server ({simulation}) again");
    assert_eq!(said[1..], [ended]);
    assert!(!runs(simulation));
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_is_not_ready_in_time_is_ended() {
    let silent = FakeSimulation::start(Load::Hangs).await;
    let site = Site::empty();
    let never = json!({"simulationServers": [silent.address()], "loadTimeout": 600});
    site.session("local", never);
    let (code, said) = site.failed(&["start", "--wait", "1"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("local session server was not ready within 1 s and was ended"),
        "{said}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_restart_is_a_stop_and_a_start() {
    let site = Site::new();
    // Of servers that do not run, it is a start.
    site.done(&["restart"]).await;
    let before = ["simulation", "session"].map(|server| site.pid(server).unwrap());
    let said = site.done(&["restart"]).await;
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[0].starts_with("Stopped local session server"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("Stopped local simulation server"),
        "{said:?}"
    );
    let (simulation, port) = started(&said[2], "local simulation server");
    assert_eq!(port, site.port);
    started(&said[3], "local session server");
    assert!(!before.contains(&simulation) && before.iter().all(|pid| !runs(*pid)));
    // What the one before printed is kept.
    assert!(site.path("log/simulation-local.log.1").is_file());
    site.done(&["stop"]).await;
}

#[tokio::test]
async fn what_cannot_be_started_again_is_not_stopped() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pid = site.pid("simulation").unwrap();
    site.config("session", "local", r#"{"port": "high"}"#);
    let (code, said) = site.failed(&["restart"]).await;
    assert_eq!(code, 78);
    assert!(
        said.contains("config/session/local.json: `port`: "),
        "{said}"
    );
    assert!(runs(pid));
    site.done(&["stop"]).await;
}

#[tokio::test]
async fn a_server_that_does_not_end_is_said_and_its_pid_file_stays() {
    let site = Site::empty();
    site.session("local", json!({"simulationServers": []}));
    site.done(&["start"]).await;
    let pid = site.pid("session").unwrap();
    send_signal(pid, Signal::STOP);
    let (code, said) = site.failed(&["stop"]).await;
    assert_eq!(code, 1);
    assert_eq!(
        said,
        format!("still there after 15 s: local session server ({pid})\n")
    );
    assert_eq!(site.pid("session"), Some(pid));
    send_signal(pid, Signal::CONT);
    until_so("the end", SOON, || !runs(pid)).await;
}

#[tokio::test]
async fn two_commands_at_the_same_time_do_not_meet() {
    let silent = FakeSimulation::start(Load::Hangs).await;
    let site = Site::empty();
    site.session(
        "local",
        json!({"simulationServers": [silent.address()], "loadTimeout": 600}),
    );
    let first = site.run(&["start", "--wait", "20"]);
    let second = async {
        until_so("the first", SOON, || site.pid("session").is_some()).await;
        let refused = site.failed(&["stop"]).await;
        send_signal(site.pid("session").unwrap(), Signal::TERM);
        refused
    };
    let (first, (code, said)) = tokio::join!(first, second);
    assert_eq!(code, 1);
    assert!(
        said.contains("another start or stop is at work here"),
        "{said}"
    );
    // It ended before it was ready.
    assert_eq!(first.status.code(), Some(1));
    assert_eq!(site.pid_files(), Vec::<String>::new());
}
