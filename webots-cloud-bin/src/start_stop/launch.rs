//! Starts one server in the background, and waits until it is ready.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use rustix::process::Pid;

use super::places::Place;
use super::running::RunningServer;
use super::{END_TIME, StartStopError, pid_file};
use crate::main_loop::LogArguments;
use crate::platform::linux::identity::ProcessIdentity;

/// How often the server's output is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// The most bytes of that which are looked at.
const MOST_WORDS: u64 = 64 * 1024;

/// How servers are started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Launch {
    pub(super) log: LogArguments,
    /// How long one may take to be ready.
    pub(super) limit: Duration,
}

/// A server that is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) pid: u32,
    pub(super) port: u16,
}

impl Launch {
    /// Starts it. One that does not get ready is ended again, and leaves no pid file.
    pub(super) fn start(self, place: &Place) -> Result<Ready, StartStopError> {
        let mut child = self.spawn(place)?;
        let started = record(place, &child);
        let ready = started.and_then(|()| self.wait(place, &mut child));
        if ready.is_err() {
            end(&mut child);
            // It may not have been written yet.
            let _ = fs::remove_file(place.pid_file());
        }
        ready
    }

    fn spawn(self, place: &Place) -> Result<Child, StartStopError> {
        let output = place.output();
        // There may be none.
        let _ = fs::rename(&output, place.earlier_output());
        let open = || {
            let file = File::options().append(true).create(true).open(&output)?;
            Ok((file.try_clone()?, file))
        };
        let (out, err) = open().map_err(StartStopError::file(&output))?;
        let program = place
            .program()
            .map_err(StartStopError::file("/proc/self/exe"))?;
        let mut command = Command::new(&program);
        command
            .arg(place.config())
            .arg("--detached")
            .args(self.log_arguments())
            // It is not for them that somebody waits there.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        command.spawn().map_err(StartStopError::file(program))
    }

    fn log_arguments(self) -> Vec<OsString> {
        let mut words = Vec::new();
        let mut add = |option: &str, value: Option<clap::builder::PossibleValue>| {
            if let Some(value) = value {
                words.extend([option.into(), value.get_name().into()]);
            }
        };
        add("--log-format", self.log.log_format.to_possible_value());
        let level = self.log.log_level;
        add("--log-level", level.and_then(|it| it.to_possible_value()));
        words
    }

    fn wait(self, place: &Place, child: &mut Child) -> Result<Ready, StartStopError> {
        let started = Instant::now();
        loop {
            // In this order: what it printed before it ended is there.
            let ended = child.try_wait().map_err(StartStopError::file("waitpid"))?;
            let words = words(place).map_err(StartStopError::file(place.output()))?;
            if let Some(status) = ended {
                return Err(StartStopError::Ended {
                    server: place.to_string(),
                    status,
                    words,
                });
            }
            if let Some(port) = ready_port(&words) {
                let pid = child.id();
                return Ok(Ready { pid, port });
            }
            if started.elapsed() >= self.limit {
                return Err(StartStopError::NotReady {
                    server: place.to_string(),
                    seconds: self.limit.as_secs(),
                    words,
                });
            }
            thread::sleep(LOOK);
        }
    }
}

/// What it has printed.
fn words(place: &Place) -> io::Result<String> {
    let mut words = Vec::new();
    let file = File::open(place.output())?;
    file.take(MOST_WORDS).read_to_end(&mut words)?;
    Ok(String::from_utf8_lossy(&words).into_owned())
}

/// The port in the line that says that a server is ready, once the line is whole.
fn ready_port(words: &str) -> Option<u16> {
    let whole = words
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let port = |line: &str| {
        line.split_once(" running on port ")?
            .1
            .split(' ')
            .next()?
            .parse()
            .ok()
    };
    whole.filter_map(port).next()
}

fn record(place: &Place, child: &Child) -> Result<(), StartStopError> {
    let identity = identity(child).and_then(|it| pid_file::write(place, &it));
    identity.map_err(StartStopError::file(place.pid_file()))
}

fn identity(child: &Child) -> io::Result<ProcessIdentity> {
    ProcessIdentity::of(Pid::from_child(child))
}

/// Ends a child that is of no use, and waits for it.
fn end(child: &mut Child) {
    if let Some(process) = identity(child).ok().and_then(|it| RunningServer::find(&it)) {
        process.terminate();
        if !process.gone_by(Instant::now() + END_TIME) {
            process.kill();
        }
    }
    // Nobody else waits for it, and it has ended or is killed.
    let _ = child.wait();
}
