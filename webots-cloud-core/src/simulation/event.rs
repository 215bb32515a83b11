//! What the simulation machine hears and what it orders.

use std::collections::BTreeMap;

use crate::id::{ClientId, InstanceId, ProbeId};
use crate::limits::Limits;
use crate::load::LoadSample;
use crate::machine::DeadlineReached;
use crate::ports::{
    CommandLine, FetchedProject, InstanceEvent, InstanceUsage, Listening, Notice, PortError,
    ProjectRequest, Stop, Workspace,
};
use crate::protocol::client::{ClientMessage, ControllerFile, FrameError};
use crate::protocol::server::ServerMessage;

use super::history::MonitorRow;

/// A fact for the simulation machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A `/client` socket was opened.
    ClientConnected {
        /// A name never used before.
        client: ClientId,
        /// The `Host` header, for the address of the instance (W2.11).
        host: Option<String>,
    },
    /// The client sent a frame.
    ClientSent {
        /// The client.
        client: ClientId,
        /// What the frame says, or what is wrong with it.
        message: Result<ClientMessage, FrameError>,
    },
    /// The socket is closed or broken.
    ClientLeft {
        /// The client.
        client: ClientId,
    },
    /// Some of the project has come.
    FetchProgressed {
        /// The instance.
        instance: InstanceId,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all, if known.
        of: Option<u64>,
    },
    /// The answer to [`Work::FetchProject`].
    ProjectFetched {
        /// The instance.
        instance: InstanceId,
        /// The workspace, if one was made, whatever came of the rest.
        workspace: Option<Workspace>,
        /// The project in it.
        result: Result<FetchedProject, PortError>,
    },
    /// The answer to [`Work::Launch`].
    Launched {
        /// The instance.
        instance: InstanceId,
        /// Whether it runs.
        result: Result<(), PortError>,
    },
    /// A launched instance did something.
    Instance {
        /// The instance.
        instance: InstanceId,
        /// What it did.
        event: InstanceEvent,
    },
    /// The answer to [`Work::CheckPort`].
    PortChecked {
        /// The instance.
        instance: InstanceId,
        /// Who listens there.
        result: Result<Listening, PortError>,
    },
    /// The answer to [`Work::RestoreController`].
    ControllerRestored {
        /// The instance.
        instance: InstanceId,
        /// The file.
        file: ControllerFile,
        /// Whether it is as it was.
        result: Result<(), PortError>,
    },
    /// The answer to [`Work::ClearWorkspace`].
    WorkspaceCleared {
        /// The instance.
        instance: InstanceId,
        /// Whether nothing is left.
        result: Result<(), PortError>,
    },
    /// The answer to [`Work::SampleLoad`].
    LoadSampled {
        /// The number of the order.
        probe: ProbeId,
        /// The sample.
        result: Result<LoadSample, PortError>,
    },
    /// The answer to [`Work::MeasureUsage`].
    UsageMeasured {
        /// Of those that run.
        usage: BTreeMap<InstanceId, InstanceUsage>,
    },
    /// The moment named by the machine has come.
    DeadlineReached,
    /// The server is to end: every client is told, every instance ended. [`Effect::Finished`]
    /// follows when nothing is left.
    ShutdownRequested,
}

impl From<DeadlineReached> for Input {
    fn from(DeadlineReached: DeadlineReached) -> Self {
        Self::DeadlineReached
    }
}

/// An order of the simulation machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Something that takes time.
    Work(Work),
    /// Send a frame to a client.
    Send {
        /// The client.
        client: ClientId,
        /// The frame.
        message: ServerMessage,
    },
    /// Close a client's socket after what was sent. The machine has forgotten the client.
    Close {
        /// The client.
        client: ClientId,
        /// The status code of the close frame (RFC 6455, 7.4.1).
        code: u16,
    },
    /// From now on this instance is the client's: its project is ordered next.
    Began {
        /// The client.
        client: ClientId,
        /// The instance.
        instance: InstanceId,
        /// What was asked for, as strangers say it.
        project: String,
        /// The port that it has.
        port: u16,
    },
    /// The machine has forgotten an instance: nothing of it is left, or it was said what is.
    Ended {
        /// The instance.
        instance: InstanceId,
    },
    /// Append a row to `monitor.csv`.
    RecordMonitorRow(MonitorRow),
    /// After [`Input::ShutdownRequested`]: no client, process or workspace is left.
    Finished,
}

/// Work that the simulation machine orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Make a workspace and put the project into it; answered by [`Input::ProjectFetched`].
    FetchProject(ProjectRequest),
    /// Nobody waits for this project any more. Not answered: [`Input::ProjectFetched`] still comes.
    AbandonFetch {
        /// The instance.
        instance: InstanceId,
    },
    /// Confine the command line and start it; answered by [`Input::Launched`].
    Launch {
        /// The instance.
        instance: InstanceId,
        /// Its workspace.
        workspace: Workspace,
        /// The command line before it is confined.
        command: CommandLine,
        /// The port that it will listen on.
        port: u16,
        /// What it may use.
        limits: Limits,
    },
    /// See who listens on the instance's port; answered by [`Input::PortChecked`].
    CheckPort {
        /// The instance.
        instance: InstanceId,
        /// The port.
        port: u16,
    },
    /// End an instance. Not answered: [`InstanceEvent::Gone`] follows.
    Stop {
        /// The instance.
        instance: InstanceId,
        /// How.
        how: Stop,
    },
    /// Put a controller file back; answered by [`Input::ControllerRestored`].
    RestoreController {
        /// Where the project came from.
        request: ProjectRequest,
        /// The workspace.
        workspace: Workspace,
        /// The file.
        file: ControllerFile,
    },
    /// Remove a workspace; answered by [`Input::WorkspaceCleared`].
    ClearWorkspace {
        /// The instance.
        instance: InstanceId,
        /// The workspace.
        workspace: Workspace,
    },
    /// Measure this machine's load; answered by [`Input::LoadSampled`].
    SampleLoad {
        /// To be repeated in the answer.
        probe: ProbeId,
    },
    /// Measure what these instances use; answered by [`Input::UsageMeasured`].
    MeasureUsage {
        /// Those that run.
        instances: Vec<InstanceId>,
    },
    /// Tell the administrator. Not answered.
    Notify(Notice),
}

impl Work {
    /// The instance that it is for; `None` is the whole server.
    pub const fn instance(&self) -> Option<InstanceId> {
        match self {
            Self::FetchProject(request) | Self::RestoreController { request, .. } => {
                Some(request.instance)
            }
            Self::AbandonFetch { instance }
            | Self::Launch { instance, .. }
            | Self::CheckPort { instance, .. }
            | Self::Stop { instance, .. }
            | Self::ClearWorkspace { instance, .. } => Some(*instance),
            Self::SampleLoad { .. } | Self::MeasureUsage { .. } | Self::Notify(_) => None,
        }
    }
}
