use std::path::PathBuf;
use std::time::Duration;

use super::connections::connections;
use super::reader::Reader;
use super::web_address::webhook;
use super::{
    Checked, ConfigErrors, Connections, Mail, Server, ServerEntry, Surroundings, Tls, defaults,
    mail, tls,
};
use crate::load::Load;
use crate::protocol::authority::Authority;
use crate::protocol::session::session_reply;
use crate::secret::Secret;

/// The session server's configuration, all defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionConfig {
    /// The port to listen on; 0 is a free one.
    pub port: u16,
    /// The host name of this server.
    pub server: String,
    /// The simulation servers, each once.
    pub simulation_servers: Vec<ServerEntry>,
    /// TLS and the form of addresses.
    pub tls: Tls,
    /// Mail to the administrator, if wanted.
    pub mail: Option<Mail>,
    /// Where notices are posted to, if anywhere.
    pub webhook: Option<Secret>,
    /// The parent folder of the logs.
    pub log_dir: PathBuf,
    /// What strangers may use.
    pub connections: Connections,
    /// Whether to log to stdout instead of a file.
    pub debug: bool,
    /// A server is offered below this load.
    pub load_threshold: Load,
    /// How often each server's load is asked for.
    pub load_refresh: Duration,
    /// How long an answer may take.
    pub load_timeout: Duration,
    /// The load that one more session is expected to be; `None` is to be estimated.
    pub session_cost: Option<Load>,
}

impl SessionConfig {
    /// What clients are told at `/session`, of the first simulation server.
    pub fn example_reply(&self) -> Option<String> {
        let first = self.simulation_servers.first()?;
        Some(session_reply(self.tls.ssl, first.as_str()))
    }
}

/// Checks a session server's configuration; [`NO_FILE`](super::NO_FILE) gives the defaults.
///
/// # Errors
/// Everything that is wrong with it.
pub fn session(
    text: &str,
    surroundings: &dyn Surroundings,
) -> Result<Checked<SessionConfig>, ConfigErrors> {
    let mut checked = Reader::new(Server::Session, text, surroundings)?;
    let reader = &mut checked;
    let load = |percent| Load::from_percent(percent).unwrap_or(Load::FULL);
    let config = SessionConfig {
        port: reader
            .port("port", 0..=u16::MAX)
            .unwrap_or(defaults::SESSION_PORT),
        server: host(reader, "server").unwrap_or_else(|| defaults::SERVER.to_owned()),
        simulation_servers: simulation_servers(reader),
        tls: tls::tls(reader),
        mail: mail::mail(reader),
        webhook: webhook(reader),
        log_dir: log_dir(reader),
        connections: connections(reader),
        debug: reader.flag("debug").unwrap_or(false),
        load_threshold: load(
            reader
                .number("loadThreshold", 0.001..=1e6)
                .unwrap_or(defaults::LOAD_THRESHOLD),
        ),
        load_refresh: reader
            .seconds("loadRefresh", 0.1)
            .unwrap_or(defaults::LOAD_REFRESH),
        load_timeout: reader
            .seconds("loadTimeout", 0.01)
            .unwrap_or(defaults::LOAD_TIMEOUT),
        session_cost: reader.number("sessionCost", 0.001..=1e6).map(load),
    };
    checked.finish(config)
}

/// The name of a host, without a port.
pub(super) fn host(reader: &mut Reader<'_>, key: &str) -> Option<String> {
    reader.parsed(key, |text| {
        let authority: Authority = text.parse().ok()?;
        authority.port.is_none().then_some(authority.host)
    })
}

pub(super) fn log_dir(reader: &mut Reader<'_>) -> PathBuf {
    reader
        .path("logDir")
        .unwrap_or_else(|| reader.surroundings.folder().join(defaults::LOG_DIR))
}

fn simulation_servers(reader: &mut Reader<'_>) -> Vec<ServerEntry> {
    const KEY: &str = "simulationServers";
    let parse = |text: &str| text.parse().ok();
    if !reader.has(KEY) {
        return parse(defaults::SIMULATION_SERVER).into_iter().collect();
    }
    let Some(entries): Option<Vec<ServerEntry>> = reader.list(KEY, parse) else {
        return Vec::new();
    };
    if entries.is_empty() {
        reader.warn("`simulationServers` has no servers: nobody will get a place");
    }
    for (at, entry) in entries.iter().enumerate() {
        if entries.iter().take(at).any(|earlier| earlier == entry) {
            reader.wrong(KEY, format!("has `{entry}` twice"));
        }
    }
    entries
}
