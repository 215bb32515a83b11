//! The defaults of all keys that have a fixed one.

use std::time::Duration;

use super::Connections;
use crate::limits::Limits;

/// `port` of the session server.
pub const SESSION_PORT: u16 = 1999;
/// `port` of the simulation server.
pub const SIMULATION_PORT: u16 = 2000;
/// `port` of the website host.
pub const WEBSITE_PORT: u16 = 8080;
/// `server`.
pub const SERVER: &str = "localhost";
/// `simulationServers`.
pub const SIMULATION_SERVER: &str = "localhost:2000";
/// `logDir`, below the configuration file's folder.
pub const LOG_DIR: &str = "log";
/// `loadThreshold`, percent (W1.4: 95 since 2023).
pub const LOAD_THRESHOLD: f64 = 95.0;
/// `loadRefresh` (W1.4).
pub const LOAD_REFRESH: Duration = Duration::from_secs(5);
/// `loadTimeout`: less than the refresh, so that samples do not pile up.
pub const LOAD_TIMEOUT: Duration = Duration::from_secs(2);
/// `keyDir`, below the configuration file's folder.
pub const KEY_DIR: &str = "key";
/// `webotsHome` where neither the key nor `WEBOTS_HOME` is given: where the Linux packages put it.
pub const WEBOTS_HOME: &str = "/usr/local/webots";
/// `projectsDir` of the simulation server, below `webotsHome` (W2.18).
pub const SAMPLE_PROJECTS: &str = "projects/samples/robotbenchmark";
/// `instancesDir`, below the folder for temporary files.
pub const INSTANCES_DIR: &str = "webots-cloud/instances";
/// `maxConnections`.
pub const MAX_CONNECTIONS: u16 = 100;
/// `timeout`: how long one simulation may run (W2.18).
pub const TIMEOUT: Duration = Duration::from_secs(7200);
/// `startTimeout`: how long Webots may take to be ready.
pub const START_TIMEOUT: Duration = Duration::from_secs(60);
/// `maxClientMessage`, bytes.
pub const MAX_CLIENT_MESSAGE: u64 = MIB;
/// `maxClientRate`, messages a second: no browser sends so many.
pub const MAX_CLIENT_RATE: u32 = 200;
/// `clientSilence`: no pong for so long counts as broken.
pub const CLIENT_SILENCE: Duration = Duration::from_secs(60);
/// `download.maxBytes`.
pub const DOWNLOAD_BYTES: u64 = 512 * MIB;
/// `download.maxFiles`.
pub const DOWNLOAD_FILES: u64 = 50_000;
/// `download.maxUnpackedBytes`.
pub const DOWNLOAD_UNPACKED: u64 = 2 * GIB;
/// `download.timeout`.
pub const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(300);
/// `limits`: room for a large world, and far from what takes a machine down. Processor time is
/// bounded by `timeout` already.
pub const LIMITS: Limits = Limits {
    memory: Some(8 * GIB),
    processes: Some(1024),
    open_files: Some(4096),
    cpu: None,
    disk: Some(4 * GIB),
    files: Some(100_000),
};
/// `connections`: all availability clients of a large school at a time, and room for a class behind
/// one address.
pub const CONNECTIONS: Connections = Connections {
    total: 20_000,
    per_address: Some(5_000),
    handshake_time: Duration::from_secs(10),
    header_time: Duration::from_secs(30),
    send_time: Duration::from_secs(30),
};
/// `projectsDir` of the website host, below the configuration file's folder.
pub const PROJECTS_DIR: &str = "projects";
/// `usersDir` of the website host, below the configuration file's folder.
pub const USERS_DIR: &str = "user";
/// `quota` of the website host: bytes that one user may have (W4.2).
pub const QUOTA: u64 = 10_000_000;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
