//! `webots-website-host [CONFIG]`: the website host.

use std::io::BufRead;
use std::process::ExitCode;

use clap::Parser;
use webots_cloud::check::tls;
use webots_cloud::main_loop::{Failed, ServerArguments, read_config, run, say_ready};
use webots_cloud::website::hash_password;
use webots_cloud::website_host::{WebsiteServer, advice};
use webots_cloud_core::config::{Config, effective, website};
use webots_cloud_core::secret::Secret;

/// The website host: serves a site, gives simulation servers the projects of its users, and takes the
/// controllers that they change.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  webots-website-host                          port 8080, projects in ./projects, users in ./user
  webots-website-host config/website/local.json
  webots-website-host --check website.json     what does this file mean?
  webots-website-host --hash-password          a line of input, hashed for user/users.json"
)]
struct Arguments {
    #[command(flatten)]
    server: ServerArguments,
    /// Read a password from standard input, print its hash for the file of users, and exit
    #[arg(long, conflicts_with_all = ["config", "port", "check"])]
    hash_password: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.hash_password {
        hash()
    } else {
        serve(&arguments.server)
    };
    done.map_or_else(Failed::report, |()| ExitCode::SUCCESS)
}

fn hash() -> Result<(), Failed> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failed::at_run_time(&error))?;
    let password = Secret::new(line.trim_end_matches(['\r', '\n']));
    let hash = hash_password(&password).map_err(|error| Failed::at_run_time(&error))?;
    println!("{hash}");
    Ok(())
}

fn serve(arguments: &ServerArguments) -> Result<(), Failed> {
    let mut config = read_config(arguments.config.as_deref(), website)?;
    config.port = arguments.port.unwrap_or(config.port);
    if let Some(advice) = advice(&config) {
        eprintln!("warning: {advice}");
    }
    if arguments.check {
        tls(config.tls.as_ref(), arguments.config.as_deref())?;
        println!("{:#}", effective(Config::Website(&config)));
        return Ok(());
    }
    arguments.detach();
    let _logging = arguments.set_up_logging(&config.log_dir, "website", false)?;
    run(
        || async {
            let server = WebsiteServer::start(&config)?;
            say_ready("Website host", server.port(), config.tls.is_some());
            Ok(server)
        },
        |server: &WebsiteServer| match server.reload() {
            Ok(()) => tracing::info!("TLS files and key read again"),
            Err(error) => tracing::error!(%error, "what cannot be used stays as it was"),
        },
        |_: &WebsiteServer| {},
        WebsiteServer::shut_down,
    )
    .map_err(|failed| failed.in_file(arguments.config.as_deref()))
}
