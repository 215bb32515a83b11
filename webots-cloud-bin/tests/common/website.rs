//! A website host with TLS, which has the least to do at its start.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::Server;

pub const WEBSITE_HOST: &str = env!("CARGO_BIN_EXE_webots-website-host");

/// Its configuration file, with key.pem and cert.pem.
pub fn website(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder.join("projects")).unwrap();
    let config = json!({
        "port": 0, "key": "a key of some length", "projectsDir": folder.join("projects"),
        "usersDir": folder.join("users"), "logDir": folder,
        "sslKey": folder.join("key.pem"), "sslCertificate": folder.join("cert.pem"),
    });
    let file = folder.join("website.json");
    fs::write(&file, config.to_string()).unwrap();
    file
}

pub async fn website_host(folder: &TempDir) -> Server {
    let file = website(folder.path());
    Server::start(WEBSITE_HOST, &[file.to_str().unwrap()]).await
}
