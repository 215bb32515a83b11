//! Servers side by side, in one run and in turn: `benches/compare/run --help`.
//!
//! This program is the load, the servers of this project, the bare limit, and their simulations'
//! stand-in: it starts itself again for each. Others are given by their addresses.
#![cfg(target_os = "linux")]

mod arguments;
mod bare;
mod fork_exec;
mod http;
mod load;
mod measure;
mod ours;
mod sessions;
mod sockets;
mod started;
mod table;
mod target;
mod usage;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use webots_cloud::adapters::run_if_asked;
use webots_cloud::standin;

use arguments::Arguments;

/// A failure ends the whole.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    run_if_asked();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let served = match words.first().map(String::as_str) {
        Some("standin") => return standin::main(words[1..].to_vec()),
        Some("serve-bare") => bare::serve(),
        Some("serve-session") => ours::session(&words[1..]),
        Some("serve-simulation") => ours::simulation(&words[1..]),
        _ => measure::all(&Arguments::parse()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}
