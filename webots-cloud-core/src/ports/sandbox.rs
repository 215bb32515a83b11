use std::fmt;

use super::{PortError, Workspace};
use crate::id::InstanceId;
use crate::limits::Limits;

/// A program with its arguments: never goes through a shell, so nothing in it needs quoting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The program: a path, or a name to be looked up in `PATH`.
    pub program: String,
    /// The arguments after the program's name.
    pub arguments: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// The working directory, absolute.
    pub directory: String,
}

impl CommandLine {
    /// The same environment and directory, with `program` and `arguments` before this command's own.
    ///
    /// This is what a sandbox does: `firejail OPTIONS -- webots …`.
    #[must_use]
    pub fn wrapped_in(
        self,
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut all: Vec<String> = arguments.into_iter().collect();
        all.push(self.program);
        all.extend(self.arguments);
        Self {
            program: program.into(),
            arguments: all,
            ..self
        }
    }
}

/// What is to be confined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confinement {
    /// The instance.
    pub instance: InstanceId,
    /// Its command line.
    pub command: CommandLine,
    /// The one folder that it may write to.
    pub workspace: Workspace,
    /// The one port that browsers must reach.
    pub port: u16,
    /// What it may use.
    pub limits: Limits,
}

/// A confined command line, and how to end it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confined {
    /// What to run instead.
    pub command: CommandLine,
    /// Who has to be asked to end.
    pub stop: StopPlan,
    /// Where the instance listens.
    pub network: Network,
}

/// Which network an instance's sockets are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The machine's: browsers reach the instance's port by themselves.
    Host,
    /// One of its own, where nothing but its own loopback interface is: the launcher has to carry
    /// the connections of browsers in to it.
    Private,
}

/// Who is sent the first, polite signal. If that does not help, every process is killed anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopPlan {
    /// Only the first process: it tells the others, as sandboxes with a process of their own do.
    SignalLeader,
    /// Every process of the tree.
    SignalTree,
}

/// Confines a command line. Pure: it starts nothing and looks at nothing.
///
/// # Errors
/// When this command cannot be confined; the instance is then not started, never run unconfined.
pub trait Sandbox: fmt::Debug + Send + Sync {
    /// What operators know it by, like `firejail`.
    fn name(&self) -> &str;

    /// What exactly is in force, in a few words for operators; its name if left out.
    fn form(&self) -> String {
        self.name().to_owned()
    }

    /// The command line that runs the given one in confinement.
    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError>;
}

/// No confinement: for operators who run only their own projects.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSandbox;

impl Sandbox for NoSandbox {
    fn name(&self) -> &str {
        "none"
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        Ok(Confined {
            command: confinement.command,
            stop: StopPlan::SignalTree,
            network: Network::Host,
        })
    }
}
