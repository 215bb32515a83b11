use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{BoxFuture, CommandLine, Confined, InstanceUsage, PortError};
use crate::id::InstanceId;
use crate::limits::Limits;

/// The folder of one instance: its project, and all that it may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Where it is, absolute. Made by [`InstanceLauncher::prepare`], never used twice.
    pub path: PathBuf,
}

/// An instance to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Its name.
    pub instance: InstanceId,
    /// Its folder.
    pub workspace: Workspace,
    /// What to run and how to end it.
    pub command: Confined,
    /// The port that it will listen on.
    pub port: u16,
    /// What it may use.
    pub limits: Limits,
}

/// What a running instance does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceEvent {
    /// It printed a line, on stdout or stderr, without its end. Lines that are too long come cut.
    Line(String),
    /// Its first process ended. At most once; others of its processes may still be there.
    Ended(Exit),
    /// No process of it is left: all are ended *and reaped*. Exactly once for each successful
    /// launch, and last.
    Gone,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It went over a limit that it was given, in words.
    Limit(String),
    /// Nobody knows.
    Unknown,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
            Self::Limit(limit) => f.write_str(limit),
            Self::Unknown => f.write_str("unknown exit status"),
        }
    }
}

/// Hears what instances do.
pub trait EventSink: fmt::Debug + Send + Sync {
    /// Something happened. Returns at once.
    fn event(&self, instance: InstanceId, event: InstanceEvent);
}

/// How to end an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Ask it to end, and kill it if it does not within a few seconds.
    Terminate,
    /// Kill every process of it now.
    Kill,
}

/// Who listens on an instance's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// Nobody yet.
    Nobody,
    /// The instance, and it accepts connections.
    Instance,
    /// Some other process: the instance will never get the port.
    Stranger,
}

/// Gives instances a place to live in, starts them and ends them, all by their id.
///
/// `prepare`, `launch` and `clear` are each called at most once for an instance, in that order;
/// `clear` also follows a failed `launch` or fetch, and only after [`InstanceEvent::Gone`] where the
/// launch succeeded. `stop` may come at any time, often and in both forms.
///
/// # Errors
/// A `launch` that fails has started nothing that is still there. `stop` answers `Ok(false)` for an
/// instance that is not there (any more): being gone is success.
///
/// # Cancel safety
/// None of the futures is dropped before the server ends.
pub trait InstanceLauncher: fmt::Debug + Send + Sync {
    /// Makes a fresh, empty, private workspace.
    fn prepare(&self, instance: InstanceId) -> BoxFuture<'_, Result<Workspace, PortError>>;

    /// What has to run *inside* the sandbox instead of `command`, to watch over it from there.
    fn guard(&self, command: CommandLine) -> CommandLine {
        command
    }

    /// Starts an instance and returns when it runs; it tells the rest to `events`.
    fn launch(
        &self,
        launch: Launch,
        events: Arc<dyn EventSink>,
    ) -> BoxFuture<'_, Result<(), PortError>>;

    /// Who listens on this port: only a listener in the instance's own process tree is the instance.
    fn listening(
        &self,
        instance: InstanceId,
        port: u16,
    ) -> BoxFuture<'_, Result<Listening, PortError>>;

    /// What these instances use, of those that run and of which that can be told. Asked every few
    /// seconds, for all at once; it has to come to an end by itself.
    fn usage(
        &self,
        _instances: Vec<InstanceId>,
    ) -> BoxFuture<'_, BTreeMap<InstanceId, InstanceUsage>> {
        Box::pin(async { BTreeMap::new() })
    }

    /// Ends an instance; `Ok` says that the order was given, [`InstanceEvent::Gone`] that it was
    /// carried out.
    fn stop(&self, instance: InstanceId, how: Stop) -> BoxFuture<'_, Result<bool, PortError>>;

    /// Removes the workspace with all that is in it.
    fn clear(
        &self,
        instance: InstanceId,
        workspace: Workspace,
    ) -> BoxFuture<'_, Result<(), PortError>>;
}
