//! The end of `/client`: whoever ends it, nothing is left after 6 s, and the slot is free
//! (contract, 5).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::simulation::{Client, Simulation, processes};
use common::{SOON, send_signal};
use rustix::process::Signal;
use serde_json::json;
use webots_cloud::client::ClientSocket;

/// An instance that ends is told of within this.
const TOLD: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_client_that_closes_leaves_nothing() {
    let simulation = Simulation::start().await;
    let client = simulation.running().await;
    let names = simulation.workspaces();
    assert!(!processes(&names[0]).await.is_empty());
    client.socket.close().await.unwrap();
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn a_client_whose_connection_is_cut_leaves_nothing() {
    let simulation = Simulation::start().await;
    let client = simulation.running().await;
    let names = simulation.workspaces();
    // Without a close frame.
    drop(client);
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn a_client_that_leaves_at_any_moment_of_the_start_leaves_nothing() {
    let simulation = Simulation::with(json!({"maxConnections": 8})).await;
    let url = simulation.url_of("simple");
    for frames in 0..4 {
        for close in [true, false] {
            let mut client = simulation.connect().await;
            client.start(&url).await;
            for _ in 0..frames {
                client.frame().await;
            }
            if close {
                client.socket.close().await.unwrap();
            }
        }
    }
    simulation.nothing_left().await;
}

#[tokio::test]
async fn the_scene_may_stay_open_the_instance_ends_all_the_same() {
    let simulation = Simulation::start().await;
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let webots = client.webots().await;
    let mut scene = ClientSocket::open(&format!("{webots}/")).await.unwrap();
    scene.send("x3d").await.unwrap();
    let names = simulation.workspaces();
    drop(client);
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn at_the_limit_clients_are_refused_with_1013_and_the_load_is_100() {
    let simulation = Simulation::with(json!({"maxConnections": 2})).await;
    let one = simulation.running().await;
    let names = simulation.workspaces();
    let mut two = simulation.running().await;
    assert_eq!(simulation.server.text("/load").await, "100");
    let mut three = simulation.connect().await;
    three.init("simple").await;
    let (text, code) = three.refused(SOON).await;
    assert_eq!(code, 1013, "{text}");
    assert!(text.contains("try again later"), "{text}");
    assert_eq!(simulation.workspaces().len(), 2);

    // A slot is free as soon as one leaves; the other never noticed.
    one.socket.close().await.unwrap();
    common::simulation::gone(&simulation.instances(), &names).await;
    simulation.slots_free(1).await;
    simulation.running().await;
    two.send(r#"{"reset controller":"wander/wander.py"}"#).await;
    assert_eq!(two.answer().await, "reset controller: wander/wander.py");
}

/// Ends the instance's own process, as the kernel does where memory is short.
async fn kill_instance(name: &str, signal: Signal) {
    let pids = processes(name).await;
    let webots = |pid: &&i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).nth(1) == Some(b"standin")
    };
    let pid = *pids.iter().find(webots).expect("the stand-in");
    send_signal(pid, signal);
}

#[tokio::test]
async fn a_killed_instance_is_told_of_within_a_second_and_closes_with_1011() {
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    kill_instance(&names[0], Signal::KILL).await;
    let start = Instant::now();
    let (text, code) = client.refused(TOLD).await;
    println!("told after {:?}: {text}", start.elapsed());
    assert_eq!(code, 1011);
    assert!(text.contains("ended"), "{text}");
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn an_instance_that_quits_by_itself_is_told_of_and_closes_with_1000() {
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    kill_instance(&names[0], Signal::TERM).await;
    let (text, code) = client.refused(TOLD).await;
    assert_eq!(code, 1000, "{text}");
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn a_simulation_ends_at_its_time_limit() {
    let simulation = Simulation::with(json!({"timeout": 0.5})).await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    let (text, code) = client.refused(SOON).await;
    assert_eq!(code, 1000);
    assert!(text.contains("0.5 s"), "{text}");
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn forty_clients_that_come_and_go_lose_no_slot() {
    let simulation = Simulation::with(json!({"maxConnections": 4})).await;
    let mut refused = 0;
    for round in 0..10 {
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(simulation.connect().await);
        }
        for client in &mut clients {
            client.init("simple").await;
        }
        for (at, client) in clients.into_iter().enumerate() {
            refused += usize::from(!runs_and_leaves(client, (round + at) % 3).await);
        }
        simulation.all_slots_free().await;
    }
    assert_eq!(refused, 0);
    simulation.nothing_left().await;
}

/// Whether it got its simulation; the ways of leaving are three.
async fn runs_and_leaves(mut client: Client, way: usize) -> bool {
    if way == 2 {
        return true;
    }
    let frame = client.answer().await;
    if way == 1 {
        client.socket.close().await.unwrap();
    }
    frame.starts_with("webots:")
}
