use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use webots_cloud::adapters::process::{ProcessLauncher, ProcessLauncherConfig, processes_of};
use webots_cloud::adapters::sandbox::{Bubblewrap, Firejail, SandboxConfig};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    CommandLine, Confined, Confinement, InstanceLauncher as _, Network, NoSandbox, Sandbox,
    StopPlan, Workspace,
};
use webots_cloud_core::testing::conformance::Files as _;
use webots_cloud_core::testing::conformance::instance_launcher::{self, LauncherRig, Program};

use super::surroundings::is_real;

const WARDEN: &str = env!("CARGO_BIN_EXE_webots-cloud");

/// Programs for `/bin/sh`.
#[derive(Debug)]
struct Rig {
    launcher: ProcessLauncher,
    /// What is around the instance and its guard; `None` is an instance without either.
    sandbox: Option<Arc<dyn Sandbox>>,
}

is_real!(Rig);

const LISTEN: &str = "import socket, sys, time
s = socket.socket()
s.bind(('', int(sys.argv[1])))
s.listen()
print('up', flush=True)
time.sleep(1000)";

const MESS: &str = "mkdir -p a/b/c 'sp ace' closed; touch a/b/c/file 'new
line' '-rf' closed/file .hidden; ln -s /etc link; ln -s nowhere dangling; mkfifo pipe; \
chmod 0 a/b/c/file; chmod 555 a/b; chmod 0 closed";

impl LauncherRig for Rig {
    fn command(&self, program: &Program, workspace: &Workspace) -> Option<Confined> {
        let shell = |script: &str| words(&["/bin/sh", "-c", script]);
        let all = match program {
            Program::Print { lines, code } => {
                let script = format!(r#"for line do printf "%s\n" "$line"; done; exit {code}"#);
                let mut all = words(&["/bin/sh", "-c", &script, "sh"]);
                all.extend(lines.iter().cloned());
                all
            }
            Program::Flood => shell("head -c 1048576 /dev/zero | tr '\\0' x; echo; echo after"),
            Program::PrintEnvironment => words(&["/usr/bin/env"]),
            Program::PrintDirectory => shell("pwd"),
            Program::EndWhenAsked(code) => shell(&format!(
                "trap 'exit {code}' TERM; echo up; while :; do sleep 0.02; done"
            )),
            Program::IgnoreRequests => {
                shell("trap '' TERM HUP INT; echo up; while :; do sleep 1000; done")
            }
            Program::Daemon => shell(
                "(trap '' TERM HUP INT; setsid sleep 1000 & setsid sleep 1000 &) ; echo up; \
                 exec sleep 1000",
            ),
            Program::LeaveDaemon => {
                shell("(trap '' TERM HUP INT; setsid sleep 1000 &) ; echo up; exit 0")
            }
            Program::Listen(port) => words(&["python3", "-c", LISTEN, &port.to_string()]),
            Program::MakeMess => shell(MESS),
            Program::Missing => words(&["/no/such/program"]),
        };
        let mut all = all.into_iter();
        let directory = workspace.path.to_str().expect("UTF-8").to_owned();
        let path = std::env::var("PATH").expect("a PATH");
        let command = CommandLine {
            program: all.next().expect("a program"),
            arguments: all.collect(),
            environment: vec![
                ("PATH".to_owned(), path),
                ("HOME".to_owned(), directory.clone()),
            ],
            directory,
        };
        let Some(sandbox) = &self.sandbox else {
            let stop = StopPlan::SignalTree;
            return Some(Confined {
                command,
                stop,
                network: Network::Host,
            });
        };
        // What cannot be started behind the guard ends at once instead of failing to launch.
        if *program == Program::Missing {
            return None;
        }
        let confinement = Confinement {
            instance: InstanceId(1),
            command: self.launcher.guard(command),
            workspace: workspace.clone(),
            port: 0,
            limits: Limits::default(),
        };
        Some(sandbox.confine(confinement).expect("it confines"))
    }

    fn processes(&self, workspace: &Workspace) -> usize {
        let name = workspace.path.file_name().and_then(|name| name.to_str());
        processes_of(name.expect("UTF-8")).len()
    }

    fn free_port(&self) -> u16 {
        let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
        listener.local_addr().expect("bound").port()
    }

    fn stranger_on(&self, port: u16) -> Option<Box<dyn Send + Sync>> {
        let listener = TcpListener::bind(("0.0.0.0", port)).expect("a free port");
        Some(Box::new(listener))
    }

    fn host_variable(&self) -> Option<String> {
        Some("CARGO_MANIFEST_DIR".to_owned())
    }
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|&word| word.to_owned()).collect()
}

async fn try_launcher(sandbox: Option<Arc<dyn Sandbox>>) {
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "by cargo");
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let launcher = ProcessLauncher::new(ProcessLauncherConfig::new(
        WARDEN,
        folder.path().join("instances"),
    ))
    .expect("a launcher");
    let rig = Rig { launcher, sandbox };
    instance_launcher::conforms(&rig.launcher, &rig).await;
    let left = rig.below(&folder.path().join("instances"));
    assert_eq!(left, Some([].into()), "nothing is left, no marks either");
}

#[tokio::test]
async fn process_launcher() {
    try_launcher(None).await;
}

#[tokio::test]
async fn process_launcher_with_its_guard() {
    try_launcher(Some(Arc::new(NoSandbox))).await;
}

/// Everything, with the wardens in between and a network of its own.
async fn try_in(program: &str, sandbox: fn(PathBuf, SandboxConfig) -> Arc<dyn Sandbox>) {
    let program = Path::new("/usr/bin").join(program);
    if !program.exists() {
        println!("skipped: no {}", program.display());
        return;
    }
    let config = SandboxConfig {
        warden: Path::new(WARDEN).canonicalize().expect("built"),
        ..SandboxConfig::default()
    };
    try_launcher(Some(sandbox(program, config))).await;
}

#[tokio::test]
async fn process_launcher_in_bubblewrap() {
    try_in("bwrap", |program, config| {
        Arc::new(Bubblewrap::new(program, config))
    })
    .await;
}

#[tokio::test]
async fn process_launcher_in_firejail() {
    try_in("firejail", |program, config| {
        Arc::new(Firejail::new(program, config))
    })
    .await;
}
