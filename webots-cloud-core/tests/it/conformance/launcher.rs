//! The fake launcher.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pollster::block_on;
use webots_cloud_core::ports::{
    CommandLine, Confined, Exit, Launch, Network, PortError, StopPlan, Workspace,
};
use webots_cloud_core::testing::conformance::instance_launcher;
use webots_cloud_core::testing::conformance::instance_launcher::{LauncherRig, Program, UP};
use webots_cloud_core::testing::fakes::{FakeLauncher, MemoryFiles, Script, Then};

use super::Rig;

impl LauncherRig for Rig {
    /// The word by which [`play`] knows what to do, and what it needs for that.
    fn command(&self, program: &Program, workspace: &Workspace) -> Option<Confined> {
        let (word, arguments) = match program {
            Program::Print { lines, code } => (code.to_string(), lines.clone()),
            Program::Flood | Program::PrintEnvironment | Program::MakeMess => return None,
            Program::PrintDirectory => ("directory".to_owned(), Vec::new()),
            Program::EndWhenAsked(code) => ("asked".to_owned(), vec![code.to_string()]),
            Program::IgnoreRequests | Program::Daemon => ("ignore".to_owned(), Vec::new()),
            Program::LeaveDaemon => return None,
            Program::Listen(_) => ("listen".to_owned(), Vec::new()),
            Program::Missing => ("missing".to_owned(), Vec::new()),
        };
        Some(Confined {
            command: CommandLine {
                program: word,
                arguments,
                environment: Vec::new(),
                directory: workspace.path.to_string_lossy().into_owned(),
            },
            stop: StopPlan::SignalTree,
            network: Network::Host,
        })
    }

    fn processes(&self, workspace: &Workspace) -> usize {
        let launcher = self.launcher.as_ref().expect("a launcher");
        let launches = launcher.launches();
        let here = launches.iter().filter(|it| it.workspace == *workspace);
        let running = launcher.running();
        here.filter(|it| running.contains(&it.instance)).count()
    }

    fn free_port(&self) -> u16 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        2001 + u16::try_from(number).expect("not so many")
    }

    fn stranger_on(&self, port: u16) -> Option<Box<dyn Send + Sync>> {
        let launcher = Arc::clone(self.launcher.as_ref()?);
        launcher.stranger_comes(port);
        Some(Box::new(Stranger(launcher, port)))
    }

    fn host_variable(&self) -> Option<String> {
        None
    }
}

struct Stranger(Arc<FakeLauncher>, u16);

impl Drop for Stranger {
    fn drop(&mut self) {
        self.0.stranger_leaves(self.1);
    }
}

pub(super) fn play(launch: &Launch) -> Result<Script, PortError> {
    let command = &launch.command.command;
    let up = |then| Script {
        prints: vec![UP.to_owned()],
        listens: command.program == "listen",
        then,
    };
    match command.program.as_str() {
        "directory" => Ok(Script {
            prints: vec![command.directory.clone()],
            listens: false,
            then: Then::End(Exit::Code(0)),
        }),
        "asked" => {
            let code = command.arguments.first().and_then(|it| it.parse().ok());
            Ok(up(Then::EndWhenAsked(Exit::Code(code.expect("a code")))))
        }
        "ignore" | "listen" => Ok(up(Then::Ignore)),
        "missing" => Err(PortError::permanent("the program cannot be started")),
        code => Ok(Script {
            prints: command.arguments.clone(),
            listens: false,
            then: Then::End(Exit::Code(code.parse().expect("a code"))),
        }),
    }
}

#[test]
fn the_fake_launcher() {
    let files = Arc::<MemoryFiles>::default();
    let launcher = Arc::new(FakeLauncher::new(Arc::clone(&files), play));
    let rig = Rig {
        files,
        launcher: Some(Arc::clone(&launcher)),
        next: AtomicU64::new(0),
    };
    block_on(instance_launcher::conforms(launcher.as_ref(), &rig));
    assert!(launcher.running().is_empty() && launcher.workspaces().is_empty());
}

#[test]
#[should_panic(expected = "is told line by line, in order")]
fn a_launcher_that_loses_lines_does_not_pass() {
    let files = Arc::<MemoryFiles>::default();
    let lossy = |launch: &Launch| {
        let mut script = play(launch)?;
        if script.prints.len() > 1 {
            script.prints.pop();
        }
        Ok(script)
    };
    let launcher = Arc::new(FakeLauncher::new(Arc::clone(&files), lossy));
    let rig = Rig {
        files,
        launcher: Some(Arc::clone(&launcher)),
        next: AtomicU64::new(0),
    };
    block_on(instance_launcher::conforms(launcher.as_ref(), &rig));
}
