//! `webots-cloud sandbox-check [CONFIG]`: what simulations could do on this machine.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use webots_cloud_core::config;

use crate::main_loop::{FAILURE, Failed, read_config};
use crate::simulation_server::SandboxCheck;

/// The arguments.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 confined, 1 not confined, 2 wrong arguments, 78 wrong configuration.

Examples:
  webots-cloud sandbox-check                        with the default configuration
  webots-cloud sandbox-check simulation.json        with the sandbox, limits and folders of this file
  webots-cloud sandbox-check --json simulation.json | jq .confined"
)]
pub struct SandboxCheckArguments {
    /// The simulation server's configuration file; all defaults if left out
    pub config: Option<PathBuf>,
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
}

/// Tries every sandbox that the configuration could take, and prints what was found.
///
/// # Errors
/// The configuration is wrong, or there is nowhere to try it.
pub fn run(arguments: &SandboxCheckArguments) -> Result<ExitCode, Failed> {
    let file = arguments.config.as_deref();
    let config = read_config(file, config::simulation)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::at_run_time(&error))?;
    let found = runtime
        .block_on(SandboxCheck::run(&config))
        .map_err(|failed| failed.in_file(file))?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&found).map_err(|error| Failed::at_run_time(&error))?
    } else {
        found.to_string()
    };
    // Whoever closed standard output does not want to know.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(if found.confined {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}
