use std::fmt;

use super::{BoxFuture, PortError};
use crate::load::Load;

/// Something that the administrator should know. One is sent for a change, not for a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A simulation server stopped answering (W1.6 "Simulation server not responding").
    ServerSilent {
        /// The entry in `simulationServers`.
        server: String,
        /// What came instead of an answer.
        reason: String,
    },
    /// It answers again (W1.6 "Simulation server working again").
    ServerBack {
        /// The entry in `simulationServers`.
        server: String,
        /// Its load now.
        load: Load,
    },
    /// It reached the threshold (W1.6 "Simulation server reached maximum load").
    ServerFull {
        /// The entry in `simulationServers`.
        server: String,
        /// Its load now.
        load: Load,
    },
    /// It has room again (W1.6 "Simulation server available again").
    ServerFree {
        /// The entry in `simulationServers`.
        server: String,
        /// Its load now.
        load: Load,
    },
    /// An instance's processes could not be ended: its slot stays taken until they are gone.
    InstanceStuck {
        /// The instance.
        instance: crate::id::InstanceId,
    },
    /// A workspace could not be removed; the next start of the server will try again.
    WorkspaceLeft {
        /// The instance that it belonged to.
        instance: crate::id::InstanceId,
        /// Why.
        reason: String,
    },
}

impl Notice {
    /// The names of all kinds.
    pub const KINDS: [&str; 6] = [
        "server-silent",
        "server-back",
        "server-full",
        "server-free",
        "instance-stuck",
        "workspace-left",
    ];

    /// The name of its kind, for labels.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ServerSilent { .. } => "server-silent",
            Self::ServerBack { .. } => "server-back",
            Self::ServerFull { .. } => "server-full",
            Self::ServerFree { .. } => "server-free",
            Self::InstanceStuck { .. } => "instance-stuck",
            Self::WorkspaceLeft { .. } => "workspace-left",
        }
    }
}

/// How a notifier's deliveries go, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// What is delivered: `mail`, `webhook`.
    pub what: &'static str,
    /// Delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Given up.
    pub lost: u64,
    /// Waiting.
    pub waiting: usize,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerSilent { server, reason } => {
                write!(f, "{server} simulation server is not responding: {reason}")
            }
            Self::ServerBack { server, load } => {
                write!(
                    f,
                    "{server} simulation server is up and running again (load = {load}%)"
                )
            }
            Self::ServerFull { server, load } => {
                write!(
                    f,
                    "{server} simulation server has reached maximum load ({load}%)"
                )
            }
            Self::ServerFree { server, load } => {
                write!(
                    f,
                    "{server} simulation server is available again (load = {load}%)"
                )
            }
            Self::InstanceStuck { instance } => {
                write!(
                    f,
                    "the processes of {instance} cannot be ended; its slot stays taken"
                )
            }
            Self::WorkspaceLeft { instance, reason } => {
                write!(
                    f,
                    "the workspace of {instance} could not be removed: {reason}"
                )
            }
        }
    }
}

/// Tells the administrator.
///
/// # Errors
/// Whoever drives the machine logs an error and goes on: a notice that cannot be delivered stops
/// nothing. Retrying is the notifier's business.
///
/// # Cancel safety
/// The future may be dropped at shutdown; the notice is then lost.
pub trait Notifier: fmt::Debug + Send + Sync {
    /// Delivers one notice, or queues it for delivery.
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>>;

    /// How deliveries go, of those that can fail.
    fn deliveries(&self) -> Vec<Deliveries> {
        Vec::new()
    }

    /// The last chance to deliver what waits: called once, at the end, after the last notice. Has
    /// to come to an end by itself, within a few seconds; what is dropped early is lost.
    fn finish(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
