//! A stand-in for Webots, for machines that have none: demo, tests, rehearsals.
//!
//! It takes Webots' command lines of both dialects ([`options`]), reads a world
//! ([`wbt`], [`scene_build`]), moves it ([`physics`]), runs the robots' controllers as processes
//! ([`controller`]), and speaks the streaming protocol on its port ([`protocol`], [`server`]) and the
//! words on its standard output that the servers wait for. The book's page on the stand-in says what
//! differs from Webots.
//!
//! ```text
//!  world.wbt --wbt--> nodes --scene_build--> Scene --x3d--> model:
//!                                              |
//!  controllers <--lines--> simulation <--> physics
//!                              |
//!  clients <--frames--> server (WebSocket, HTTP)
//! ```

// Tests may stop at the first surprise.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod controller;
pub mod controller_line;
pub mod editor;
pub mod fault;
mod http;
pub mod looks;
pub mod math;
pub mod number;
pub mod options;
pub mod output;
pub mod physics;
pub mod project;
pub mod protocol;
pub mod scene;
pub mod scene_build;
mod scene_fields;
mod scene_looks;
mod scene_parts;
pub mod server;
pub mod simulation;
pub mod wbt;
pub mod x3d;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use fault::Faults;
use options::{Command, Dialect, Options, Stream};
use output::Output;
use project::Project;
use simulation::Simulation;

/// The argument by which the fault `grandchild` starts this program again.
const GRANDCHILD: &str = "--standin-grandchild";

/// The whole of `webots-cloud standin`: [`run`] on a runtime of its own.
pub fn main(args: Vec<String>) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(run(args)),
        Err(error) => {
            eprintln!("no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the stand-in with Webots' arguments, those after the program's name, until it is told to end.
///
/// Needs a tokio runtime with I/O and time; a single-threaded one is enough.
pub async fn run(args: Vec<String>) -> ExitCode {
    let Some(output) = Output::start() else {
        return ExitCode::FAILURE;
    };
    let code = if args == [GRANDCHILD] {
        fault::be_a_grandchild().await;
        ExitCode::SUCCESS
    } else {
        dispatch(&args, &output).await
    };
    output.flush().await;
    code
}

async fn dispatch(args: &[String], output: &Output) -> ExitCode {
    match options::parse(args) {
        Ok(Command::Help) => output.line(help()),
        Ok(Command::Version) => {
            output.line(format!(
                "webots-cloud stand-in for Webots, {}",
                env!("CARGO_PKG_VERSION")
            ));
        }
        Ok(Command::Run(options)) => match simulate(options, output).await {
            Ok(code) => return code,
            Err(why) => {
                output.error(why);
                return ExitCode::FAILURE;
            }
        },
        Err(usage) => {
            match usage.dialect {
                Dialect::Legacy => output.line(usage.message),
                Dialect::Modern => output.error(usage.message),
            }
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Simulates until SIGTERM or SIGINT.
async fn simulate(options: Options, output: &Output) -> Result<ExitCode, String> {
    let mut signals = Signals::new().map_err(|e| format!("no signals: {e}"))?;
    for note in &options.notes {
        output.error(note.clone());
    }
    if options.stream == Some(Stream::Mjpeg) {
        return Err("webots: the stand-in cannot stream mjpeg: use the mode x3d or w3d".to_owned());
    }
    let project = Project::of_world(&options.world)?;
    let faults = Faults::read(&project.root).await;
    start_faults(faults, output)?;
    let stop = CancellationToken::new();
    let _stop_at_the_end = stop.clone().drop_guard();
    let die = CancellationToken::new();
    let reading = project.clone();
    let scene = tokio::task::spawn_blocking(move || simulation::read(&reading, &reading.world));
    let scene = scene.await.map_err(|failed| failed.to_string())??;
    let (events, clients) = mpsc::channel(simulation::QUEUE);
    if options.stream.is_some() && !faults.never_ready {
        let port = if faults.wrong_port { 0 } else { options.port };
        let listener = server::listen(port, options.dialect)
            .await
            .map_err(|e| format!("Error: could not listen on port {}: {e}", options.port))?;
        let shared = server::Shared {
            project: Arc::new(project.clone()),
            events: events.clone(),
            stop: stop.clone(),
        };
        tokio::spawn(server::serve(listener, shared));
    }
    if let Some(every) = options.heartbeat.filter(|_| !faults.never_ready) {
        let after = faults.die_after_ready.then(|| die.clone());
        tokio::spawn(heartbeat(every, output.clone(), after));
    }
    if options.monitor && !faults.never_ready {
        output.line("open");
        if faults.die_after_ready {
            die.cancel();
        }
    }
    let simulation = Simulation::new(options, output.clone(), project, scene);
    let running = tokio::spawn(simulation.run(clients, stop.clone()));
    let died = loop {
        tokio::select! {
            () = signals.next() => if !faults.ignore_term { break false },
            () = die.cancelled() => break true,
        }
    };
    stop.cancel();
    let _ = running.await;
    drop(events);
    Ok(if died {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn start_faults(faults: Faults, output: &Output) -> Result<(), String> {
    if faults.long_line {
        output.line("x".repeat(1_000_000));
    }
    if faults.grandchild {
        let program = std::env::current_exe().map_err(|e| e.to_string())?;
        std::process::Command::new(program)
            .args(["standin", GRANDCHILD])
            .stdin(std::process::Stdio::null())
            .spawn()
            .map_err(|e| format!("no grandchild: {e}"))?;
    }
    if faults.die_at_start {
        return Err("webots: the stand-in was asked to die at the start".to_owned());
    }
    Ok(())
}

/// `.` again and again (W2.10); the first one says that it is ready.
async fn heartbeat(every: Duration, output: Output, after: Option<CancellationToken>) {
    let mut beats = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    loop {
        beats.tick().await;
        output.line(".");
        if let Some(die) = &after {
            die.cancel();
        }
    }
}

struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

fn help() -> String {
    let mut text = String::from(
        "A stand-in for Webots: simulates simple worlds and streams them as Webots does.\n\n\
         Usage: webots-cloud standin [OPTIONS] WORLD.wbt\n\n\
         Options of R2022b and later:\n\
         \x20 --port=N                 the TCP port, 1 to 65535 (1234)\n\
         \x20 --stream[=w3d|x3d]       stream the world\n\
         \x20 --heartbeat[=MS]         print a dot so often (1000)\n\
         Options before R2022b:\n\
         \x20 --stream=\"port=N;monitorActivity;controllerEdit;disableTextStreams;mode=x3d\"\n\
         Options of both:\n\
         \x20 --mode=pause|realtime|run|fast\n\
         \x20 --stdout, --stderr       print what controllers print\n\
         \x20 --batch, --minimize, --no-rendering, --fullscreen   taken, without effect\n\
         \x20 --help, --version\n\n\
         Examples:\n\
         \x20 webots-cloud standin --batch --mode=pause --port=2001 --heartbeat=5000 --stream worlds/simple.wbt\n\
         \x20 webots-cloud standin --batch --stream=\"port=2001;monitorActivity\" worlds/simple.wbt\n\n",
    );
    text.push_str(&format!(
        "Faults, for tests of what starts it: words in {} or, one a line,\nin a file {} in the project's folder:\n",
        fault::VARIABLE,
        fault::FILE
    ));
    for (word, what) in fault::HELP {
        text.push_str(&format!("  {word:<16} {what}\n"));
    }
    text
}
