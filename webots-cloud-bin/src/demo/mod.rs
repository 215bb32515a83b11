//! `webots-cloud demo`: all servers on this machine, with sample projects, for a first look.

mod check_error;
mod config;
mod editing;
mod page;
mod play;
mod report;
mod servers;
mod site;

use std::path::PathBuf;

use clap::Args;

use crate::main_loop::{self, Failed};
use servers::DemoServers;
use site::Site;

/// The arguments of `webots-cloud demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArguments {
    /// Play one whole session as a browser would, print each step with its time, and exit with 0
    /// only if every step did what it should and nothing was left behind
    #[arg(long)]
    check: bool,
    /// The port of the website host; 0 is a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the session server; 0 is a free one
    #[arg(long, default_value_t = 0)]
    session_port: u16,
    /// The port of the simulation server, instances get those after it; 0 is a free one
    #[arg(long, default_value_t = 0)]
    simulation_port: u16,
    /// A folder of projects instead of the samples that come with this program
    #[arg(long)]
    projects: Option<PathBuf>,
    /// The folder of the web site's sources, which are built there if they are not yet
    #[arg(long, default_value = "examples/website")]
    website: PathBuf,
}

/// Runs the demo until a signal comes, or plays the check.
///
/// # Errors
/// Something did not start, or a step of the check failed.
pub fn run(arguments: &DemoArguments) -> Result<(), Failed> {
    if arguments.check {
        return play::run(arguments);
    }
    let site = Site::find(&arguments.website);
    main_loop::run(
        || async {
            let servers = DemoServers::start(arguments, arguments.port, &site).await?;
            servers.introduce();
            Ok(servers)
        },
        |_: &DemoServers| {},
        |_: &DemoServers| {},
        DemoServers::shut_down,
    )
}
