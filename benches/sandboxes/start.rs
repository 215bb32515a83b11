//! From the order to start to the first sign of life: a bare process, and the same through the
//! launcher in each sandbox, one after the other in each round, so that noise hits all alike.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use webots_cloud::adapters::process::{ProcessLauncher, ProcessLauncherConfig};
use webots_cloud::adapters::sandbox::SandboxConfig;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    CommandLine, Confinement, EventSink, InstanceEvent, InstanceLauncher, Launch, Sandbox, Stop,
    Workspace,
};

use crate::figures::{Samples, print_against_first};
use crate::{Outcome, forms, place};

/// No start takes as long as this.
const STUCK: Duration = Duration::from_secs(60);

/// What is started.
#[derive(Clone, Copy, Debug)]
enum Program {
    /// As little as possible: says a word and ends.
    Echo,
    /// A stand-in that says `open` when it is ready.
    Standin,
}

/// A folder with a launcher.
struct Rig {
    folder: TempDir,
    own: PathBuf,
    launcher: ProcessLauncher,
    next: u64,
}

/// Prints the tables.
pub(crate) async fn measure(rounds: usize) -> Outcome<()> {
    let mut rig = Rig::new()?;
    let config = SandboxConfig {
        warden: rig.own.clone(),
        visible: vec![rig.own.clone()],
        ..SandboxConfig::default()
    };
    let sandboxes = forms::sandboxes(&config);
    for (program, what) in [
        (Program::Echo, "Start of /bin/echo, to its line"),
        (Program::Standin, "Start of the stand-in, until it is ready"),
    ] {
        let mut rows = vec![("bare process".to_owned(), Samples::default())];
        let names = sandboxes.iter().map(|(name, _)| name.clone());
        rows.extend(names.map(|name| (name, Samples::default())));
        for round in 0..rounds {
            for turn in 0..rows.len() {
                // Another one begins in each round.
                let at = (round + turn) % rows.len();
                let sample = match at.checked_sub(1) {
                    None => rig.bare(program).await?,
                    Some(at) => rig.confined(program, &sandboxes[at].1).await?,
                };
                rows[at].1.add(sample);
            }
        }
        print_against_first(what, &rows);
    }
    rig.launcher.shutdown().await;
    Ok(())
}

impl Rig {
    fn new() -> Outcome<Self> {
        let folder = place::folder()?;
        let own = std::env::current_exe()?.canonicalize()?;
        let instances = folder.path().join("instances");
        let launcher = ProcessLauncher::new(ProcessLauncherConfig::new(own.clone(), instances))?;
        place::copy(&place::sample(), &folder.path().join("project"))?;
        Ok(Self {
            folder,
            own,
            launcher,
            next: 1,
        })
    }

    fn command(&self, program: Program, folder: &std::path::Path, port: u16) -> CommandLine {
        let own = self.own.display().to_string();
        let world = folder.join("project/worlds/simple.wbt");
        let stream = format!("--stream=port={port};monitorActivity");
        let world = world.display().to_string();
        let (program, arguments) = match program {
            Program::Echo => ("/bin/echo", vec!["up"]),
            Program::Standin => (&*own, vec!["standin", "--batch", &stream, &world]),
        };
        let directory = folder.display().to_string();
        let environment = [("PATH", "/usr/bin:/bin"), ("HOME", &directory)];
        CommandLine {
            program: program.to_owned(),
            arguments: arguments.into_iter().map(str::to_owned).collect(),
            environment: environment
                .map(|(key, it)| (key.to_owned(), it.to_owned()))
                .into(),
            directory,
        }
    }

    async fn bare(&self, program: Program) -> Outcome<Duration> {
        let port = place::free_ports(1)?;
        let command = self.command(program, self.folder.path(), port);
        let begun = Instant::now();
        let mut child = Command::new(command.program)
            .args(command.arguments)
            .env_clear()
            .envs(command.environment)
            .current_dir(command.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("piped")?;
        let mut lines = BufReader::new(output).lines();
        while let Some(line) = timeout(STUCK, lines.next_line()).await?? {
            if program.is_up(&line) {
                let took = begun.elapsed();
                if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
                    let pid = rustix::process::Pid::from_raw(pid).ok_or("a pid")?;
                    // Not yet waited for.
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
                }
                timeout(STUCK, child.wait()).await??;
                return Ok(took);
            }
        }
        Err("the bare process said nothing".into())
    }

    async fn confined(
        &mut self,
        program: Program,
        sandbox: &Arc<dyn Sandbox>,
    ) -> Outcome<Duration> {
        let instance = InstanceId(self.next);
        self.next += 1;
        let workspace = self.launcher.prepare(instance).await?;
        place::copy(&place::sample(), &workspace.path.join("project"))?;
        let port = place::free_ports(1)?;
        let command = self.command(program, &workspace.path, port);
        let (sender, mut events) = mpsc::unbounded_channel();
        let begun = Instant::now();
        let launch = self.launch(instance, &workspace, command, port, sandbox)?;
        self.launcher
            .launch(launch, Arc::new(Heard(sender)))
            .await?;
        let mut took = None;
        while let Some(event) = timeout(STUCK, events.recv()).await? {
            match event {
                InstanceEvent::Line(line) if took.is_none() && program.is_up(&line) => {
                    took = Some(begun.elapsed());
                    self.launcher.stop(instance, Stop::Terminate).await?;
                }
                InstanceEvent::Line(_) | InstanceEvent::Ended(_) => {}
                InstanceEvent::Gone => break,
            }
        }
        self.launcher.clear(instance, workspace).await?;
        took.ok_or_else(|| format!("nothing was said in {}", sandbox.form()).into())
    }

    /// As a server does it: guard inside, sandbox around it.
    fn launch(
        &self,
        instance: InstanceId,
        workspace: &Workspace,
        command: CommandLine,
        port: u16,
        sandbox: &Arc<dyn Sandbox>,
    ) -> Outcome<Launch> {
        let limits = Limits::default();
        let command = sandbox.confine(Confinement {
            instance,
            command: self.launcher.guard(command),
            workspace: workspace.clone(),
            port,
            limits,
        })?;
        Ok(Launch {
            instance,
            workspace: workspace.clone(),
            command,
            port,
            limits,
        })
    }
}

impl Program {
    fn is_up(self, line: &str) -> bool {
        match self {
            Self::Echo => line == "up",
            Self::Standin => line == "open",
        }
    }
}

#[derive(Debug)]
struct Heard(mpsc::UnboundedSender<InstanceEvent>);

impl EventSink for Heard {
    fn event(&self, _instance: InstanceId, event: InstanceEvent) {
        // Nobody listens any more once it is gone.
        let _ = self.0.send(event);
    }
}
