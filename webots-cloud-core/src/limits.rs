//! What one instance may use at most.

use std::time::Duration;

/// The limits of one instance; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the whole process tree, bytes.
    pub memory: Option<u64>,
    /// Processes and threads at a time.
    pub processes: Option<u64>,
    /// Open files of one process.
    pub open_files: Option<u64>,
    /// Processor time of the whole process tree, since its start.
    pub cpu: Option<Duration>,
    /// Bytes in the workspace and in the private temporary folders.
    pub disk: Option<u64>,
    /// Files and folders in the workspace and in the private temporary folders.
    pub files: Option<u64>,
}
