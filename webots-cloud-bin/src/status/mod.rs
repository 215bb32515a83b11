//! `webots-cloud status [URL…]`: who answers, how loaded they are, and what runs there.
//!
//! | file | does |
//! |---|---|
//! | `targets` | whom to ask |
//! | `ask` | asks one server, and understands the answer |
//! | `figures` | reads `/metrics` |
//! | `table` | shows it |

mod ask;
mod figures;
mod table;
mod targets;

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use futures_util::future::join_all;

use crate::adapters::http_probe::Trust;
use crate::file_name;
use crate::main_loop::{FAILURE, Failed};
use table::Table;

/// Whom to ask.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Without URLs, those are asked that config/simulation/NAME.json, config/session/NAME.json (with its
simulationServers) and config/website/NAME.json below the current folder are about; if there is no such
file, http://localhost:2000 and http://localhost:1999. Each has 2 s to answer, all at the same time.
Servers that tell only their load, as the Python servers do, have `-` for what is not known.

Exit codes: 0 all answer, 1 one does not (also one that a session server finds silent), 2 wrong arguments,
78 wrong configuration.

Examples:
  webots-cloud status
  webots-cloud status https://cloud.example.org:1999 sim1.example.org:2000
  webots-cloud status https://cloud.example.org/2000        behind a proxy"
)]
pub struct StatusArguments {
    /// Addresses of servers, like http://localhost:2000 or localhost:2000
    urls: Vec<String>,
    /// Which configuration files say whom to ask
    #[arg(long, default_value = "local", conflicts_with = "urls", value_parser = file_name::check)]
    name: String,
}

/// Asks all at the same time and prints the table.
///
/// # Errors
/// An address is none, or a configuration is wrong.
pub fn run(arguments: &StatusArguments) -> Result<ExitCode, Failed> {
    let targets = if arguments.urls.is_empty() {
        targets::configured(&arguments.name)?
    } else {
        targets::named(&arguments.urls)?
    };
    let secure = targets.iter().any(|target| target.url.scheme() == "https");
    let trust = secure.then(Trust::of_the_system).transpose();
    let trust = trust.map_err(|error| Failed::at_run_time(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::at_run_time(&error))?;
    let asked = targets
        .iter()
        .map(|target| ask::ask(target, trust.as_ref()));
    let answers = runtime.block_on(join_all(asked));
    let table = Table::of(&targets, &answers);
    // Whoever closed standard output does not want to know.
    let _ = write!(std::io::stdout(), "{table}");
    Ok(if table.all_answer() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILURE)
    })
}
