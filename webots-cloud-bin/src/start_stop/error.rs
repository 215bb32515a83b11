//! Why servers were not started or stopped.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

use crate::main_loop::{CONFIGURATION, Failed};

/// Why servers were not started or stopped.
#[derive(Debug, Error)]
pub(super) enum StartStopError {
    /// A file, folder or program.
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// Whatever it is, nobody is signalled because of it.
    #[error("{} is no pid file of ours: nothing was done, please look at it and remove it", .0.display())]
    NoPidFile(PathBuf),
    /// There is no configuration of this name.
    #[error("there is none of {0}")]
    NoConfiguration(String),
    /// There is nothing to start.
    #[error("not started: {0}")]
    AllRun(String),
    /// It ended instead of getting ready. What it said, says why.
    #[error("{server} did not start ({status}):\n{}", words.trim_end())]
    Ended {
        server: String,
        status: ExitStatus,
        words: String,
    },
    /// It took too long.
    #[error("{server} was not ready within {seconds} s and was ended:\n{}", words.trim_end())]
    NotReady {
        server: String,
        seconds: u64,
        words: String,
    },
    /// They were asked to.
    #[error("still there after {seconds} s: {servers}")]
    DoesNotEnd { servers: String, seconds: u64 },
}

impl StartStopError {
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Whether mending a configuration file would help.
    fn is_configuration(&self) -> bool {
        match self {
            Self::NoConfiguration(_) => true,
            Self::Ended { status, .. } => status.code() == Some(CONFIGURATION.into()),
            Self::File { .. }
            | Self::NoPidFile(_)
            | Self::AllRun(_)
            | Self::NotReady { .. }
            | Self::DoesNotEnd { .. } => false,
        }
    }
}

impl From<StartStopError> for Failed {
    fn from(error: StartStopError) -> Self {
        if error.is_configuration() {
            Self::configuration(error.to_string())
        } else {
            Self::at_run_time(&error)
        }
    }
}
