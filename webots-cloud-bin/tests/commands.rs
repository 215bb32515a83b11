//! The programs on the command line: arguments, exit codes, and what they say (contract, 1).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::process::Output;

use common::fake::FakeSimulation;
use common::session::Session;
use common::simulation::{Simulation, config, folder_with_projects};
use common::{SESSION_SERVER, SIMULATION_SERVER, WEBOTS_CLOUD, run, text};
use serde_json::{Value, json};

const PROGRAMS: [&str; 3] = [SESSION_SERVER, SIMULATION_SERVER, WEBOTS_CLOUD];

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn out(output: &Output) -> String {
    text(&output.stdout)
}

fn err(output: &Output) -> String {
    text(&output.stderr)
}

#[tokio::test]
async fn the_ready_line_names_the_server_its_port_and_that_there_is_no_tls() {
    let fake = FakeSimulation::with_load(1.0).await;
    let session = Session::of(&[fake.address()]).await;
    let line = format!(
        "Session server running on port {} (no SSL)",
        session.server.port
    );
    assert_eq!(session.server.stdout(), [line]);
    let simulation = Simulation::start().await;
    let port = simulation.server.port;
    let line = format!("Simulation server running on port {port} (no SSL)");
    assert_eq!(simulation.server.stdout(), [line]);
}

#[tokio::test]
async fn every_program_has_a_version_and_help_with_examples() {
    for program in PROGRAMS {
        let name = program.rsplit('/').next().unwrap();
        let version = run(program, &["--version"]).await;
        let expected = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((code(&version), out(&version)), (0, expected));
        let help = run(program, &["--help"]).await;
        assert_eq!(code(&help), 0);
        let examples = out(&help).split_once("Examples:").unwrap().1.to_owned();
        assert!(examples.matches(name).count() >= 2, "{examples}");
    }
}

#[tokio::test]
async fn wrong_arguments_exit_with_2() {
    let server = [
        vec!["--nonsense"],
        vec!["a.json", "b.json"],
        vec!["--port", "70000"],
        vec!["--port", "http"],
        vec!["--log-format", "xml"],
    ];
    for program in [SESSION_SERVER, SIMULATION_SERVER] {
        for arguments in &server {
            let output = run(program, arguments).await;
            assert_eq!(code(&output), 2, "{arguments:?}");
            assert!(!err(&output).is_empty() && out(&output).is_empty());
        }
    }
    for arguments in [
        vec![],
        vec!["nonsense"],
        vec!["check"],
        vec!["demo", "--nonsense"],
    ] {
        assert_eq!(
            code(&run(WEBOTS_CLOUD, &arguments).await),
            2,
            "{arguments:?}"
        );
    }
    let output = run(SIMULATION_SERVER, &["--check", "--port", "65535"]).await;
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("--port 65535"), "{}", err(&output));
}

#[tokio::test]
async fn a_port_in_use_exits_with_1_and_names_the_port() {
    let folder = folder_with_projects();
    let simulation = config(folder.path(), json!({}));
    let session = common::session::config(&folder, &["localhost:1".to_owned()], json!({}));
    let taken = std::net::TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (program, path) in [(SIMULATION_SERVER, simulation), (SESSION_SERVER, session)] {
        let output = run(program, &[path.to_str().unwrap(), "--port", &port]).await;
        assert_eq!(code(&output), 1);
        assert!(
            err(&output).contains(&format!("port {port} ")),
            "{}",
            err(&output)
        );
        assert!(out(&output).is_empty());
    }
    assert_eq!(
        common::simulation::workspaces(&folder.path().join("instances")).len(),
        0
    );
}

#[tokio::test]
async fn log_lines_are_json_objects_on_request_and_never_on_standard_output() {
    let folder = folder_with_projects();
    let path = config(folder.path(), json!({}));
    let port = common::simulation::free_ports(5).to_string();
    let arguments = [
        path.to_str().unwrap(),
        "--port",
        &port,
        "--log-format",
        "json",
    ];
    let mut server = common::Server::start(SIMULATION_SERVER, &arguments).await;
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.end(common::SHUTDOWN).await.code(), Some(0));
    assert_eq!(
        server.stdout().len(),
        1,
        "the ready line: {:?}",
        server.stdout()
    );
    assert!(!server.stderr().is_empty());
    for line in server.stderr() {
        let object: Value = serde_json::from_str(&line).expect(&line);
        assert!(object["level"].is_string(), "{line}");
    }
}
