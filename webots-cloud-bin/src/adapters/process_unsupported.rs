//! Where there is no process launcher yet: everything compiles, and says so when it is used.

use std::path::PathBuf;

use super::super::platform::NotSupported;

/// See the Linux launcher; this one cannot be made.
#[derive(Debug)]
pub struct ProcessLauncher;

/// See the Linux launcher.
#[derive(Clone, Debug)]
pub struct ProcessLauncherConfig {
    /// The warden's program.
    pub warden: PathBuf,
    /// Where workspaces are made.
    pub instances_dir: PathBuf,
}

impl ProcessLauncherConfig {
    /// See the Linux launcher.
    pub fn new(warden: impl Into<PathBuf>, instances_dir: impl Into<PathBuf>) -> Self {
        Self {
            warden: warden.into(),
            instances_dir: instances_dir.into(),
        }
    }
}

impl ProcessLauncher {
    /// Always an error.
    ///
    /// # Errors
    /// Instances run as processes on Linux only.
    pub fn new(_config: ProcessLauncherConfig) -> Result<Self, NotSupported> {
        Err(NotSupported("instances as processes"))
    }
}
