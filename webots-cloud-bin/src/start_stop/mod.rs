//! `webots-cloud start|stop|restart [NAME]`: the servers of one name, in the background.
//!
//! | file | does |
//! |---|---|
//! | `places` | where the files of a server of this name are |
//! | `pid_file` | which process it is, as the pid file says |
//! | `running` | that process: signalled, and waited for |
//! | `launch` | starts a server and waits until it is ready |
//! | `error` | what can go wrong |

mod error;
mod launch;
mod pid_file;
mod places;
mod running;

use std::time::{Duration, Instant};

use clap::Args;
use webots_cloud_core::config::Server;

use crate::check;
use crate::file_name;
use crate::main_loop::{Failed, LogArguments, chain};
use error::StartStopError;
use launch::Launch;
use pid_file::Recorded;
use places::{LogFolder, Place};

/// How long a server may take to end: what the contract allows it.
const END_TIME: Duration = Duration::from_secs(15);

/// In the order in which they are started. They are stopped the other way round, so that nobody is
/// sent to a server that ends.
const SERVERS: [Server; 3] = [Server::Simulation, Server::Session, Server::Website];

const FILES: &str = "Configurations are config/simulation/NAME.json, config/session/NAME.json and
config/website/NAME.json below the current folder: whichever is there is started, in this order.
In log/ are the pid files (simulation-NAME.pid …) and what the servers print (simulation-NAME.log …);
what they log is where `logDir` says.";

/// Which servers.
#[derive(Args, Clone, Debug)]
pub struct StopArguments {
    /// The name of the configuration files, without `.json`
    #[arg(default_value = "local", value_parser = file_name::check)]
    name: String,
}

/// Which servers, and how patiently.
#[derive(Args, Clone, Debug)]
#[command(after_help = FILES)]
pub struct StartArguments {
    #[command(flatten)]
    which: StopArguments,
    /// How many seconds a server may take to be ready
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    wait: u32,
}

/// Starts the servers that do not run yet, and waits until each is ready. All or none: if one does not
/// start, those that were started before it are ended again.
///
/// # Errors
/// There is none to start, all run already, or one did not start.
pub fn start(arguments: &StartArguments, log: LogArguments) -> Result<(), Failed> {
    let folder = LogFolder::made()?;
    Ok(start_in(&folder, arguments, log)?)
}

/// Ends the servers that run, and waits until they are gone.
///
/// # Errors
/// One does not end.
pub fn stop(arguments: &StopArguments) -> Result<(), Failed> {
    match LogFolder::there()? {
        Some(folder) => Ok(stop_in(&folder, &arguments.name)?),
        None => {
            nothing_runs(&arguments.name);
            Ok(())
        }
    }
}

/// Ends the servers that run, and starts them all.
///
/// # Errors
/// A configuration is wrong, and nothing was stopped; or as with [`stop`] and [`start`].
pub fn restart(arguments: &StartArguments, log: LogArguments) -> Result<(), Failed> {
    let folder = LogFolder::made()?;
    // What cannot be started again must not be stopped.
    for place in configured(&folder, &arguments.which.name)? {
        check::one(place.server(), &place.config())?;
    }
    stop_in(&folder, &arguments.which.name)?;
    Ok(start_in(&folder, arguments, log)?)
}

fn start_in(
    folder: &LogFolder,
    arguments: &StartArguments,
    log: LogArguments,
) -> Result<(), StartStopError> {
    let launch = Launch {
        log,
        limit: Duration::from_secs(arguments.wait.into()),
    };
    let mut running = Vec::new();
    let mut missing = Vec::new();
    for place in configured(folder, &arguments.which.name)? {
        match pid_file::read(&place)? {
            Recorded::Nothing => missing.push(place),
            Recorded::Gone(pid) => {
                forget(&place, pid)?;
                missing.push(place);
            }
            Recorded::Runs(process) => running.push(format!("{place} ({}) runs", process.pid())),
        }
    }
    if missing.is_empty() {
        return Err(StartStopError::AllRun(running.join(", ")));
    }
    running.iter().for_each(|line| println!("{line} already"));
    let mut started: Vec<Place> = Vec::new();
    for place in missing {
        match launch.start(&place) {
            Ok(ready) => println!("Started {place} ({}) on port {}", ready.pid, ready.port),
            Err(failed) => {
                started.reverse();
                // Why it did not start says more than why another does not end.
                if let Err(error) = end(&started, " again") {
                    eprintln!("{}", chain(&error));
                }
                return Err(failed);
            }
        }
        started.push(place);
    }
    Ok(())
}

fn stop_in(folder: &LogFolder, name: &str) -> Result<(), StartStopError> {
    let places: Vec<Place> = SERVERS
        .iter()
        .rev()
        .map(|server| folder.place(*server, name))
        .collect();
    if end(&places, "")? == 0 {
        nothing_runs(name);
    }
    Ok(())
}

fn nothing_runs(name: &str) {
    println!("no server of {name} runs here");
}

/// Those whose configuration is there.
fn configured(folder: &LogFolder, name: &str) -> Result<Vec<Place>, StartStopError> {
    let (there, missing): (Vec<Place>, Vec<Place>) = SERVERS
        .iter()
        .map(|server| folder.place(*server, name))
        .partition(|place| place.config().is_file());
    if there.is_empty() {
        let files = missing.iter().map(|it| it.config().display().to_string());
        let files: Vec<String> = files.collect();
        return Err(StartStopError::NoConfiguration(files.join(", ")));
    }
    Ok(there)
}

/// Asks all to end at the same time, in this order, and waits for them. Gives how many there were.
fn end(places: &[Place], again: &str) -> Result<usize, StartStopError> {
    let mut ending = Vec::new();
    for place in places {
        match pid_file::read(place)? {
            Recorded::Nothing => {}
            Recorded::Gone(pid) => forget(place, pid)?,
            Recorded::Runs(process) => {
                process.terminate();
                ending.push((place, process));
            }
        }
    }
    let deadline = Instant::now() + END_TIME;
    let mut stubborn = Vec::new();
    for (place, process) in &ending {
        let pid = process.pid();
        if process.gone_by(deadline) {
            pid_file::remove(place)?;
            println!("Stopped {place} ({pid}){again}");
        } else {
            stubborn.push(format!("{place} ({pid})"));
        }
    }
    if stubborn.is_empty() {
        Ok(ending.len())
    } else {
        Err(StartStopError::DoesNotEnd {
            servers: stubborn.join(", "),
            seconds: END_TIME.as_secs(),
        })
    }
}

fn forget(place: &Place, pid: i32) -> Result<(), StartStopError> {
    pid_file::remove(place)?;
    let file = place.pid_file();
    println!("Removed {}: {place} ({pid}) is gone", file.display());
    Ok(())
}
