//! What the simulation machine goes by.

use std::time::Duration;

use crate::limits::Limits;
use crate::load::Load;
use crate::protocol::admission::Repositories;
use crate::protocol::instance::Dialect;
use crate::protocol::instance_url::PublicAddress;

/// A client that says nothing for so long after it connected is sent away. Stock clients start at
/// once (W1.10).
pub const START_WITHIN: Duration = Duration::from_secs(60);

/// From the polite order to end to the order to kill. The launcher's own escalation is faster; this
/// is for one that hangs.
pub const ESCALATE_AFTER: Duration = Duration::from_secs(5);

/// How long killed processes may take to be gone before the administrator hears of it.
pub const STUCK_AFTER: Duration = Duration::from_secs(10);

/// Bounds of [`port_check_pause`].
pub const PORT_CHECK_PAUSE: (Duration, Duration) =
    (Duration::from_millis(2), Duration::from_millis(50));

/// From one look at an instance's port to the next, once it says that it is ready: an eighth of the
/// time that it has been loading, so that looking makes no start much longer, nor costs much.
pub fn port_check_pause(loading: Duration) -> Duration {
    let (least, most) = PORT_CHECK_PAUSE;
    (loading / 8).clamp(least, most)
}

/// How long a port that somebody else uses is left alone.
pub const TAKEN_PORT_PAUSE: Duration = Duration::from_secs(30);

/// From one load sample to the next (contract, 4).
pub const SAMPLE_PERIOD: Duration = Duration::from_secs(1);

/// From one look at what instances use to the next.
pub const USAGE_PERIOD: Duration = Duration::from_secs(5);

/// So many samples make the load (contract, 4).
pub const LOAD_WINDOW: usize = 5;

/// So many samples are kept for the graphs: ten minutes (contract, 4).
pub const HISTORY: usize = 600;

/// What is given to programs and how their address is told.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationRules {
    /// The server's own port; instances get the ports after it (W2.8).
    pub port: u16,
    /// How many instances there may be (`maxConnections`, 100).
    pub slots: u16,
    /// How instances are started.
    pub webots: Webots,
    /// How browsers reach an instance.
    pub address: PublicAddress,
    /// How long fetching a project may take (`download.timeout` and a margin).
    pub fetch_timeout: Duration,
    /// From the launch until the instance must be ready (`startTimeout`, 60 s).
    pub start_timeout: Duration,
    /// How long a simulation may run (`timeout`, 7200 s).
    pub run_timeout: Duration,
    /// What an instance may use.
    pub limits: Limits,
    /// Which repositories may be simulated.
    pub repositories: Repositories,
}

/// The program to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webots {
    /// The program and what stands before Webots' own arguments; at least the program.
    pub command: Vec<String>,
    /// Which command line and which readiness line it knows.
    pub dialect: Dialect,
    /// The environment that every instance gets; `HOME` and `WEBOTS_TMPDIR` are added to it.
    pub environment: Vec<(String, String)>,
    /// Whether Webots itself serves TLS (legacy dialect only, W2.21).
    pub tls: bool,
    /// `multimediaServer`, passed on.
    pub multimedia_server: Option<String>,
    /// `multimediaStream`, passed on.
    pub multimedia_stream: Option<String>,
}

/// What `/load` answers while there is nothing to be had: no slot, or the end is near.
pub(super) const NO_ROOM: Load = Load::FULL;
