//! A session server with a configuration of its own.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use webots_cloud::client::ClientSocket;

use super::{SESSION_SERVER, Server};

/// Long enough for some rounds of load samples (every 0.1 s here).
pub const ROUNDS: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Session {
    pub server: Server,
    pub folder: TempDir,
}

/// The configuration, with what a test wants differently.
pub fn config(folder: &TempDir, servers: &[String], different: Value) -> PathBuf {
    let mut config = json!({
        "port": 0,
        "simulationServers": servers,
        "loadRefresh": 0.1,
        "loadTimeout": 0.4,
        "logDir": folder.path(),
    });
    super::simulation::merge(&mut config, different);
    let file = folder.path().join("session.json");
    std::fs::write(&file, config.to_string()).expect("written");
    file
}

/// Servers are offered even when this machine is busy, as with other tests.
pub fn busy_or_not(mut different: Value) -> Value {
    different["loadThreshold"] = json!(101);
    different
}

impl Session {
    pub async fn of(servers: &[String]) -> Self {
        Self::with(servers, json!({})).await
    }

    pub async fn with(servers: &[String], different: Value) -> Self {
        let folder = super::folder();
        let file = config(&folder, servers, different);
        let server = Server::start(SESSION_SERVER, &[file.to_str().expect("UTF-8")]).await;
        Self { server, folder }
    }

    /// An availability socket.
    pub async fn availability(&self) -> ClientSocket {
        let url = self.server.ws("/");
        ClientSocket::open(&url).await.expect("an open socket")
    }
}
