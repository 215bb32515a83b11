//! `webots-simulation-server [CONFIG]`: the simulation server.

use std::process::ExitCode;

use clap::Parser;
use webots_cloud::adapters::run_if_asked;
use webots_cloud::check::tls;
use webots_cloud::main_loop::{Failed, ServerArguments, read_config, run, say_ready};
use webots_cloud::simulation_server::SimulationServer;
use webots_cloud_core::config::{Config, effective, simulation};

/// The simulation server: starts one confined Webots for each browser, and ends it, with everything
/// it started, when the browser leaves.
#[derive(Debug, Parser)]
#[command(
    name = "webots-simulation-server",
    version,
    after_help = "Examples:
  webots-simulation-server                        port 2000, instances on the ports after it
  webots-simulation-server config/simulation/local.json
  webots-simulation-server --check simulation.json   what does this file mean?
  curl http://localhost:2000/load                    how loaded is this machine?"
)]
struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
}

fn main() -> ExitCode {
    run_if_asked();
    serve(&Arguments::parse().server).map_or_else(Failed::report, |()| ExitCode::SUCCESS)
}

fn serve(arguments: &ServerArguments) -> Result<(), Failed> {
    let mut config = read_config(arguments.config.as_deref(), simulation)?;
    config.port = arguments.port.unwrap_or(config.port);
    if config.port.checked_add(config.max_connections).is_none() {
        return Err(Failed::usage(format!(
            "--port {}: the instances' ports, {} of them after it, go beyond 65535",
            config.port, config.max_connections
        )));
    }
    if arguments.check {
        tls(config.tls.files.as_ref(), arguments.config.as_deref())?;
        println!("{:#}", effective(Config::Simulation(&config)));
        println!("instances get addresses like {}", config.example_url());
        return Ok(());
    }
    arguments.detach();
    let _logging = arguments.set_up_logging(&config.log_dir, "simulation", config.debug)?;
    run(
        || async {
            let server = SimulationServer::start(&config).await?;
            say_ready(
                "Simulation server",
                server.port(),
                config.tls.files.is_some(),
            );
            Ok(server)
        },
        |server: &SimulationServer| match server.reload() {
            Ok(()) => tracing::info!("TLS files read again"),
            Err(error) => tracing::error!(%error, "the old TLS files stay in force"),
        },
        SimulationServer::check,
        SimulationServer::shut_down,
    )
    .map_err(|failed| failed.in_file(arguments.config.as_deref()))
}
