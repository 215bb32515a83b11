//! The command line, in both of Webots' dialects (W2.9, W2.21).

use std::path::PathBuf;
use std::time::Duration;

/// How Webots is spoken to, on its command line and on its socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// R2018 to R2022a: `--stream="port=N;monitorActivity"`, `open`, `poses`.
    Legacy,
    /// From R2022b: `--port=N --heartbeat=MS --stream`, `.`, `updates`.
    Modern,
}

/// What the simulation does when nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It stands.
    Pause,
    /// As fast as the clock on the wall.
    RealTime,
    /// As fast as it can.
    Fast,
}

/// What is to be streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// A 3D scene.
    Scene,
    /// Pictures.
    Mjpeg,
}

/// A command line that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The dialect it is written in.
    pub dialect: Dialect,
    /// What is streamed; `None` is a simulation without clients.
    pub stream: Option<Stream>,
    /// The port.
    pub port: u16,
    /// `monitorActivity`: print `open` and `.` (legacy).
    pub monitor: bool,
    /// `controllerEdit`: clients may change controllers (legacy).
    pub controller_edit: bool,
    /// `disableTextStreams`: no `stdout:` and `stderr:` frames (legacy).
    pub text_streams: bool,
    /// `--heartbeat`: how often `.` is printed (modern).
    pub heartbeat: Option<Duration>,
    /// `--mode`.
    pub mode: Mode,
    /// `--stdout`: what controllers print goes to standard output too.
    pub stdout: bool,
    /// `--stderr`: likewise.
    pub stderr: bool,
    /// The world.
    pub world: PathBuf,
    /// What was odd, for standard error.
    pub notes: Vec<String>,
}

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// To simulate.
    Run(Options),
    /// `--help`.
    Help,
    /// `--version`.
    Version,
}

/// A command line that makes no sense; Webots of old says so on stdout, of today on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    /// What is wrong.
    pub message: String,
    /// The dialect, as far as it could be told.
    pub dialect: Dialect,
}

const LEGACY_KEYS: [&str; 8] = [
    "port",
    "monitorActivity",
    "disableTextStreams",
    "ssl",
    "controllerEdit",
    "multimediaServer",
    "multimediaStream",
    "mode",
];

/// Reads a command line, without the program's name.
///
/// # Errors
/// Where Webots would refuse it.
pub fn parse(args: &[String]) -> Result<Command, UsageError> {
    let dialect = dialect(args);
    let fail = |message: String| UsageError { message, dialect };
    let mut options = Options {
        dialect,
        stream: None,
        port: 1234,
        monitor: false,
        controller_edit: false,
        text_streams: true,
        heartbeat: None,
        mode: Mode::RealTime,
        stdout: false,
        stderr: false,
        world: PathBuf::new(),
        notes: Vec::new(),
    };
    let mut worlds = Vec::new();
    let mut batch = false;
    for arg in args {
        if !arg.starts_with('-') {
            worlds.push(arg.as_str());
            continue;
        }
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (arg.as_str(), None),
        };
        match (name, value) {
            ("--help" | "-h", None) => return Ok(Command::Help),
            ("--version", None) => return Ok(Command::Version),
            ("--batch", None) => batch = true,
            (
                "--minimize" | "--no-rendering" | "--fullscreen" | "--no-sandbox" | "--sandbox",
                None,
            ) => {}
            ("--log-performance", Some(_)) => {}
            ("--stdout", None) => options.stdout = true,
            ("--stderr", None) => options.stderr = true,
            ("--mode", Some(mode)) => {
                options.mode = match mode {
                    "pause" | "stop" => Mode::Pause,
                    "realtime" => Mode::RealTime,
                    "run" | "fast" => Mode::Fast,
                    _ => return Err(fail(format!("webots: invalid mode '{mode}'"))),
                }
            }
            ("--port", Some(port)) if dialect == Dialect::Modern => {
                options.port = port_number(port).ok_or_else(|| {
                    fail(format!(
                        "webots: invalid port number '{port}' (must be between 1 and 65535)"
                    ))
                })?;
            }
            ("--heartbeat", value) if dialect == Dialect::Modern => {
                let ms = match value {
                    None => Some(1000),
                    Some(text) => text.parse().ok().filter(|ms| (1..=86_400_000).contains(ms)),
                };
                let ms = ms.ok_or_else(|| fail(format!("webots: invalid heartbeat in '{arg}'")))?;
                options.heartbeat = Some(Duration::from_millis(ms));
            }
            ("--stream", value) => match dialect {
                Dialect::Legacy => {
                    legacy_stream(&mut options, value.unwrap_or("")).map_err(fail)?;
                }
                Dialect::Modern => {
                    options.stream = Some(match value {
                        None | Some("w3d" | "x3d") => Stream::Scene,
                        Some("mjpeg") => Stream::Mjpeg,
                        Some(other) => {
                            return Err(fail(format!("webots: invalid streaming mode '{other}'")));
                        }
                    });
                }
            },
            _ => {
                return Err(fail(format!(
                    "webots: invalid option '{arg}': try --help for more information"
                )));
            }
        }
    }
    options.world = match worlds.as_slice() {
        [world] => PathBuf::from(world),
        [] => {
            return Err(fail(
                "webots: a world file is needed: the stand-in has no default one".to_owned(),
            ));
        }
        [_, ..] => {
            return Err(fail(
                "webots: too many arguments: only one world file is possible".to_owned(),
            ));
        }
    };
    if options.stream.is_some() && !batch {
        options.notes.push(
            "Warning: --stream without --batch: dialogs would block the simulation".to_owned(),
        );
    }
    Ok(Command::Run(options))
}

/// The dialect shows in the value of `--stream`.
fn dialect(args: &[String]) -> Dialect {
    let legacy = |value: &str| {
        value.starts_with('"')
            || value
                .split([';', '='])
                .next()
                .is_some_and(|key| LEGACY_KEYS.contains(&key))
    };
    if args
        .iter()
        .filter_map(|arg| arg.strip_prefix("--stream="))
        .any(legacy)
    {
        Dialect::Legacy
    } else {
        Dialect::Modern
    }
}

/// `"port=N;monitorActivity;…"`, with quotes that no shell has taken away (W2.9).
fn legacy_stream(options: &mut Options, value: &str) -> Result<(), String> {
    let value = value.strip_prefix('"').unwrap_or(value);
    let value = value.strip_suffix('"').unwrap_or(value);
    options.stream = Some(Stream::Scene);
    for item in value
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
    {
        let (key, value) = item.split_once('=').unwrap_or((item, ""));
        match key {
            "port" => {
                options.port = port_number(value)
                    .ok_or_else(|| format!("webots: invalid port '{value}' in --stream"))?;
            }
            "monitorActivity" => options.monitor = true,
            "controllerEdit" => options.controller_edit = true,
            "disableTextStreams" => options.text_streams = false,
            "mode" => {
                options.stream = Some(match value {
                    "x3d" => Stream::Scene,
                    "mjpeg" => Stream::Mjpeg,
                    _ => return Err(format!("webots: invalid streaming mode '{value}'")),
                });
            }
            "multimediaServer" | "multimediaStream" => {}
            "ssl" => {
                return Err(
                    "webots: the stand-in cannot stream over TLS ('ssl' in --stream)".to_owned(),
                );
            }
            _ => options
                .notes
                .push(format!("Streaming server: unknown key passed over: {key}")),
        }
    }
    Ok(())
}

fn port_number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|&port| port != 0)
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
