//! Instances that misbehave: each ends without a process, a workspace or a slot lost, and its
//! client is told why (contract, 5). The faults are the stand-in's.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::simulation::{ALL_GONE, Simulation, gone, processes};
use common::{SOON, until};
use serde_json::{Value, json};

const DIALECTS: [&str; 2] = ["R2021b", "R2025a"];

/// What a client hears whose simulation does not become ready, in each dialect of clients.
async fn never_runs(simulation: &Simulation, limit: Duration) -> (String, u16) {
    let mut old = simulation.connect().await;
    old.init("simple").await;
    let (frames, code) = old.closed(limit).await;
    assert_eq!(frames.len(), 1, "only the error: {frames:?}");
    let mut new = simulation.connect().await;
    new.start(&simulation.url_of("simple")).await;
    let (text, new_code) = new.refused(limit).await;
    assert_eq!(Some(new_code), code);
    assert_eq!(frames[0], format!("error: {text}"));
    simulation.nothing_left().await;
    (text, new_code)
}

#[tokio::test]
async fn one_that_never_gets_ready_ends_at_the_start_time_out() {
    for version in DIALECTS {
        let different = json!({"startTimeout": 0.7, "webotsVersion": version});
        let simulation = Simulation::with_fault("never-ready", different).await;
        let (text, code) = never_runs(&simulation, SOON).await;
        assert_eq!(code, 1011);
        assert!(text.contains("0.7 s"), "{text}");
    }
}

#[tokio::test]
async fn one_that_dies_at_start_is_told_of_with_its_last_words() {
    for version in DIALECTS {
        let different = json!({"webotsVersion": version});
        let simulation = Simulation::with_fault("die-at-start", different).await;
        let (text, code) = never_runs(&simulation, SOON).await;
        assert_eq!(code, 1011);
        assert!(text.contains("before it was ready"), "{text}");
        assert!(text.contains("Its last output: "), "{text}");
    }
}

#[tokio::test]
async fn one_that_dies_after_it_was_ready_is_told_of_within_a_second() {
    let simulation = Simulation::with_fault("die-after-ready", json!({})).await;
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let (text, code) = client.refused(SOON).await;
    assert_eq!(code, 1011, "{text}");
    simulation.nothing_left().await;
}

#[tokio::test]
async fn one_that_listens_on_another_port_never_counts_as_ready() {
    for version in DIALECTS {
        let different = json!({"startTimeout": 7, "webotsVersion": version});
        let simulation = Simulation::with_fault("wrong-port", different).await;
        let mut client = simulation.connect().await;
        client.init("simple").await;
        let (frames, code) = client.closed(Duration::from_secs(12)).await;
        assert_eq!((frames.len(), code), (1, Some(1011)), "{frames:?}");
        assert!(frames[0].starts_with("error: "), "{frames:?}");
        simulation.nothing_left().await;
    }
}

/// Runs it, leaves it by a close or a cut, and waits until nothing is left.
async fn ends_when_its_client_leaves(fault: &str, at_least: usize) {
    let simulation = Simulation::with_fault(fault, json!({})).await;
    for close in [true, false] {
        let client = simulation.running().await;
        let names = simulation.workspaces();
        until("all its processes", SOON, || {
            let pids = webots_cloud::adapters::process::processes_of(&names[0]);
            (pids.len() >= at_least).then_some(())
        })
        .await;
        let start = Instant::now();
        if close {
            client.socket.close().await.unwrap();
        } else {
            drop(client);
        }
        gone(&simulation.instances(), &names).await;
        assert!(start.elapsed() < ALL_GONE, "{:?}", start.elapsed());
        simulation.all_slots_free().await;
    }
}

#[tokio::test]
async fn one_that_ignores_sigterm_ends_when_its_client_leaves() {
    ends_when_its_client_leaves("ignore-term", 1).await;
}

#[tokio::test]
async fn a_grandchild_in_a_session_of_its_own_ends_when_the_client_leaves() {
    ends_when_its_client_leaves("grandchild", 2).await;
}

#[tokio::test]
async fn one_with_all_these_faults_ends_when_its_client_leaves() {
    ends_when_its_client_leaves("ignore-term\ngrandchild\nlong-line", 2).await;
}

#[tokio::test]
async fn a_line_of_a_megabyte_is_cut_and_the_simulation_runs() {
    for version in DIALECTS {
        let different = json!({"webotsVersion": version});
        let simulation = Simulation::with_fault("long-line", different).await;
        let client = simulation.running().await;
        let names = simulation.workspaces();
        client.socket.close().await.unwrap();
        simulation.all_gone(&names).await;
    }
}

#[tokio::test]
async fn last_words_of_a_megabyte_are_cut() {
    let simulation = Simulation::with_fault("long-line,die-at-start", json!({})).await;
    let (text, code) = never_runs(&simulation, SOON).await;
    assert_eq!(code, 1011);
    assert!(text.len() < 8192, "{} bytes", text.len());
}

#[tokio::test]
async fn a_grandchild_of_one_that_dies_at_start_ends_as_well() {
    let simulation = Simulation::with_fault("grandchild,die-at-start", json!({})).await;
    let mut client = simulation.connect().await;
    client.start(&simulation.url_of("simple")).await;
    let (_, code) = client.refused(SOON).await;
    assert_eq!(code, 1011);
    simulation.nothing_left().await;
}

#[tokio::test]
async fn the_client_may_leave_while_an_instance_is_not_ready() {
    let simulation = Simulation::with_fault("never-ready,ignore-term,grandchild", json!({})).await;
    let mut client = simulation.connect().await;
    client.start(&simulation.url_of("simple")).await;
    while client.frame().await != "loading: loading the world" {}
    let names = simulation.workspaces();
    processes(&names[0]).await;
    drop(client);
    simulation.all_gone(&names).await;
}

/// A program that cannot be Webots at all.
async fn program(webots: Value) -> (String, u16) {
    let simulation = Simulation::with(json!({"webots": webots, "startTimeout": 2})).await;
    never_runs(&simulation, SOON).await
}

#[tokio::test]
async fn a_program_that_is_none_of_webots_is_told_of() {
    for webots in [
        json!(["/bin/sh", "-c", "echo no display; exit 3"]),
        json!("/bin/true"),
    ] {
        let (text, code) = program(webots).await;
        assert_eq!(code, 1011, "{text}");
        assert!(text.contains("before it was ready"), "{text}");
    }
    let (text, _) = program(json!(["/bin/sh", "-c", "echo no display; exit 3"])).await;
    assert!(text.contains("no display"), "{text}");
}

#[tokio::test]
async fn one_that_says_it_is_ready_without_a_port_is_never_handed_out() {
    for ready in ["open", "."] {
        let script = format!("echo {ready}; exec sleep 60");
        for version in DIALECTS {
            let different = json!({
                "webots": ["/bin/sh", "-c", script],
                "webotsVersion": version,
                "startTimeout": 1,
            });
            let simulation = Simulation::with(different).await;
            let (text, code) = never_runs(&simulation, SOON).await;
            assert_eq!(code, 1011, "{text}");
        }
    }
}

#[tokio::test]
async fn the_port_of_a_stranger_is_never_handed_out() {
    let simulation = Simulation::start().await;
    let stranger = std::net::TcpListener::bind(("0.0.0.0", simulation.server.port + 1)).unwrap();
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let port = simulation.server.port + 2;
    assert_eq!(client.webots().await, format!("ws://localhost:{port}"));
    drop(stranger);
}
