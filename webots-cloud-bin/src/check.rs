//! `webots-cloud check CONFIG…`: everything that is wrong with configuration files, at once.

use std::path::{Path, PathBuf};

use webots_cloud_core::config::{self, Server, TlsFiles};

use crate::main_loop::{Failed, read_config};
use crate::serve::tls::TlsAcceptor;
use crate::start_error::StartError;

/// Checks all files and prints a line for each.
///
/// # Errors
/// All that is wrong with any of them.
pub fn files(files: &[PathBuf]) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for file in files {
        match file_of(file) {
            Ok(server) => println!("{}: a good {} configuration", file.display(), server.name()),
            Err(failed) => wrong.push(failed.text().to_owned()),
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failed::configuration(wrong.join("\n")))
    }
}

fn file_of(file: &Path) -> Result<Server, Failed> {
    let server = server_of(file);
    one(server, file)?;
    Ok(server)
}

/// Checks the configuration of this server.
pub(crate) fn one(server: Server, file: &Path) -> Result<(), Failed> {
    let file = Some(file);
    let files = match server {
        Server::Session => read_config(file, config::session)?.tls.files,
        Server::Simulation => read_config(file, config::simulation)?.tls.files,
        Server::Website => read_config(file, config::website)?.tls,
    };
    tls(files.as_ref(), file)
}

/// Checks the TLS files that a configuration names.
///
/// # Errors
/// What is wrong with them.
pub fn tls(files: Option<&TlsFiles>, config: Option<&Path>) -> Result<(), Failed> {
    let checked = TlsAcceptor::of(files).map(drop).map_err(StartError::from);
    checked.map_err(|error| Failed::from(error).in_file(config))
}

/// Which server a file is for: the one whose name is in its path, `config/session/local.json`, else
/// the one that knows most of its keys.
fn server_of(file: &Path) -> Server {
    let path = file.to_string_lossy().to_lowercase();
    let named = |word: &str| path.rfind(word);
    let places = [
        (named("session"), Server::Session),
        (named("simulation"), Server::Simulation),
        (named("website"), Server::Website),
    ];
    let last = places
        .into_iter()
        .filter(|(place, _)| place.is_some())
        .max_by_key(|(place, _)| *place);
    last.map_or_else(|| server_by_keys(file), |(_, server)| server)
}

fn server_by_keys(file: &Path) -> Server {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).unwrap_or_default();
    let known = |server: &Server| {
        let knows = |key: &&String| {
            config::KEYS
                .iter()
                .any(|it| it.name == **key && it.servers.contains(server))
        };
        object.keys().filter(knows).count()
    };
    // The last of equals wins, so the most usual one stands last.
    let servers = [Server::Website, Server::Session, Server::Simulation];
    servers
        .into_iter()
        .max_by_key(known)
        .unwrap_or(Server::Simulation)
}
