//! What the judge prepares and the probe looks for: one argument, as JSON.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The variable in the sentinel's environment that nobody else has.
pub(super) const SECRET: &str = "WEBOTS_CLOUD_PROBE_SECRET";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The probe's own program.
    pub(super) program: PathBuf,
    pub(super) workspace: PathBuf,
    /// A file in another workspace.
    pub(super) neighbour: PathBuf,
    /// What the configuration hides, and the home of the server's user: folders and files that are
    /// there, none of them needed inside.
    pub(super) hidden_folders: Vec<PathBuf>,
    pub(super) hidden_files: Vec<PathBuf>,
    pub(super) home: Vec<PathBuf>,
    /// Files to be made where nothing may be written.
    pub(super) outside: Vec<PathBuf>,
    /// A file that everybody may write.
    pub(super) everybodys: PathBuf,
    pub(super) sentinel: i32,
    /// The sentinel's last argument, in two pieces, so that the probe's own is not like it.
    pub(super) sentinel_word: [String; 2],
    /// A listening port of the machine's loopback interface.
    pub(super) port: u16,
    /// The name of a listening abstract socket.
    pub(super) socket: String,
    /// The last argument of the process that is to stay.
    pub(super) linger_word: String,
    /// The folder to be made among the temporary ones.
    pub(super) temporary: String,
    /// What is to be gone beyond.
    pub(super) limits: Bounds,
}

/// The limits of the check: in bytes, and numbers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bounds {
    pub(super) memory: u64,
    pub(super) processes: u64,
    pub(super) open_files: u64,
    pub(super) disk: u64,
    pub(super) files: u64,
}
