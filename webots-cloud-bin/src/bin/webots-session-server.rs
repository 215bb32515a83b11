//! `webots-session-server [CONFIG]`: the session server.

use std::process::ExitCode;

use clap::Parser;
use webots_cloud::check::tls;
use webots_cloud::main_loop::{Failed, ServerArguments, read_config, run, say_ready};
use webots_cloud::session_server::{OpenSessionServer, SessionServer};
use webots_cloud_core::config::{Config, effective, session};

/// The session server: tells browsers whether there is room, and sends each to the least loaded
/// simulation server.
#[derive(Debug, Parser)]
#[command(
    name = "webots-session-server",
    version,
    after_help = "Examples:
  webots-session-server                        port 1999, for a simulation server on localhost:2000
  webots-session-server config/session/local.json
  webots-session-server --check session.json   what does this file mean?
  curl http://localhost:1999/session           where would a browser be sent?"
)]
struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
}

fn main() -> ExitCode {
    serve(&Arguments::parse().server).map_or_else(Failed::report, |()| ExitCode::SUCCESS)
}

fn serve(arguments: &ServerArguments) -> Result<(), Failed> {
    let mut config = read_config(arguments.config.as_deref(), session)?;
    config.port = arguments.port.unwrap_or(config.port);
    if arguments.check {
        tls(config.tls.files.as_ref(), arguments.config.as_deref())?;
        println!("{:#}", effective(Config::Session(&config)));
        if let Some(reply) = config.example_reply() {
            println!("browsers are sent to addresses like {reply}");
        }
        return Ok(());
    }
    arguments.detach();
    let _logging = arguments.set_up_logging(&config.log_dir, "session", config.debug)?;
    run(
        || async {
            let server = SessionServer::start(&config)?.open().await?;
            say_ready("Session server", server.port(), config.tls.files.is_some());
            Ok(server)
        },
        |server: &OpenSessionServer| match server.reload() {
            Ok(()) => tracing::info!("TLS files read again"),
            Err(error) => tracing::error!(%error, "the old TLS files stay in force"),
        },
        OpenSessionServer::check,
        OpenSessionServer::shut_down,
    )
    .map_err(|failed| failed.in_file(arguments.config.as_deref()))
}
