//! What a process launcher needs, and why it may not be had.

use std::io;
use std::path::PathBuf;

use webots_cloud_core::config::CgroupChoice;

use super::OutputLimits;

/// What a [`ProcessLauncher`](super::ProcessLauncher) needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessLauncherConfig {
    /// The program whose `main` begins with [`run_if_asked`](crate::adapters::run_if_asked): usually
    /// [`std::env::current_exe`]. Sandboxes must let instances execute it under this very path.
    pub warden: PathBuf,
    /// Where workspaces are made; is made itself if it is not there. Several servers may share it.
    pub instances_dir: PathBuf,
    /// What an instance may print.
    pub output: OutputLimits,
    /// Where instances get cgroups of their own.
    pub cgroup: CgroupChoice,
}

impl ProcessLauncherConfig {
    /// With the defaults of everything else: [`OutputLimits::default`], and cgroups below the
    /// server's own where some can be made there.
    pub fn new(warden: impl Into<PathBuf>, instances_dir: impl Into<PathBuf>) -> Self {
        Self {
            warden: warden.into(),
            instances_dir: instances_dir.into(),
            output: OutputLimits::default(),
            cgroup: CgroupChoice::Auto,
        }
    }
}

/// Why no launcher could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The warden's program is not there.
    #[error("warden {}: {source}", path.display())]
    Warden {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The folder of instances cannot be used.
    #[error("folder of instances {}: {source}", path.display())]
    InstancesDir {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The cgroup that the configuration names cannot be used.
    #[error("cgroup: {0}")]
    Cgroup(io::Error),
    /// `/proc` does not tell who we are.
    #[error("/proc: {0}")]
    Proc(io::Error),
}
