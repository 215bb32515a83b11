//! The pid file: which process a server is, and nobody who has its number later.

use std::fs::{self, File};
use std::io::{self, Read};

use super::StartStopError;
use super::places::Place;
use super::running::RunningServer;
use crate::platform::linux::identity::ProcessIdentity;

/// A pid file is shorter; what is longer is none.
const LONGEST: u64 = 1024;

/// What a pid file says.
#[derive(Debug)]
pub(super) enum Recorded {
    /// There is no file.
    Nothing,
    /// The server that had this pid runs no more.
    Gone(i32),
    /// It runs.
    Runs(RunningServer),
}

/// Reads the pid file of a server.
pub(super) fn read(place: &Place) -> Result<Recorded, StartStopError> {
    let path = place.pid_file();
    let mut text = String::new();
    let read = File::open(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
    match read {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Recorded::Nothing),
        Err(error) => return Err(StartStopError::file(path)(error)),
    }
    let identity = ProcessIdentity::parse(&mut text.lines());
    let identity = identity.ok_or(StartStopError::NoPidFile(path))?;
    let pid = identity.pid;
    Ok(RunningServer::find(&identity).map_or(Recorded::Gone(pid), Recorded::Runs))
}

/// Writes it, in one stroke: nobody reads half a file.
pub(super) fn write(place: &Place, identity: &ProcessIdentity) -> io::Result<()> {
    let path = place.pid_file();
    let new = path.with_extension("pid.new");
    fs::write(&new, identity.to_string())?;
    fs::rename(new, path)
}

/// Removes it.
pub(super) fn remove(place: &Place) -> Result<(), StartStopError> {
    let path = place.pid_file();
    fs::remove_file(&path).map_err(StartStopError::file(path))
}
