//! A launcher with a folder of its own, and eyes on what it does.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use webots_cloud::adapters::process::{ProcessLauncher, ProcessLauncherConfig};
use webots_cloud_core::config::CgroupChoice;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    CommandLine, Confined, EventSink, InstanceLauncher, Launch, Network, PortError, StopPlan,
    Workspace,
};

#[path = "recorder.rs"]
mod recorder;

pub(crate) use recorder::Recorder;

/// What the contract allows from the end of the client to the end of the last process.
pub(crate) const ALL_GONE: Duration = Duration::from_secs(6);
/// For what nothing is promised of: a busy machine takes its time.
pub(crate) const UP: Duration = Duration::from_secs(60);
/// The variable by which tests know their processes.
pub(crate) const MARK: &str = "WEBOTS_CLOUD_TEST_MARK";
pub(crate) const WARDEN: &str = env!("CARGO_BIN_EXE_webots-cloud");

/// leader -> child -> two grandchildren in sessions of their own, all but the leader ignoring what
/// can be ignored: five processes with the one that waits.
pub(crate) const STUBBORN: &str = r#"
(trap "" TERM HUP INT; setsid sleep 1000 & setsid sleep 1000 & wait) &
wait"#;
pub(crate) const STUBBORN_COUNT: usize = 4;

/// One launcher.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) folder: TempDir,
    pub(crate) launcher: Arc<ProcessLauncher>,
    pub(crate) mark: String,
}

/// One instance of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: InstanceId,
    pub(crate) workspace: Workspace,
    pub(crate) events: Arc<Recorder>,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

pub(crate) fn fresh_mark() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{:08}-{number:04}", std::process::id())
}

pub(crate) fn launcher_in(folder: &Path, warden: &Path) -> ProcessLauncher {
    launcher_with(folder, warden, CgroupChoice::Auto)
}

fn launcher_with(folder: &Path, warden: &Path, cgroup: CgroupChoice) -> ProcessLauncher {
    ProcessLauncher::new(ProcessLauncherConfig {
        cgroup,
        ..ProcessLauncherConfig::new(warden, folder.join("instances"))
    })
    .expect("a launcher")
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(CgroupChoice::Auto)
    }

    pub(crate) fn with(cgroup: CgroupChoice) -> Self {
        // Not in /tmp or /var/tmp, which sandboxes replace by empty ones.
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let launcher = Arc::new(launcher_with(folder.path(), Path::new(WARDEN), cgroup));
        Self {
            folder,
            launcher,
            mark: fresh_mark(),
        }
    }

    pub(crate) fn instances(&self) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .expect("there")
            .join("instances")
    }

    pub(crate) fn shell(&self, workspace: &Workspace, script: &str) -> CommandLine {
        shell(&self.mark, workspace, script)
    }

    /// Starts a script without any sandbox.
    pub(crate) async fn run(&self, script: &str) -> Run {
        self.run_as(script, StopPlan::SignalTree).await
    }

    pub(crate) async fn run_as(&self, script: &str, stop: StopPlan) -> Run {
        let (id, workspace) = prepare(&self.launcher).await;
        let command = Confined {
            command: self.shell(&workspace, script),
            stop,
            network: Network::Host,
        };
        let run = self.start(id, workspace, command).await;
        run.expect("it starts")
    }

    pub(crate) async fn start(
        &self,
        id: InstanceId,
        workspace: Workspace,
        command: Confined,
    ) -> Result<Run, PortError> {
        self.start_with(id, workspace, command, Limits::default())
            .await
    }

    pub(crate) async fn start_with(
        &self,
        id: InstanceId,
        workspace: Workspace,
        command: Confined,
        limits: Limits,
    ) -> Result<Run, PortError> {
        let events = Arc::new(Recorder::default());
        let mut launch = launch(id, workspace.clone(), command, free_port());
        launch.limits = limits;
        self.launcher
            .launch(launch, Arc::clone(&events) as Arc<dyn EventSink>)
            .await?;
        Ok(Run {
            id,
            workspace,
            events,
        })
    }

    pub(crate) fn alive(&self) -> Vec<i32> {
        alive(&self.mark)
    }

    /// Waits until so many processes of this rig run.
    pub(crate) async fn running(&self, count: usize) {
        until("the processes to run", UP, || self.alive().len() >= count).await;
    }
}

pub(crate) async fn prepare(launcher: &ProcessLauncher) -> (InstanceId, Workspace) {
    let id = InstanceId(NEXT.fetch_add(1, Ordering::Relaxed));
    (id, launcher.prepare(id).await.expect("a workspace"))
}

pub(crate) fn shell(mark: &str, workspace: &Workspace, script: &str) -> CommandLine {
    let directory = workspace.path.to_str().expect("UTF-8").to_owned();
    let environment = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", &directory),
        (MARK, mark),
    ];
    CommandLine {
        program: "/bin/sh".to_owned(),
        arguments: vec![
            "-c".to_owned(),
            script.replace("sleep 1000", &format!("sleep {}", nap(mark))),
        ],
        environment: environment
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
        directory,
    }
}

pub(crate) fn launch(
    instance: InstanceId,
    workspace: Workspace,
    command: Confined,
    port: u16,
) -> Launch {
    Launch {
        instance,
        workspace,
        command,
        port,
        limits: Limits::default(),
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}

/// How long the sleepers of this mark sleep: seconds that no other test uses.
pub(crate) fn nap(mark: &str) -> String {
    let digits: String = mark.chars().filter(char::is_ascii_digit).collect();
    format!("1000.{digits}")
}

/// The live processes that were started with this mark. Where a sandbox hides their environment,
/// as firejail does from ordinary users, those that sleep for this mark.
pub(crate) fn alive(mark: &str) -> Vec<i32> {
    let (wanted, nap) = (format!("{MARK}={mark}"), nap(mark));
    let entries = fs::read_dir("/proc").expect("/proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    // A zombie has neither.
    let has = |file: String, what: &str| {
        let what = what.as_bytes();
        fs::read(file).is_ok_and(|all| all.windows(what.len()).any(|part| part == what))
    };
    pids.filter(|pid| {
        has(format!("/proc/{pid}/environ"), &wanted) || has(format!("/proc/{pid}/cmdline"), &nap)
    })
    .collect()
}

/// Looks again and again until it is so.
pub(crate) async fn until(what: &str, limit: Duration, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < limit, "waited {limit:?} for: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The outside wardens: the processes that have the mark and are asked to be one.
pub(crate) fn wardens_of(mark: &str) -> Vec<i32> {
    let words = |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let asked = |pid: &i32| {
        words(pid)
            .split(|it| *it == 0)
            .any(|it| it == b"--warden-outside")
    };
    alive(mark).into_iter().filter(asked).collect()
}

/// The only one, or any of them.
pub(crate) fn warden_of(mark: &str) -> Option<i32> {
    wardens_of(mark).first().copied()
}

pub(crate) fn kill(pid: i32) {
    signal(pid, Signal::KILL);
}

pub(crate) fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).expect("a pid"), signal).expect("ours");
}
