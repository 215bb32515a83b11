//! One sandbox: a simulation server with small limits, a session server, a neighbour at work, and
//! all that attacks are aimed at.

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::{NamedTempFile, TempDir};
use webots_cloud::adapters::process::processes_of;

use super::attack::Confinement;
use super::common::session::Session;
use super::common::simulation::{Simulation, config, free_ports, workspaces};
use super::common::{SIMULATION_SERVER, SOON, Server, run, until};
use super::neighbour::Neighbour;
use super::table;

/// What must not be read is this, wherever it lies.
pub(crate) const SECRET: &str = "hostile-controllers-must-not-read-this";
/// Attacks at a time, beside the neighbour.
pub(crate) const AT_A_TIME: usize = 4;
const SLOTS: u16 = 8;

/// The neighbour has a file, and System V shared memory.
const NEIGHBOUR: &str = "import ctypes, time
open('secret', 'w').write('SECRET')
ctypes.CDLL(None).shmget(KEY, 4096, 0o1600)
open('ready', 'w').close()
time.sleep(600)
";

#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) confinement: Confinement,
    pub(crate) simulation: Simulation,
    pub(crate) session: Session,
    pub(crate) neighbour: Neighbour,
    pub(crate) shared_file: NamedTempFile,
    pub(crate) ipc_key: u32,
    _abstract: UnixListener,
    _socket: UnixListener,
}

/// The folder with everything: `outside` is what no instance may write to.
fn folder(ipc_key: u32) -> TempDir {
    let folder = super::common::folder();
    let root = folder.path();
    for inner in ["key", "log", "projects", "instances", "outside/folder"] {
        fs::create_dir_all(root.join(inner)).unwrap();
    }
    fs::write(root.join("key/website.example"), SECRET).unwrap();
    fs::write(root.join("outside/canary"), SECRET).unwrap();
    fs::write(root.join("log/older.log"), SECRET).unwrap();
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_controllers");
    let common = fs::read_to_string(programs.join("attack.py")).unwrap();
    for attack in table::all() {
        let name = attack.program;
        let text = fs::read_to_string(programs.join(format!("{name}.py"))).unwrap();
        project(
            root,
            name,
            &[(&format!("{name}.py"), &text), ("attack.py", &common)],
        );
        // What a link in the place of the controller's folder must not lead to.
        fs::write(root.join(format!("outside/folder/{name}.py")), SECRET).unwrap();
    }
    let text = NEIGHBOUR
        .replace("KEY", &ipc_key.to_string())
        .replace("SECRET", SECRET);
    project(root, "neighbour", &[("neighbour.py", &text)]);
    folder
}

fn project(root: &Path, name: &str, files: &[(&str, &str)]) {
    let project = root.join("projects").join(name);
    let controllers = project.join("controllers").join(name);
    fs::create_dir_all(&controllers).unwrap();
    fs::create_dir_all(project.join("worlds")).unwrap();
    let world = format!(
        "#VRML_SIM R2021b utf8\nWorldInfo {{ basicTimeStep 32 }}\nRobot {{ name \"{name}\" controller \"{name}\" }}\n"
    );
    fs::write(project.join(format!("worlds/{name}.wbt")), world).unwrap();
    for (file, text) in files {
        fs::write(controllers.join(file), text).unwrap();
    }
}

impl Rig {
    pub(crate) async fn start(confinement: Confinement) -> Self {
        let ipc_key = 0x4000_0000 | u32::from(free_ports(1)) << 8 | confinement as u32;
        let folder = folder(ipc_key);
        let root = folder.path().to_owned();
        let different = json!({
            "sandbox": confinement.name(),
            "maxConnections": SLOTS,
            "keyDir": root.join("key"),
            "logDir": root.join("log"),
            "limits": {
                "memory": "512 MiB",
                "processes": 64,
                "disk": "64 MiB",
                "files": 5000,
                "openFiles": 256,
            },
        });
        let file = config(&root, different);
        let port = free_ports(SLOTS + 1).to_string();
        // The system's Python, which both sandboxes show, and a secret of the server's.
        let environment = [("PATH", "/usr/bin:/bin"), ("HOSTILE_TEST_SECRET", SECRET)];
        let arguments = [file.to_str().unwrap(), "--port", &port];
        let server = Server::start_with(SIMULATION_SERVER, &arguments, &environment).await;
        let simulation = Simulation { server, folder };
        let session = Session::of(&[format!("127.0.0.1:{}", simulation.server.port)]).await;
        let neighbour = Neighbour::start(&simulation).await;
        let name = SocketAddr::from_abstract_name(abstract_name(ipc_key)).unwrap();
        let shared_file = NamedTempFile::new_in("/dev/shm").unwrap();
        fs::write(shared_file.path(), SECRET).unwrap();
        Self {
            confinement,
            _abstract: UnixListener::bind_addr(&name).unwrap(),
            _socket: UnixListener::bind(root.join("outside/socket")).unwrap(),
            simulation,
            session,
            neighbour,
            shared_file,
            ipc_key,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.simulation.folder.path()
    }

    pub(crate) fn abstract_name(&self) -> String {
        abstract_name(self.ipc_key)
    }

    /// What is not right with the neighbour, the server or the files outside.
    pub(crate) async fn harm(&self) -> Vec<String> {
        let mut harm = Vec::new();
        if let Err(error) = self.neighbour.answers().await {
            harm.push(format!(
                "the neighbour's simulation does not answer: {error}"
            ));
        }
        let load = self.simulation.server.text("/load").await;
        if load.parse::<f64>().is_err() {
            harm.push(format!("the load is `{load}`"));
        }
        let outside = self.root().join("outside");
        for file in ["canary"]
            .into_iter()
            .map(str::to_owned)
            .chain(table::all().map(|attack| format!("folder/{}.py", attack.program)))
        {
            if fs::read_to_string(outside.join(&file)).ok().as_deref() != Some(SECRET) {
                harm.push(format!("outside/{file} is not as it was"));
            }
        }
        harm
    }

    /// The neighbour is as it was at the start; what was made for the attacks is removed.
    pub(crate) async fn finish(self) -> Vec<String> {
        let mut harm = self.harm().await;
        let pids = processes_of(&name_of(&self.neighbour.workspace));
        if pids != self.neighbour.pids {
            harm.push(format!(
                "the neighbour's processes: {:?}, {pids:?}",
                self.neighbour.pids
            ));
        }
        let secret = self
            .neighbour
            .workspace
            .join("controllers/neighbour/secret");
        if fs::read_to_string(secret).ok().as_deref() != Some(SECRET) {
            harm.push("the neighbour's file is not as it was".to_owned());
        }
        harm.extend(self.log_harm());
        // There only without a sandbox.
        run("/usr/bin/ipcrm", &["-M", &self.ipc_key.to_string()]).await;
        harm
    }

    /// Control characters in the logs or on the server's terminal, and too much of either.
    fn log_harm(&self) -> Vec<String> {
        let mut texts = vec![
            (
                "stdout".to_owned(),
                self.simulation.server.stdout().join("\n"),
            ),
            (
                "stderr".to_owned(),
                self.simulation.server.stderr().join("\n"),
            ),
        ];
        let mut folders = vec![self.root().join("log")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                    texts.push((path.display().to_string(), text));
                }
            }
        }
        let mut harm = Vec::new();
        for (name, text) in texts {
            let wrong = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
            if let Some(line) = text.lines().find(|line| line.contains(wrong)) {
                harm.push(format!(
                    "control characters in {name}: {}",
                    line.escape_debug()
                ));
            }
            if text.len() > 16 << 20 {
                harm.push(format!("{name} has {} bytes", text.len()));
            }
        }
        harm
    }
}

fn abstract_name(ipc_key: u32) -> String {
    format!("hostile-{ipc_key}")
}

pub(crate) fn name_of(workspace: &Path) -> String {
    workspace.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Waits for the workspace that the project of this name is in.
pub(crate) async fn workspace_with(simulation: &Simulation, project: &str) -> PathBuf {
    let instances = simulation.instances();
    let find = || {
        let mut all = workspaces(&instances)
            .into_iter()
            .map(|name| instances.join(name));
        all.find(|path| path.join("controllers").join(project).is_dir())
    };
    until("the workspace", SOON, find).await
}

/// Whether somebody accepts connections there.
pub(crate) fn is_open(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
