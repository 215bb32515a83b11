//! A machine with secrets, and instances confined on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use webots_cloud::adapters::sandbox::{Bubblewrap, Firejail, SandboxConfig};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    Confinement, EventSink, Exit, InstanceLauncher, Launch, Network, Sandbox,
};

use super::rig::{Recorder, Rig, Run, WARDEN, free_port, fresh_mark, launcher_in, prepare};

pub(crate) const LIMITS: Limits = Limits {
    memory: Some(4 << 30),
    processes: Some(200),
    open_files: Some(256),
    cpu: Some(Duration::from_secs(100)),
    disk: Some(1 << 20),
    files: None,
};

/// With a folder of keys, a file to be hidden in a visible folder, and a program to be seen.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) rig: Rig,
    pub(crate) config: SandboxConfig,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::around(Rig::new(), Path::new(WARDEN))
    }

    /// With everything in a folder of this one, the warden too; `None` if it cannot be made there.
    pub(crate) fn below(folder: &Path) -> Option<Self> {
        let folder = TempDir::new_in(folder).ok()?;
        let warden = folder.path().join("bin/server");
        fs::create_dir_all(folder.path().join("bin")).ok()?;
        fs::copy(WARDEN, &warden).ok()?;
        let launcher = Arc::new(launcher_in(folder.path(), &warden));
        let rig = Rig {
            folder,
            launcher,
            mark: fresh_mark(),
        };
        Some(Self::around(rig, &warden))
    }

    pub(crate) fn around(rig: Rig, warden: &Path) -> Self {
        let root = rig.folder.path().canonicalize().expect("there");
        for (path, content) in [
            ("key/localhost", "SECRET"),
            ("webots/webots", "#!/bin/sh\necho I am Webots\n"),
            ("webots/private.pem", "SECRET"),
            ("webots/conf/simulation.json", "SECRET"),
            ("projects/other.wbt", "SECRET"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, content).expect("written");
        }
        let program = root.join("webots/webots");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(program, mode).expect("executable");
        let config = SandboxConfig {
            warden: warden.canonicalize().expect("built"),
            visible: vec![root.join("webots")],
            hidden_folders: vec![root.join("key"), root.join("webots/conf")],
            hidden_files: vec![root.join("webots/private.pem")],
            ..SandboxConfig::default()
        };
        Self { rig, config }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.rig.folder.path().canonicalize().expect("there")
    }

    /// Those that are there, each with a network of its own for every instance.
    pub(crate) fn sandboxes(&self) -> Vec<Box<dyn Sandbox>> {
        self.sandboxes_with(Network::Private)
    }

    pub(crate) fn sandboxes_with(&self, network: Network) -> Vec<Box<dyn Sandbox>> {
        let mut all: Vec<Box<dyn Sandbox>> = Vec::new();
        for name in ["bwrap", "firejail"] {
            let program = Path::new("/usr/bin").join(name);
            let config = self.config.clone();
            if !program.exists() {
                println!("skipped: no {name}");
                continue;
            }
            let (bubblewrap, firejail) = (
                Bubblewrap::new(program.clone(), config.clone()),
                Firejail::new(program, config),
            );
            all.push(match (name, network) {
                ("bwrap", Network::Private) => Box::new(bubblewrap),
                ("bwrap", Network::Host) => Box::new(bubblewrap.sharing_network()),
                (_, Network::Private) => Box::new(firejail),
                (_, Network::Host) => Box::new(firejail.sharing_network()),
            });
        }
        all
    }

    /// Starts a script through the launcher, guarded and confined.
    pub(crate) async fn start(&self, sandbox: &dyn Sandbox, script: &str, port: u16) -> Run {
        let launcher = &self.rig.launcher;
        let (instance, workspace) = prepare(launcher).await;
        let command = launcher.guard(self.rig.shell(&workspace, script));
        let confined = sandbox.confine(Confinement {
            instance,
            command,
            workspace: workspace.clone(),
            port,
            limits: LIMITS,
        });
        let launch = Launch {
            instance,
            workspace: workspace.clone(),
            command: confined.expect("confined"),
            port,
            limits: LIMITS,
        };
        let events = Arc::new(Recorder::default());
        let sink = Arc::clone(&events) as Arc<dyn EventSink>;
        launcher.launch(launch, sink).await.expect("it starts");
        Run {
            id: instance,
            workspace,
            events,
        }
    }

    /// Everything that a script prints.
    pub(crate) async fn output(&self, sandbox: &dyn Sandbox, script: &str) -> Vec<String> {
        let run = self.start(sandbox, script, free_port()).await;
        run.events.gone().await;
        assert_eq!(
            run.events.exit(),
            Some(Exit::Code(0)),
            "{:?}",
            run.events.lines()
        );
        run.events.lines()
    }
}

pub(crate) fn has(lines: &[String], wanted: &str) -> bool {
    lines.iter().any(|line| line == wanted)
}
