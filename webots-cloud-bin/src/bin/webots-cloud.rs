//! `webots-cloud`: the demo, the stand-in for Webots, and checks.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use webots_cloud::adapters::run_if_asked;
use webots_cloud::demo::{self, DemoArguments};
use webots_cloud::main_loop::{Failed, LogArguments};
use webots_cloud::rehearse::{self, RehearseArguments};
use webots_cloud::sandbox_check::{self, SandboxCheckArguments};
#[cfg(target_os = "linux")]
use webots_cloud::start_stop::{self, StartArguments, StopArguments};
use webots_cloud::status::{self, StatusArguments};
use webots_cloud::telemetry::{LogLevel, LogTo};
use webots_cloud::{check, standin};

/// Interactive Webots simulations for many people at once.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  webots-cloud demo                try it: all servers, sample projects, no Webots needed
  webots-cloud demo --check        play one whole session as a browser would, step by step
  webots-cloud start               config/simulation/local.json, config/session/local.json, …
  webots-cloud restart mysite      config/simulation/mysite.json, …
  webots-cloud status              who answers, how loaded they are, what runs there
  webots-cloud check session.json simulation.json
  webots-cloud rehearse http://localhost:1999 --sessions 30 --rate 5
  webots-cloud sandbox-check       what could a simulation do on this machine?
  webots-cloud standin --port=1234 --stream worlds/simple.wbt"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    log: LogArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run all servers here, with sample projects and the stand-in where there is no Webots
    Demo(DemoArguments),
    /// Start the servers of a name in the background, and wait until they are ready
    #[cfg(target_os = "linux")]
    Start(StartArguments),
    /// Stop the servers of a name, and wait until they are gone
    #[cfg(target_os = "linux")]
    Stop(StopArguments),
    /// Stop the servers of a name, and start them again
    #[cfg(target_os = "linux")]
    Restart(StartArguments),
    /// Ask servers how they are, and print a table: loads, sessions, who does not answer
    Status(StatusArguments),
    /// Check configuration files, and say everything that is wrong with them at once
    Check {
        /// The files; whether one is a session or simulation server's or website host's is seen
        /// from its folder, name or keys
        #[arg(required = true)]
        config: Vec<PathBuf>,
    },
    /// Rehearse a lesson before the students come: clients, sessions, and a report
    Rehearse(Box<RehearseArguments>),
    /// Try what a simulation could do on this machine, and print a table of it
    SandboxCheck(SandboxCheckArguments),
    /// Stand in for Webots: takes Webots' own command line
    #[command(disable_help_flag = true)]
    Standin {
        /// What Webots would be given
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    run_if_asked();
    // The stand-in's arguments are Webots', `--version` included.
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some("standin") {
        return standin::main(words.collect());
    }
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Demo(demo) => {
            let logging = arguments.log.set_up(LogLevel::Warn, LogTo::Terminal);
            logging.and_then(|_kept| demo::run(&demo))
        }
        #[cfg(target_os = "linux")]
        Command::Start(servers) => start_stop::start(&servers, arguments.log),
        #[cfg(target_os = "linux")]
        Command::Stop(servers) => start_stop::stop(&servers),
        #[cfg(target_os = "linux")]
        Command::Restart(servers) => start_stop::restart(&servers, arguments.log),
        Command::Status(asked) => return status::run(&asked).unwrap_or_else(Failed::report),
        Command::Check { config } => check::files(&config),
        Command::Rehearse(rehearsal) => {
            let logging = arguments.log.set_up(LogLevel::Warn, LogTo::Terminal);
            let rehearsed = logging.and_then(|_kept| rehearse::run(&rehearsal));
            return rehearsed.unwrap_or_else(Failed::report);
        }
        Command::SandboxCheck(check) => {
            // The tables say what the log would.
            let logging = arguments.log.set_up(LogLevel::Error, LogTo::Terminal);
            let checked = logging.and_then(|_kept| sandbox_check::run(&check));
            return checked.unwrap_or_else(Failed::report);
        }
        Command::Standin { arguments } => return standin::main(arguments),
    };
    done.map_or_else(Failed::report, |()| ExitCode::SUCCESS)
}
