//! The configuration as it is in effect, for `--check`.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::{
    CgroupChoice, Connections, HostKey, NetworkChoice, SandboxChoice, SessionConfig,
    SimulationConfig, TlsFiles, WebsiteConfig,
};
use crate::load::Load;
use crate::protocol::admission::RepositoryPattern;
use crate::secret::Secret;

/// What stands for a secret.
const MASK: &str = "********";

/// One of the three configurations.
#[derive(Clone, Copy, Debug)]
pub enum Config<'a> {
    /// The session server's.
    Session(&'a SessionConfig),
    /// The simulation server's.
    Simulation(&'a SimulationConfig),
    /// The website host's.
    Website(&'a WebsiteConfig),
}

/// The configuration as a JSON object with all keys that have an effect: paths absolute, sizes
/// in bytes, defaults filled in, secrets masked. What is `null` is not set.
pub fn effective(config: Config<'_>) -> Value {
    match config {
        Config::Session(config) => session(config),
        Config::Simulation(config) => simulation(config),
        Config::Website(config) => website(config),
    }
}

fn session(config: &SessionConfig) -> Value {
    let mail = config.mail.as_ref();
    let files = config.tls.files.as_ref();
    json!({
        "port": config.port,
        "server": config.server,
        "simulationServers": texts(&config.simulation_servers),
        "sslKey": files.map(|files| shown(&files.key)),
        "sslCertificate": files.map(|files| shown(&files.certificate)),
        "ssl": config.tls.ssl,
        "portRewrite": config.tls.port_rewrite,
        "administrator": mail.map(|mail| &mail.administrator),
        "mailServer": mail.map(|mail| &mail.server),
        "mailServerPort": mail.map(|mail| mail.port.unwrap_or(0)),
        "mailSender": mail.map(|mail| &mail.sender),
        "mailSenderUser": mail.and_then(|mail| mail.user.as_ref()),
        "mailSenderPassword": mail.and_then(|mail| masked(&mail.password)),
        "webhook": config.webhook.as_ref().and_then(masked),
        "logDir": shown(&config.log_dir),
        "connections": connections(&config.connections),
        "debug": config.debug,
        "loadThreshold": percent(config.load_threshold),
        "loadRefresh": seconds(config.load_refresh),
        "loadTimeout": seconds(config.load_timeout),
        "sessionCost": config.session_cost.map(percent),
    })
}

fn simulation(config: &SimulationConfig) -> Value {
    let files = config.tls.files.as_ref();
    let patterns = |list: &[RepositoryPattern]| texts(list);
    json!({
        "port": config.port,
        "server": config.server,
        "fullyQualifiedDomainName": config.domain,
        "sslKey": files.map(|files| shown(&files.key)),
        "sslCertificate": files.map(|files| shown(&files.certificate)),
        "ssl": config.tls.ssl,
        "portRewrite": config.tls.port_rewrite,
        "projectsDir": shown(&config.projects_dir),
        "keyDir": shown(&config.key_dir),
        "webotsHome": shown(&config.webots.home),
        "webots": config.webots.command,
        "webotsVersion": config.webots.version,
        "maxConnections": config.max_connections,
        "logDir": shown(&config.log_dir),
        "connections": connections(&config.connections),
        "monitorLogEnabled": config.monitor_log,
        "debug": config.debug,
        "allowedRepositories": patterns(&config.repositories.allowed),
        "blockedRepositories": patterns(&config.repositories.blocked),
        "shareIdleTime": percent(config.repositories.share_idle_time),
        "notify": config.notify,
        "webhook": config.webhook.as_ref().and_then(masked),
        "timeout": seconds(config.timeout),
        "startTimeout": seconds(config.start_timeout),
        "title": config.title,
        "description": config.description,
        "multimediaServer": config.multimedia_server,
        "multimediaStream": config.multimedia_stream,
        "instancesDir": shown(&config.instances_dir),
        "sandbox": match config.sandbox {
            SandboxChoice::Auto => "auto",
            SandboxChoice::Firejail => "firejail",
            SandboxChoice::Bubblewrap => "bubblewrap",
            SandboxChoice::None => "none",
        },
        "network": match config.network {
            NetworkChoice::Auto => "auto",
            NetworkChoice::Private => "private",
            NetworkChoice::Host => "host",
        },
        "devices": config.devices.as_ref().map(|all| all.iter().map(|path| shown(path)).collect::<Vec<_>>()),
        "cgroup": match &config.cgroup {
            CgroupChoice::Auto => json!("auto"),
            CgroupChoice::None => json!("none"),
            CgroupChoice::Folder(folder) => json!(shown(folder)),
        },
        "limits": {
            "memory": config.limits.memory,
            "processes": config.limits.processes,
            "openFiles": config.limits.open_files,
            "cpuSeconds": config.limits.cpu.map(seconds),
            "disk": config.limits.disk,
            "files": config.limits.files,
        },
        "download": {
            "maxBytes": config.download.max_bytes,
            "maxFiles": config.download.max_files,
            "maxUnpackedBytes": config.download.max_unpacked_bytes,
            "timeout": seconds(config.download.timeout),
        },
        "networkCapacity": config.network_capacity.map(number),
        "nvml": config.nvml.as_deref().map(shown),
        "maxClientMessage": config.max_client_message,
        "maxClientRate": config.max_client_rate,
        "clientSilence": seconds(config.client_silence),
        "allowPrivateHosts": config.allow_private_hosts,
    })
}

fn connections(connections: &Connections) -> Value {
    json!({
        "total": connections.total,
        "perAddress": connections.per_address,
        "handshakeTime": seconds(connections.handshake_time),
        "headerTime": seconds(connections.header_time),
        "sendTime": seconds(connections.send_time),
    })
}

fn website(config: &WebsiteConfig) -> Value {
    let files: Option<&TlsFiles> = config.tls.as_ref();
    let (key, file) = match &config.key {
        HostKey::None => (None, None),
        HostKey::Key(key) => (masked(key), None),
        HostKey::File(file) => (None, Some(shown(file))),
    };
    json!({
        "port": config.port,
        "server": config.server,
        "sslKey": files.map(|files| shown(&files.key)),
        "sslCertificate": files.map(|files| shown(&files.certificate)),
        "site": config.site.as_deref().map(shown),
        "projectsDir": shown(&config.projects_dir),
        "usersDir": shown(&config.users_dir),
        "key": key,
        "keyFile": file,
        "quota": config.quota,
        "logDir": shown(&config.log_dir),
        "connections": connections(&config.connections),
    })
}

fn masked(secret: &Secret) -> Option<&'static str> {
    (!secret.is_empty()).then_some(MASK)
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn texts(list: &[impl ToString]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn percent(load: Load) -> Value {
    number(load.percent())
}

fn seconds(duration: Duration) -> Value {
    number(duration.as_secs_f64())
}

/// Whole numbers without `.0`.
fn number(number: f64) -> Value {
    match super::units::whole_number(number) {
        Some(whole) => json!(whole),
        None => json!(number),
    }
}
