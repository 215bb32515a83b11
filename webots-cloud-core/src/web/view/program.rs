use std::time::Duration;

use crate::ports::Deliveries;

/// What the program that drives a machine knows of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProgramView {
    /// Requests that were answered.
    pub requests: Vec<RequestCount>,
    /// Its process, if it is one of its own.
    pub process: Option<ProcessView>,
    /// How notices are delivered.
    pub deliveries: Vec<Deliveries>,
}

/// How often a route was answered like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestCount {
    /// The route, or `other`.
    pub route: &'static str,
    /// The class of the status: `2xx`.
    pub status: &'static str,
    /// How often.
    pub count: u64,
}

/// A process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcessView {
    /// Bytes of memory.
    pub resident: u64,
    /// Processor time since its start.
    pub cpu: Duration,
    /// Open descriptors.
    pub open_files: u64,
    /// The most that there may be.
    pub most_files: u64,
    /// When it started, since 1970.
    pub started: Duration,
}
