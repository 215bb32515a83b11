//! This project's servers, as their programs run them.

use std::path::Path;

use webots_cloud::main_loop::{LogArguments, read_config, run, say_ready};
use webots_cloud::session_server::{OpenSessionServer, SessionServer};
use webots_cloud::simulation_server::SimulationServer;
use webots_cloud::telemetry::{LogFormat, LogLevel, LogTo};
use webots_cloud_core::config;

use crate::Outcome;

const LOG: LogArguments = LogArguments {
    log_format: LogFormat::Text,
    log_level: None,
};

/// The session server, until it is ended.
pub(crate) fn session(words: &[String]) -> Outcome<()> {
    let file = words.first().map(Path::new);
    let served = (|| {
        let config = read_config(file, config::session)?;
        let _logging = LOG.set_up(LogLevel::Warn, LogTo::Terminal)?;
        run(
            || async {
                let server = SessionServer::start(&config)?.open().await?;
                say_ready("Session server", server.port(), false);
                Ok(server)
            },
            |_| {},
            OpenSessionServer::check,
            OpenSessionServer::shut_down,
        )
    })();
    served.map_err(|failed| failed.text().to_owned().into())
}

/// The simulation server, until it is ended.
pub(crate) fn simulation(words: &[String]) -> Outcome<()> {
    let file = words.first().map(Path::new);
    let served = (|| {
        let config = read_config(file, config::simulation)?;
        let _logging = LOG.set_up(LogLevel::Warn, LogTo::Terminal)?;
        run(
            || async {
                let server = SimulationServer::start(&config).await?;
                say_ready("Simulation server", server.port(), false);
                Ok(server)
            },
            |_| {},
            SimulationServer::check,
            SimulationServer::shut_down,
        )
    })();
    served.map_err(|failed| failed.text().to_owned().into())
}
