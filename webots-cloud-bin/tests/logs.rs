//! The log files, as the Python servers write and rotate them (W1.9).
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::fake::FakeSimulation;
use common::session::Session;
use common::{SESSION_SERVER, SHUTDOWN, Server, run};
use rustix::process::Signal;
use serde_json::{Value, json};

fn lines(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("session/output.log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// `2026-11-22 20:59:01,123 [INFO   ]  text`
fn is_python(line: &str) -> bool {
    let pattern = "dddd-dd-dd dd:dd:dd,ddd [";
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        _ => byte == wanted,
    };
    let level = line.get(pattern.len()..pattern.len() + 7);
    line.len() > pattern.len() + 10
        && line.bytes().zip(pattern.bytes()).all(fits)
        && level
            .is_some_and(|level| ["ERROR", "WARNING", "INFO", "DEBUG"].contains(&level.trim_end()))
        && line[pattern.len() + 7..].starts_with("]  ")
}

#[tokio::test]
async fn lines_have_the_form_of_the_python_servers_and_the_last_one_is_there() {
    let fake = FakeSimulation::with_load(12.5).await;
    let mut session = Session::of(&[fake.address()]).await;
    session.server.signal(Signal::TERM);
    session.server.end(SHUTDOWN).await;
    let lines = lines(session.folder.path());
    let port = session.server.port;
    let ready = format!("]  Session server running on port {port} (no SSL)");
    for wanted in [ready.as_str(), "]  ending"] {
        assert!(lines.iter().any(|line| line.ends_with(wanted)), "{lines:?}");
    }
    for line in &lines {
        assert!(is_python(line), "{line}");
    }
}

#[tokio::test]
async fn as_json_on_request() {
    let folder = common::folder();
    let file = common::session::config(&folder, &[], json!({}));
    let arguments = [file.to_str().unwrap(), "--log-format", "json"];
    let mut server = Server::start(SESSION_SERVER, &arguments).await;
    server.signal(Signal::TERM);
    server.end(SHUTDOWN).await;
    let lines = lines(folder.path());
    assert!(!lines.is_empty());
    for line in lines {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        assert!(
            line["timestamp"].is_string() && line["level"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn files_are_rotated_by_size_and_old_ones_go() {
    let folder = common::folder();
    fs::create_dir_all(folder.path().join("session")).unwrap();
    // A restart goes on with the file that is there.
    let old = folder.path().join("session/output.log");
    fs::write(&old, "an earlier line\n".repeat(40_000)).unwrap();
    for number in 1..=10 {
        fs::write(
            folder.path().join(format!("session/output.log.{number}")),
            "old\n",
        )
        .unwrap();
    }
    let file = common::session::config(&folder, &[], json!({}));
    let server = Server::start(SESSION_SERVER, &[file.to_str().unwrap()]).await;
    // It says at least that it ends.
    drop(server);
    let young = fs::read_to_string(folder.path().join("session/output.log.1")).unwrap();
    assert!(young.starts_with("an earlier line"));
    let files = common::listing(&folder.path().join("session"));
    assert_eq!(files.len(), 11, "{files:?}");
}

#[tokio::test]
async fn at_debug_there_is_an_access_log_without_queries() {
    let folder = common::folder();
    let file = common::session::config(&folder, &[], json!({}));
    let arguments = [file.to_str().unwrap(), "--log-level", "debug"];
    let mut server = Server::start(SESSION_SERVER, &arguments).await;
    server.text("/load?password=secret").await;
    server.get("/nowhere").await;
    server.signal(Signal::TERM);
    server.end(SHUTDOWN).await;
    let lines = lines(folder.path());
    for wanted in [
        "request method=GET path=\"/load\" status=200 time=",
        "request method=GET path=\"/nowhere\" status=404 time=",
    ] {
        let is_it = |line: &&String| line.contains(wanted) && line.contains("from{peer=127.0.0.1:");
        assert!(lines.iter().any(|line| is_it(&line)), "{lines:?}");
    }
    assert!(!lines.concat().contains("secret"), "{lines:?}");
}

#[tokio::test]
async fn debug_means_the_terminal_and_no_file() {
    let session = Session::with(&[], json!({"debug": true})).await;
    assert!(common::listing(&session.folder.path().join("session")).is_empty());
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_a_failure_at_the_start() {
    let folder = common::folder();
    fs::write(
        folder.path().join("session"),
        "a file where the folder should be",
    )
    .unwrap();
    let file = common::session::config(&folder, &[], json!({}));
    let output = run(SESSION_SERVER, &[file.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("Log file '") && text.contains("cannot be created"),
        "{text}"
    );
}
