//! Logging of the binaries: to standard error, as text or JSON, and to a file that is rotated.

mod line;
mod log_file;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::ValueEnum;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

pub use log_file::LogFileError;

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line of text for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// And what may fail soon.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And each request.
    Debug,
    /// Everything.
    Trace,
}

/// Logging as long as it is kept: what waits to be written is written when it is dropped.
#[derive(Debug)]
#[must_use = "lines are lost without it"]
pub struct Logging(#[expect(dead_code, reason = "is held")] Vec<WorkerGuard>);

/// Lines that wait for a slow disk or terminal; when there are more, lines are lost and the server is
/// not.
const WAITING: usize = 10_000;

/// Where log lines go: to standard error, and to `output.log` in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogTo<'a> {
    /// Standard error.
    Terminal,
    /// The file in this folder.
    File(&'a Path),
    /// Standard error, and the file in this folder.
    Both(&'a Path),
}

/// Sets up logging for the whole process, in the file in the Python servers' form of lines (W1.9) or
/// as JSON. To be called once, by a `main`.
///
/// # Errors
/// The file cannot be written.
pub fn set_up(format: LogFormat, level: LogLevel, to: LogTo<'_>) -> Result<Logging, LogFileError> {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let (terminal, folder) = match to {
        LogTo::Terminal => (true, None),
        LogTo::File(folder) => (false, Some(folder)),
        LogTo::Both(folder) => (true, Some(folder)),
    };
    let (file, guard) = folder.map(log_file::open).transpose()?.unzip();
    let (terminal, shown) = terminal.then(|| patient(io::stderr())).unzip();
    let terminal = terminal.map(|terminal| {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(terminal)
            .with_ansi(io::stderr().is_terminal())
            .with_target(false);
        match format {
            LogFormat::Text => layer.boxed(),
            LogFormat::Json => layer.json().boxed(),
        }
    });
    let file = file.map(|file| {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(file)
            .with_ansi(false)
            .with_target(false);
        match format {
            LogFormat::Text => layer.event_format(line::PythonLine).boxed(),
            LogFormat::Json => layer.json().boxed(),
        }
    });
    tracing_subscriber::registry()
        .with(file.with_filter(level))
        .with(terminal.with_filter(level))
        .init();
    Ok(Logging(guard.into_iter().chain(shown).collect()))
}

/// Writes in a thread of its own: who reads a terminal or a pipe slowly holds up nobody.
fn patient(to: impl Write + Send + 'static) -> (NonBlocking, WorkerGuard) {
    let writer = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING)
        .lossy(true)
        .thread_name("log");
    writer.finish(to)
}
