//! What the servers' `main` functions share: arguments, signals, exit codes.

mod signals;
mod watchdog;

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::future::Future;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use webots_cloud_core::config::{Checked, ConfigErrors, NO_FILE, Surroundings};

use crate::service_manager::{self, State};
use crate::start_error::StartError;
use crate::surroundings::ThisMachine;
use crate::telemetry::{self, LogFormat, LogLevel, LogTo, Logging};
use signals::Signalled;
use watchdog::Watchdog;

pub(crate) use signals::Signals;

/// A run-time failure.
pub const FAILURE: u8 = 1;

/// Arguments that cannot be used, as clap has it.
pub const USAGE: u8 = 2;

/// A configuration that cannot be used (`EX_CONFIG` of sysexits.h).
pub const CONFIGURATION: u8 = 78;

/// How long a server may take to end before it is ended anyway (contract, 1).
pub const SHUTDOWN_TIME: Duration = Duration::from_secs(14);

/// The arguments of every server.
#[derive(Args, Clone, Debug)]
pub struct ServerArguments {
    /// The configuration file, a JSON object; all defaults if left out
    pub config: Option<PathBuf>,
    /// Listen on this port instead of the configured one; 0 is a free one
    #[arg(long)]
    pub port: Option<u16>,
    /// Check the configuration, print it as it is in effect with secrets masked, and exit
    #[arg(long)]
    pub check: bool,
    /// Run without a terminal: in a session of its own, and log to the file alone, even where the
    /// configuration says `debug` (`webots-cloud start` does so)
    #[arg(long, requires = "config", conflicts_with = "check")]
    pub detached: bool,
    #[command(flatten)]
    /// What is logged, and how.
    pub log: LogArguments,
}

/// What is logged, and how.
#[derive(Args, Clone, Copy, Debug)]
pub struct LogArguments {
    /// The form of the log lines
    #[arg(long, value_enum, default_value_t, global = true)]
    pub log_format: LogFormat,
    /// How much is logged [default: info; of the demo, warn]
    #[arg(long, value_enum, global = true)]
    pub log_level: Option<LogLevel>,
}

impl ServerArguments {
    /// Sets up logging for the process, with the log file in the folder `name` of `log_dir`. There is
    /// none without a configuration file that could say where, nor where it says `debug`.
    ///
    /// # Errors
    /// The file cannot be written: exit code 1 (W1.9).
    pub fn set_up_logging(
        &self,
        log_dir: &Path,
        name: &str,
        debug: bool,
    ) -> Result<Logging, Failed> {
        let wanted = self.config.is_some() && (self.detached || !debug);
        let folder = wanted.then(|| log_dir.join(name));
        let to = match &folder {
            None => LogTo::Terminal,
            Some(folder) if self.detached => LogTo::File(folder),
            Some(folder) => LogTo::Both(folder),
        };
        self.log.set_up(LogLevel::Info, to)
    }

    /// Leaves the terminal's session, if that is wanted.
    pub fn detach(&self) {
        // It fails where a session of its own has begun already.
        #[cfg(unix)]
        if self.detached {
            let _ = rustix::process::setsid();
        }
    }
}

impl LogArguments {
    /// Sets up logging for the process; `usual` is how much is logged if nothing was said.
    ///
    /// # Errors
    /// The file cannot be written: exit code 1 (W1.9).
    pub fn set_up(self, usual: LogLevel, to: LogTo<'_>) -> Result<Logging, Failed> {
        telemetry::set_up(self.log_format, self.log_level.unwrap_or(usual), to)
            .map_err(|error| Failed::at_run_time(&error))
    }
}

/// Reads and checks a configuration; `None` is the one that was left out. Warnings are printed.
///
/// # Errors
/// What to print, and the exit code: 78 if the file is wrong, also if it cannot be read.
pub fn read_config<T>(
    file: Option<&Path>,
    check: impl FnOnce(&str, &dyn Surroundings) -> Result<Checked<T>, ConfigErrors>,
) -> Result<T, Failed> {
    let name = name_of(file);
    let text = match file {
        None => NO_FILE.to_owned(),
        Some(file) => fs::read_to_string(file)
            .map_err(|error| Failed::configuration(format!("{name}: cannot be read: {error}")))?,
    };
    let checked = check(&text, &ThisMachine::for_file(file))
        .map_err(|errors| Failed::configuration(errors.in_file(name.clone()).to_string()))?;
    for warning in checked.warnings {
        eprintln!("{name}: warning: {warning}");
    }
    Ok(checked.config)
}

fn name_of(file: Option<&Path>) -> Cow<'_, str> {
    file.map_or_else(|| "default configuration".into(), Path::to_string_lossy)
}

/// Why a program ends early: a text for standard error, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    text: String,
    code: u8,
}

impl Failed {
    /// The configuration is wrong.
    pub fn configuration(text: String) -> Self {
        Self {
            text,
            code: CONFIGURATION,
        }
    }

    /// The arguments are wrong.
    pub fn usage(text: String) -> Self {
        Self { text, code: USAGE }
    }

    /// The same, and where the configuration is wrong, in which file.
    #[must_use]
    pub fn in_file(self, file: Option<&Path>) -> Self {
        if self.code == CONFIGURATION {
            Self::configuration(format!("{}: {}", name_of(file), self.text))
        } else {
            self
        }
    }

    /// Something failed at run time.
    pub fn at_run_time(error: &dyn Error) -> Self {
        Self {
            text: chain(error),
            code: FAILURE,
        }
    }

    /// What is to be said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Prints the text and gives the exit code.
    pub fn report(self) -> ExitCode {
        eprintln!("{}", self.text);
        ExitCode::from(self.code)
    }
}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        if error.is_configuration() {
            Self::configuration(chain(&error))
        } else {
            Self::at_run_time(&error)
        }
    }
}

/// An error and its causes, on one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// Says on standard output, and to the service manager, that the server is ready.
pub fn say_ready(server: &str, port: u16, tls: bool) {
    let tls = if tls { "SSL" } else { "no SSL" };
    let line = format!("{server} running on port {port} ({tls})");
    tracing::info!("{line}");
    let mut out = std::io::stdout();
    // Whoever closed standard output does not want to know.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    service_manager::tell(State::Ready(&line));
}

/// Runs a server: `start` it, serve until a signal comes, then `end` it within [`SHUTDOWN_TIME`]; a
/// second signal forces.
///
/// A service manager that wants to know whether the server lives is told so as long as `check` comes
/// back, which it should only if the server could answer, and as long as the runtime's clock goes.
///
/// # Errors
/// It did not start, or there are no signals to be had.
pub fn run<S, Started, Ended>(
    start: impl FnOnce() -> Started,
    reload: impl Fn(&S),
    check: impl Fn(&S),
    end: impl FnOnce(S) -> Ended,
) -> Result<(), Failed>
where
    Started: Future<Output = Result<S, StartError>>,
    Ended: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::at_run_time(&error))?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::new().map_err(|error| Failed::at_run_time(&error))?;
        let server = tokio::select! {
            started = start() => started?,
            () = signals.end() => return Ok(()),
        };
        let mut watchdog = Watchdog::new();
        loop {
            tokio::select! {
                signalled = signals.next() => match signalled {
                    Signalled::Reload => {
                        service_manager::tell(State::Reloading);
                        reload(&server);
                        service_manager::tell(State::Reloaded);
                    }
                    Signalled::End => break,
                },
                () = watchdog.due() => {
                    check(&server);
                    service_manager::tell(State::Alive);
                }
            }
        }
        tracing::info!("ending");
        service_manager::tell(State::Stopping);
        tokio::select! {
            () = end(server) => {}
            () = signals.end() => tracing::warn!("ended by a second signal"),
            () = tokio::time::sleep(SHUTDOWN_TIME) => tracing::warn!("the end took too long"),
        }
        Ok(())
    });
    // Whatever still runs has been waited for long enough.
    runtime.shutdown_timeout(Duration::from_millis(200));
    ended
}
