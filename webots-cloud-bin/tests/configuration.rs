//! Configuration files: what is wrong with them is said at once, and `--check` says what they mean
//! (contract, 1 and 2).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::process::Output;

use common::simulation::{config, folder_with_projects};
use common::{SESSION_SERVER, SIMULATION_SERVER, WEBOTS_CLOUD, run, text};
use serde_json::{Value, json};

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn out(output: &Output) -> String {
    text(&output.stdout)
}

fn err(output: &Output) -> String {
    text(&output.stderr)
}

/// A file with this text in a folder of its own.
fn file(name: &str, content: &str) -> (tempfile::TempDir, String) {
    let folder = common::folder();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_missing_file_exits_with_78_and_its_name() {
    for program in [SESSION_SERVER, SIMULATION_SERVER] {
        for missing in ["/no/such/file.json", "."] {
            let output = run(program, &[missing]).await;
            assert_eq!(code(&output), 78, "{missing}");
            assert!(err(&output).contains(missing), "{}", err(&output));
        }
    }
    let output = run(WEBOTS_CLOUD, &["check", "/no/such/file.json"]).await;
    assert_eq!(code(&output), 78);
}

#[tokio::test]
async fn what_is_no_json_object_exits_with_78() {
    for content in ["", "{", "[]", "5", "{\"port\": 1,}", "\u{0}"] {
        let (_folder, path) = file("server.json", content);
        for program in [SESSION_SERVER, SIMULATION_SERVER] {
            let output = run(program, &[&path]).await;
            assert_eq!(code(&output), 78, "{content:?}");
            assert!(err(&output).contains("server.json: "), "{}", err(&output));
            assert!(err(&output).contains("allowed: one JSON object"));
        }
    }
}

#[tokio::test]
async fn all_mistakes_are_said_at_once_with_file_key_what_is_wrong_and_what_is_allowed() {
    let mistakes = json!({
        "port": "2000",
        "maxConnections": 0,
        "projectsDir": "/no/such/folder",
        "startTimeout": -1,
        "sandbox": "prison",
        "limits": {"memory": "lots"},
        "ssl": 1,
        "maxClientMesage": 5,
    });
    let (_folder, path) = file("simulation.json", &mistakes.to_string());
    for (program, arguments) in [
        (SIMULATION_SERVER, vec![path.as_str()]),
        (SIMULATION_SERVER, vec!["--check", &path]),
        (WEBOTS_CLOUD, vec!["check", &path]),
    ] {
        let output = run(program, &arguments).await;
        assert_eq!(code(&output), 78);
        let said = err(&output);
        let keys = [
            "port",
            "maxConnections",
            "projectsDir",
            "startTimeout",
            "sandbox",
            "limits.memory",
            "ssl",
        ];
        for key in keys {
            let begins = format!("{path}: `{key}`: ");
            let line = said.lines().find(|line| line.starts_with(&begins));
            let line = line.unwrap_or_else(|| panic!("{key} in {said}"));
            assert!(line.contains("; allowed: "), "{line}");
        }
        let warned = |line: &str| {
            line.starts_with(&format!("{path}: warning: ")) && line.contains("`maxClientMessage`")
        };
        assert!(said.lines().any(warned), "{said}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_a_warning_with_the_nearest_known_one() {
    let (_folder, path) = file("session.json", r#"{"port": 0, "simulationServer": []}"#);
    let output = run(SESSION_SERVER, &["--check", &path]).await;
    assert_eq!(code(&output), 0);
    assert!(
        err(&output).contains("`simulationServers`"),
        "{}",
        err(&output)
    );
}

#[tokio::test]
async fn tls_files_that_are_none_exit_with_78_and_the_file_and_key() {
    let folder = folder_with_projects();
    let pem = folder.path().join("not.pem");
    std::fs::write(&pem, "nothing").unwrap();
    let tls = json!({"sslKey": pem, "sslCertificate": pem});
    let simulation = config(folder.path(), tls.clone());
    let session = common::session::config(&folder, &["localhost:1".to_owned()], tls);
    for (program, path) in [(SIMULATION_SERVER, simulation), (SESSION_SERVER, session)] {
        let path = path.to_str().unwrap();
        let output = run(program, &[path, "--port", "0"]).await;
        assert_eq!(code(&output), 78, "{}", err(&output));
        assert!(
            err(&output).contains(&format!("{path}: sslCertificate")),
            "{}",
            err(&output)
        );
    }
}

#[tokio::test]
async fn check_prints_the_effective_configuration_with_secrets_masked() {
    let secret = "hunter2-hunter2";
    let session = json!({
        "simulationServers": ["sim.example.org/2000"],
        "ssl": true,
        "portRewrite": true,
        "administrator": "admin@example.org",
        "mailServer": "mail.example.org",
        "mailSender": "session@example.org",
        "mailSenderPassword": secret,
    });
    let (_folder, path) = file("session.json", &session.to_string());
    let output = run(SESSION_SERVER, &["--check", &path, "--port", "1234"]).await;
    assert_eq!(code(&output), 0, "{}", err(&output));
    let said = out(&output);
    assert!(!said.contains(secret) && !err(&output).contains(secret));
    let (object, address) = said.split_at(said.rfind('}').unwrap() + 1);
    let effective: Value = serde_json::from_str(object).unwrap();
    assert_eq!(effective["port"], 1234);
    assert_eq!(effective["loadThreshold"], 95);
    assert_eq!(effective["mailServer"], "mail.example.org");
    assert!(
        effective["mailSenderPassword"]
            .as_str()
            .unwrap()
            .contains('*')
    );
    assert!(address.contains("wss://sim.example.org/2000"), "{address}");
}

#[tokio::test]
async fn check_without_a_file_shows_the_defaults() {
    let session = out(&run(SESSION_SERVER, &["--check"]).await);
    assert!(session.contains("\"port\": 1999") && session.contains("\"localhost:2000\""));
    let simulation = out(&run(SIMULATION_SERVER, &["--check"]).await);
    assert!(
        simulation.contains("\"port\": 2000") && simulation.contains("\"maxConnections\": 100")
    );
}

#[tokio::test]
async fn webots_cloud_check_says_which_files_are_good_and_what_is_wrong_with_the_others() {
    let (_one, good) = file("session.json", "{}");
    let (_two, bad) = file(
        "simulation.json",
        r#"{"port": -1, "webots": ["/bin/true"]}"#,
    );
    let (_three, worse) = file("session.json", r#"{"loadThreshold": "high"}"#);
    let output = run(WEBOTS_CLOUD, &["check", &good]).await;
    assert_eq!(code(&output), 0);
    assert_eq!(
        out(&output),
        format!("{good}: a good session server configuration\n")
    );
    let output = run(WEBOTS_CLOUD, &["check", &bad, &good, &worse]).await;
    assert_eq!(code(&output), 78);
    assert!(out(&output).contains(&good));
    assert!(err(&output).contains(&format!("{bad}: `port`: ")));
    assert!(err(&output).contains(&format!("{worse}: `loadThreshold`: ")));
}
