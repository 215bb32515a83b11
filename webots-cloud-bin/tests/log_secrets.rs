//! No secret reaches a log or a terminal, however much is logged.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::fake::{FakeSimulation, Load, dead_port};
use common::simulation::{Client, config, folder_with_projects, start_server_with};
use common::{SESSION_SERVER, SHUTDOWN, SOON, Server, until_so};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

const WEBSITE_HOST: &str = env!("CARGO_BIN_EXE_webots-website-host");

const KEY: &str = "the-hosts-key-5f1c";
const USER: &str = "the-users-word-77ab";
const MAIL: &str = "the-mail-word-90dd";
const HOOK: &str = "the-hook-c3e2";

/// Everything at its loudest.
const LOUD: [&str; 2] = ["--log-level", "trace"];

/// Ends a server: all that it said, on its terminal and in its log files.
async fn said(mut server: Server, logs: &Path) -> String {
    server.signal(Signal::TERM);
    server.end(SHUTDOWN).await;
    let mut all = [server.stdout(), server.stderr()].concat();
    for name in common::listing(logs) {
        all.push(fs::read_to_string(logs.join(name)).unwrap());
    }
    all.join("\n")
}

fn keeps_secrets(what: &str, said: &str) {
    assert!(said.lines().count() > 10, "{what} was silent: {said}");
    for secret in [KEY, USER, MAIL, HOOK] {
        assert!(!said.contains(secret), "{what} said {secret}: {said}");
    }
}

async fn website(folder: &TempDir) -> Server {
    let projects = folder.path().join("projects");
    let config = json!({
        "port": 0, "key": KEY, "projectsDir": projects, "logDir": folder.path(),
        "usersDir": folder.path().join("users"),
    });
    let file = folder.path().join("website.json");
    fs::write(&file, config.to_string()).unwrap();
    Server::start(
        WEBSITE_HOST,
        &[&[file.to_str().unwrap()], &LOUD[..]].concat(),
    )
    .await
}

fn log_of(folder: &TempDir, server: &str) -> PathBuf {
    folder.path().join(server)
}

#[tokio::test]
async fn a_session_of_a_user_with_a_password_and_a_website_with_a_key() {
    let folder = folder_with_projects();
    let website = website(&folder).await;
    let keys = folder.path().join("keys");
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("127.0.0.1"), KEY).unwrap();
    let hook = format!("http://127.0.0.1:{}/{HOOK}", dead_port().await);
    let different = json!({
        "keyDir": keys, "allowPrivateHosts": ["127.0.0.1"], "webhook": hook,
    });
    let server = start_server_with(&config(folder.path(), different), &LOUD).await;

    for authentication in [USER, "", USER] {
        let mut client = Client::connect(&server).await;
        let host = format!("http://127.0.0.1:{}", website.port);
        let init = json!([
            host,
            "simple",
            "simple.wbt",
            7,
            "Ann",
            authentication,
            "",
            "",
            USER
        ]);
        client.send(json!({ "init": init }).to_string()).await;
        // Whether there is such a user or not: what is said of it is what counts.
        client.answer().await;
        client.send(format!("{{\"start\": [\"{USER}\"]}}")).await;
        client.send(format!("not JSON: {USER}")).await;
        client.closed(SOON).await;
    }
    let asked = |line: &String| line.contains("path=\"/ajax/download-project.php\"");
    until_so("a download", SOON, || website.stderr().iter().any(asked)).await;
    keeps_secrets(
        "the simulation server",
        &said(server, &log_of(&folder, "simulation")).await,
    );
    keeps_secrets(
        "the website host",
        &said(website, &log_of(&folder, "website")).await,
    );
}

#[tokio::test]
async fn notices_by_mail_with_a_password_and_to_a_secret_address() {
    let folder = common::folder();
    let fake = FakeSimulation::with_load(1.0).await;
    let different = json!({
        "webhook": format!("http://127.0.0.1:{}/{HOOK}", dead_port().await),
        "administrator": "admin@example.org", "mailSender": "webots@example.org",
        "mailSenderPassword": MAIL,
        "mailServer": "127.0.0.1", "mailServerPort": dead_port().await,
    });
    let file = common::session::config(&folder, &[fake.address()], different);
    let arguments = [&[file.to_str().unwrap()], &LOUD[..]].concat();
    let server = Server::start(SESSION_SERVER, &arguments).await;
    fake.becomes(Load::Closes);
    let fails = |what: &str| {
        let line = format!("{what} cannot be delivered");
        server.stderr().iter().any(|it| it.contains(&line))
    };
    until_so("both to fail", SOON * 3, || {
        fails("mail") && fails("webhook")
    })
    .await;
    keeps_secrets(
        "the session server",
        &said(server, &log_of(&folder, "session")).await,
    );
}
