use std::path::PathBuf;
use std::time::Duration;

use super::connections::connections;
use super::reader::Reader;
use super::session::{host, log_dir};
use super::web_address::{web_address, webhook};
use super::{
    CgroupChoice, Checked, ConfigErrors, Connections, NetworkChoice, PathKind, SandboxChoice,
    Server, Surroundings, Tls, Webots, confinement, defaults, tls, webots,
};
use crate::limits::Limits;
use crate::load::Load;
use crate::protocol::admission::Repositories;
use crate::protocol::instance_url::{PublicAddress, instance_url};
use crate::secret::Secret;

/// The simulation server's configuration, all defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationConfig {
    /// The port to listen on; 0 is a free one. Instances get those after it.
    pub port: u16,
    /// How many instances at a time.
    pub max_connections: u16,
    /// TLS and the form of addresses.
    pub tls: Tls,
    /// `server`, if given.
    pub server: Option<String>,
    /// `fullyQualifiedDomainName`, if given: goes before `server`.
    pub domain: Option<String>,
    /// The website's sample projects, for `init`.
    pub projects_dir: PathBuf,
    /// The keys of website hosts, a file each, named like the host.
    pub key_dir: PathBuf,
    /// What to start.
    pub webots: Webots,
    /// The parent folder of the logs.
    pub log_dir: PathBuf,
    /// What strangers may use.
    pub connections: Connections,
    /// Whether to write `monitor.csv`.
    pub monitor_log: bool,
    /// Whether to log to stdout instead of a file.
    pub debug: bool,
    /// Which repositories are run.
    pub repositories: Repositories,
    /// Whom to tell at the start that this server is there: form POSTs (W2.17).
    pub notify: Vec<String>,
    /// Where notices are posted to, if anywhere.
    pub webhook: Option<Secret>,
    /// How long a simulation may run.
    pub timeout: Duration,
    /// How long Webots may take to be ready.
    pub start_timeout: Duration,
    /// The title of `/monitor`.
    pub title: String,
    /// A description for `/monitor`.
    pub description: String,
    /// `multimediaServer`, for the legacy dialect.
    pub multimedia_server: Option<String>,
    /// `multimediaStream`, for the legacy dialect.
    pub multimedia_stream: Option<String>,
    /// Where the workspaces are made.
    pub instances_dir: PathBuf,
    /// What confines the instances.
    pub sandbox: SandboxChoice,
    /// Whether an instance has a network of its own.
    pub network: NetworkChoice,
    /// The devices that instances may use; `None`: the GPUs, where there is a display.
    pub devices: Option<Vec<PathBuf>>,
    /// Where instances get cgroups of their own.
    pub cgroup: CgroupChoice,
    /// What one instance may use.
    pub limits: Limits,
    /// What one project may be.
    pub download: Download,
    /// What the network can do, MB/s; `None` is to be asked of the network card.
    pub network_capacity: Option<f64>,
    /// The library of the NVIDIA driver; `None` is the system's.
    pub nvml: Option<PathBuf>,
    /// The most bytes in a client's message.
    pub max_client_message: u64,
    /// The most messages of a client in a second.
    pub max_client_rate: u32,
    /// How long a client may say nothing.
    pub client_silence: Duration,
    /// Hosts that projects may come from although their addresses are private.
    pub allow_private_hosts: Vec<String>,
}

/// What one project may be at most, while it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Download {
    /// Bytes over the network.
    pub max_bytes: u64,
    /// Files and folders.
    pub max_files: u64,
    /// Bytes when unpacked.
    pub max_unpacked_bytes: u64,
    /// How long it may take in all.
    pub timeout: Duration,
}

impl SimulationConfig {
    /// How browsers reach the instances.
    pub fn public_address(&self) -> PublicAddress {
        PublicAddress {
            host: self.domain.clone().or_else(|| self.server.clone()),
            ssl: self.tls.ssl,
            port_rewrite: self.tls.port_rewrite,
        }
    }

    /// The address of the first instance, as a client would be told that came by `example.org`.
    pub fn example_url(&self) -> String {
        let port = self.port.saturating_add(1);
        instance_url(&self.public_address(), Some("example.org"), port).unwrap_or_default()
    }
}

/// Checks a simulation server's configuration; [`NO_FILE`](super::NO_FILE) gives the defaults.
///
/// # Errors
/// Everything that is wrong with it.
pub fn simulation(
    text: &str,
    surroundings: &dyn Surroundings,
) -> Result<Checked<SimulationConfig>, ConfigErrors> {
    let mut reader = Reader::new(Server::Simulation, text, surroundings)?;
    let r = &mut reader;
    let (port, max_connections) = ports(r);
    let webots = webots::webots(r);
    let sandbox = confinement::sandbox(r);
    let config = SimulationConfig {
        port,
        max_connections,
        tls: tls::tls(r),
        server: host(r, "server"),
        domain: host(r, "fullyQualifiedDomainName"),
        projects_dir: r
            .existing("projectsDir", PathKind::Folder)
            .unwrap_or_else(|| webots.home.join(defaults::SAMPLE_PROJECTS)),
        key_dir: r
            .existing("keyDir", PathKind::Folder)
            .unwrap_or_else(|| surroundings.folder().join(defaults::KEY_DIR)),
        webots,
        log_dir: log_dir(r),
        connections: connections(r),
        monitor_log: r.flag("monitorLogEnabled").unwrap_or(true),
        debug: r.flag("debug").unwrap_or(false),
        repositories: repositories(r, sandbox),
        notify: r.list("notify", web_address).unwrap_or_default(),
        webhook: webhook(r),
        timeout: r.seconds("timeout", 0.001).unwrap_or(defaults::TIMEOUT),
        start_timeout: r
            .seconds("startTimeout", 0.001)
            .unwrap_or(defaults::START_TIMEOUT),
        title: r.text("title").unwrap_or_default(),
        description: r.text("description").unwrap_or_default(),
        multimedia_server: r.parsed("multimediaServer", multimedia),
        multimedia_stream: r.parsed("multimediaStream", multimedia),
        instances_dir: r
            .path("instancesDir")
            .unwrap_or_else(|| surroundings.temporary().join(defaults::INSTANCES_DIR)),
        sandbox,
        network: confinement::network(r, sandbox),
        devices: confinement::devices(r),
        cgroup: confinement::cgroup(r),
        limits: confinement::limits(r),
        download: download(r),
        network_capacity: r.number("networkCapacity", 0.001..=1e9),
        nvml: r.existing("nvml", PathKind::File),
        max_client_message: r
            .size("maxClientMessage", 1024..=1 << 30)
            .unwrap_or(defaults::MAX_CLIENT_MESSAGE),
        max_client_rate: client_rate(r),
        client_silence: r
            .seconds("clientSilence", 0.1)
            .unwrap_or(defaults::CLIENT_SILENCE),
        allow_private_hosts: r
            .list("allowPrivateHosts", private_host)
            .unwrap_or_default(),
    };
    if !config.notify.is_empty() && config.public_address().host.is_none() {
        reader.warn("`notify` without `server` announces this server as localhost");
    }
    reader.finish(config)
}

fn ports(r: &mut Reader<'_>) -> (u16, u16) {
    let port = r
        .port("port", 0..=u16::MAX)
        .unwrap_or(defaults::SIMULATION_PORT);
    let slots = r
        .port("maxConnections", 1..=u16::MAX)
        .unwrap_or(defaults::MAX_CONNECTIONS);
    if port.checked_add(slots).is_none() {
        let wrong = format!("the instances' ports, {slots} of them after {port}, go beyond 65535");
        r.wrong("maxConnections", wrong);
    }
    (port, slots)
}

fn repositories(r: &mut Reader<'_>, sandbox: SandboxChoice) -> Repositories {
    let share = r.number("shareIdleTime", 0.0..=1e6).unwrap_or(0.0);
    if share > 0.0 && sandbox == SandboxChoice::None {
        r.warn("`shareIdleTime` runs the programs of strangers, and `sandbox` is `none`");
    }
    Repositories {
        allowed: r
            .list("allowedRepositories", |text| text.parse().ok())
            .unwrap_or_default(),
        blocked: r
            .list("blockedRepositories", |text| text.parse().ok())
            .unwrap_or_default(),
        share_idle_time: Load::from_percent(share).unwrap_or(Load::IDLE),
    }
}

fn client_rate(r: &mut Reader<'_>) -> u32 {
    let rate = r.whole("maxClientRate", 1..=1_000_000);
    let rate = rate.and_then(|rate| u32::try_from(rate).ok());
    rate.unwrap_or(defaults::MAX_CLIENT_RATE)
}

fn download(r: &mut Reader<'_>) -> Download {
    const MOST: u64 = u64::MAX;
    Download {
        max_bytes: r
            .size("download.maxBytes", 1..=MOST)
            .unwrap_or(defaults::DOWNLOAD_BYTES),
        max_files: r
            .whole("download.maxFiles", 1..=MOST)
            .unwrap_or(defaults::DOWNLOAD_FILES),
        max_unpacked_bytes: r
            .size("download.maxUnpackedBytes", 1..=MOST)
            .unwrap_or(defaults::DOWNLOAD_UNPACKED),
        timeout: r
            .seconds("download.timeout", 0.001)
            .unwrap_or(defaults::DOWNLOAD_TIMEOUT),
    }
}

/// What can stand in the legacy `--stream="…"` item, which has no way to escape anything.
fn multimedia(text: &str) -> Option<String> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || ";\"".contains(c);
    (!text.is_empty() && text.len() <= 1000 && !text.contains(odd)).then(|| text.to_owned())
}

fn private_host(text: &str) -> Option<String> {
    let host: crate::protocol::authority::Authority = text.parse().ok()?;
    host.port.is_none().then_some(host.host)
}
