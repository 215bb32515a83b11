//! What does not start or stop.

use std::net::TcpListener;

use rustix::process::Signal;
use serde_json::json;

use super::common::fake::{FakeSimulation, Load};
use super::common::{send_signal, text, until_so};
use super::rig::*;

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_nothing_is_left() {
    let site = Site::new();
    let _taken = TcpListener::bind(("0.0.0.0", site.port)).unwrap();
    let (code, said) = site.failed(&["start"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("local simulation server did not start (exit status: 1):\n"),
        "{said}"
    );
    assert!(
        said.contains(&format!("port {} cannot be opened", site.port)),
        "{said}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_broken_configuration_exits_with_78_in_the_servers_own_words_and_ends_what_was_started() {
    let site = Site::new();
    site.config(
        "session",
        "local",
        r#"{"port": "high", "simulationServers": "none"}"#,
    );
    let output = site.run(&["start"]).await;
    assert_eq!(output.status.code(), Some(78));
    let said = text(&output.stderr);
    assert!(
        said.starts_with("local session server did not start"),
        "{said}"
    );
    assert!(
        said.contains("config/session/local.json: `port`: "),
        "{said}"
    );
    assert!(
        said.contains("config/session/local.json: `simulationServers`: "),
        "{said}"
    );
    let said = lines(&output.stdout);
    let (simulation, _) = started(&said[0], "local simulation server");
    let ended = format!("Stopped local simulation server ({simulation}) again");
    assert_eq!(said[1..], [ended]);
    assert!(!runs(simulation));
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_is_not_ready_in_time_is_ended() {
    let silent = FakeSimulation::start(Load::Hangs).await;
    let site = Site::empty();
    let never = json!({"simulationServers": [silent.address()], "loadTimeout": 600});
    site.session("local", never);
    let (code, said) = site.failed(&["start", "--wait", "1"]).await;
    assert_eq!(code, 1);
    assert!(
        said.starts_with("local session server was not ready within 1 s and was ended"),
        "{said}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_does_not_end_is_said_and_its_pid_file_stays() {
    let site = Site::empty();
    site.session("local", json!({"simulationServers": []}));
    site.done(&["start"]).await;
    let pid = site.pid("session").unwrap();
    send_signal(pid, Signal::STOP);
    let (code, said) = site.failed(&["stop"]).await;
    assert_eq!(code, 1);
    assert_eq!(
        said,
        format!("still there after 15 s: local session server ({pid})\n")
    );
    assert_eq!(site.pid("session"), Some(pid));
    send_signal(pid, Signal::CONT);
    until_so("the end", SOON, || !runs(pid)).await;
}

#[tokio::test]
async fn two_commands_at_the_same_time_do_not_meet() {
    let silent = FakeSimulation::start(Load::Hangs).await;
    let site = Site::empty();
    site.session(
        "local",
        json!({"simulationServers": [silent.address()], "loadTimeout": 600}),
    );
    let first = site.run(&["start", "--wait", "20"]);
    let second = async {
        until_so("the first", SOON, || site.pid("session").is_some()).await;
        let refused = site.failed(&["stop"]).await;
        send_signal(site.pid("session").unwrap(), Signal::TERM);
        refused
    };
    let (first, (code, said)) = tokio::join!(first, second);
    assert_eq!(code, 1);
    assert!(
        said.contains("another start or stop is at work here"),
        "{said}"
    );
    // It ended before it was ready.
    assert_eq!(first.status.code(), Some(1));
    assert_eq!(site.pid_files(), Vec::<String>::new());
}
