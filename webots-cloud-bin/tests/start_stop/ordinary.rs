//! What an operator does every day.

use std::fs;
use std::path::Path;

use rustix::process::Signal;
use serde_json::json;

use super::common::{self, send_signal, until_so};
use super::rig::*;

#[tokio::test]
async fn the_simulation_server_is_started_first_then_the_session_server_and_both_are_stopped() {
    let site = Site::new();
    let said = site.done(&["start"]).await;
    assert_eq!(said.len(), 2, "{said:?}");
    let (simulation, port) = started(&said[0], "local simulation server");
    assert_eq!(port, site.port);
    let (session, port) = started(&said[1], "local session server");
    let url = format!("http://localhost:{port}/session");
    let reply = webots_cloud::client::get(&url).await.unwrap();
    let expected = format!("ws://localhost:{}", site.port);
    assert_eq!(common::body(&reply), expected);

    // They have nothing of the terminal or of whoever started them.
    for (pid, server) in [(simulation, "simulation"), (session, "session")] {
        assert_eq!(site.pid(server), Some(pid));
        let own = stat(pid).unwrap()[3].parse();
        assert_eq!(own, Ok(pid), "a session of its own");
        let log = site.path(&format!("log/{server}-local.log"));
        for (number, target) in [("0", Path::new("/dev/null")), ("1", &log), ("2", &log)] {
            let open = fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap();
            assert_eq!(open, target.canonicalize().unwrap());
        }
        let ready = fs::read_to_string(&log).unwrap();
        assert!(ready.contains(" server running on port "), "{ready}");
        // Even where the configuration says `debug`, the log is in the file that is rotated.
        assert!(!ready.contains("INFO"), "{ready}");
        let log = site.path(&format!("config/{server}/log/{server}/output.log"));
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains("running on port"), "{log}");
    }

    let said = site.done(&["stop"]).await;
    let expected = [
        format!("Stopped local session server ({session})"),
        format!("Stopped local simulation server ({simulation})"),
    ];
    assert_eq!(said, expected);
    assert!(!runs(simulation) && !runs(session));
    assert_eq!(site.pid_files(), Vec::<String>::new());
    assert_eq!(site.done(&["stop"]).await, ["no server of local runs here"]);
}

#[tokio::test]
async fn a_name_picks_the_configurations_and_only_those_that_are_there() {
    let site = Site::empty();
    site.session("school", json!({"simulationServers": []}));
    site.config(
        "website",
        "school",
        r#"{"port": 0, "key": "k", "projectsDir": "../../projects"}"#,
    );
    let said = site.done(&["start", "school"]).await;
    started(&said[0], "school session server");
    started(&said[1], "school website host");
    let files = ["session-school.pid", "website-school.pid"];
    assert_eq!(site.pid_files(), files);
    // Those of another name are others.
    let said = site.done(&["stop"]).await;
    assert_eq!(said, ["no server of local runs here"]);
    let said = site.done(&["stop", "school"]).await;
    assert!(
        said[0].starts_with("Stopped school website host ("),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("Stopped school session server ("),
        "{said:?}"
    );
}

#[tokio::test]
async fn without_a_configuration_nothing_is_started_and_the_files_are_named() {
    let site = Site::empty();
    for command in ["start", "restart"] {
        let (code, said) = site.failed(&[command, "nowhere"]).await;
        assert_eq!(code, 78);
        for server in ["session", "simulation", "website"] {
            let file = format!("config/{server}/nowhere.json");
            assert!(said.contains(&file), "{said}");
        }
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    let site = Site::empty();
    for name in ["../local", "a/b", "", ".hidden", "a b", "é"] {
        for command in ["start", "stop", "restart"] {
            assert_eq!(site.failed(&[command, name]).await.0, 2, "{name:?}");
        }
    }
}

#[tokio::test]
async fn a_second_start_is_refused_while_they_run() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pids = ["simulation", "session"].map(|server| site.pid(server).unwrap());
    let (code, said) = site.failed(&["start"]).await;
    assert_eq!(code, 1);
    for pid in pids {
        assert!(said.contains(&format!("server ({pid}) runs")), "{said}");
        assert!(runs(pid));
    }
    // One that is missing is started beside those that run.
    send_signal(pids[1], Signal::KILL);
    until_so("the death", SOON, || !runs(pids[1])).await;
    let said = site.done(&["start"]).await;
    let stale = format!("local session server ({}) is gone", pids[1]);
    assert!(said[0].ends_with(&stale), "{said:?}");
    let stays = format!("local simulation server ({}) runs already", pids[0]);
    assert_eq!(said[1], stays);
    started(&said[2], "local session server");
    site.done(&["stop"]).await;
}

#[tokio::test]
async fn a_restart_is_a_stop_and_a_start() {
    let site = Site::new();
    // Of servers that do not run, it is a start.
    site.done(&["restart"]).await;
    let before = ["simulation", "session"].map(|server| site.pid(server).unwrap());
    let said = site.done(&["restart"]).await;
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[0].starts_with("Stopped local session server"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("Stopped local simulation server"),
        "{said:?}"
    );
    let (simulation, port) = started(&said[2], "local simulation server");
    assert_eq!(port, site.port);
    started(&said[3], "local session server");
    assert!(!before.contains(&simulation) && before.iter().all(|pid| !runs(*pid)));
    // What the one before printed is kept.
    assert!(site.path("log/simulation-local.log.1").is_file());
    site.done(&["stop"]).await;
}

#[tokio::test]
async fn what_cannot_be_started_again_is_not_stopped() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pid = site.pid("simulation").unwrap();
    site.config("session", "local", r#"{"port": "high"}"#);
    let (code, said) = site.failed(&["restart"]).await;
    assert_eq!(code, 78);
    assert!(
        said.contains("config/session/local.json: `port`: "),
        "{said}"
    );
    assert!(runs(pid));
    site.done(&["stop"]).await;
}
