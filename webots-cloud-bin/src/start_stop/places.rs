//! Where the files of servers are: `config/` and `log/` below the current folder.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use webots_cloud_core::config::Server;

use super::StartStopError;

const LOG: &str = "log";

/// The folder `log`, held for one command at a time: nobody else starts or stops servers there
/// meanwhile.
#[derive(Debug)]
pub(super) struct LogFolder(#[expect(dead_code, reason = "holds the lock")] File);

impl LogFolder {
    /// The folder, which is made if need be.
    pub(super) fn made() -> Result<Self, StartStopError> {
        fs::create_dir_all(LOG).map_err(StartStopError::file(LOG))?;
        Self::hold().map_err(StartStopError::file(LOG))
    }

    /// The folder, if it is there.
    pub(super) fn there() -> Result<Option<Self>, StartStopError> {
        match Self::hold() {
            Ok(held) => Ok(Some(held)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StartStopError::file(LOG)(error)),
        }
    }

    fn hold() -> io::Result<Self> {
        let folder = File::open(LOG)?;
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(folder)),
            Err(Errno::WOULDBLOCK) => Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "another start or stop is at work here",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// The server of this name.
    pub(super) fn place(&self, server: Server, name: &str) -> Place {
        Place {
            server,
            name: name.to_owned(),
        }
    }
}

/// One server of a name, shown like `local session server`.
#[derive(Clone, Debug)]
pub(super) struct Place {
    server: Server,
    name: String,
}

impl Place {
    pub(super) const fn server(&self) -> Server {
        self.server
    }

    fn word(&self) -> &'static str {
        match self.server {
            Server::Session => "session",
            Server::Simulation => "simulation",
            Server::Website => "website",
        }
    }

    pub(super) fn config(&self) -> PathBuf {
        Path::new("config")
            .join(self.word())
            .join(format!("{}.json", self.name))
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.in_log("pid")
    }

    /// What the server prints.
    pub(super) fn output(&self) -> PathBuf {
        self.in_log("log")
    }

    /// What an earlier one printed.
    pub(super) fn earlier_output(&self) -> PathBuf {
        self.in_log("log.1")
    }

    fn in_log(&self, ending: &str) -> PathBuf {
        Path::new(LOG).join(format!("{}-{}.{ending}", self.word(), self.name))
    }

    /// The program, beside the one that runs.
    pub(super) fn program(&self) -> io::Result<PathBuf> {
        let program = match self.server {
            Server::Session => "webots-session-server",
            Server::Simulation => "webots-simulation-server",
            Server::Website => "webots-website-host",
        };
        Ok(std::env::current_exe()?.with_file_name(program))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.server.name())
    }
}
