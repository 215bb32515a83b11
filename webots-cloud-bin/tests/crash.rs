//! Servers that are killed: nothing of their simulations runs on, and the next server cleans up.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::simulation::{
    Client, Simulation, config, folder_with_projects, free_ports, set_fault, start_server,
    workspaces,
};
use common::{SIMULATION_SERVER, SOON, Server, listing, until_so};
use rustix::process::Signal;
use serde_json::json;
use webots_cloud::adapters::process::processes_of;

/// The wardens' own grace, and a busy machine.
const ENDED: Duration = Duration::from_secs(8);

async fn clients(server: &Server, count: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for _ in 0..count {
        let mut client = Client::connect(server).await;
        client.init("simple").await;
        clients.push(client);
    }
    for client in &mut clients {
        client.webots().await;
    }
    clients
}

async fn all_ended(names: &[String]) {
    let start = Instant::now();
    until_so("all processes to end", ENDED, || {
        names.iter().all(|name| processes_of(name).is_empty())
    })
    .await;
    println!(
        "{} instances ended after {:?}",
        names.len(),
        start.elapsed()
    );
}

#[tokio::test]
async fn twenty_simulations_of_a_killed_server_end_and_the_next_leaves_no_workspace() {
    let mut simulation = Simulation::with(json!({"maxConnections": 20})).await;
    let file = simulation.folder.path().join("simulation.json");
    let _clients = clients(&simulation.server, 20).await;
    let names = simulation.workspaces();
    assert_eq!(names.len(), 20);

    simulation.server.signal(Signal::KILL);
    simulation.server.end(ENDED).await;
    all_ended(&names).await;

    simulation.server = start_server(&file).await;
    assert!(listing(&simulation.instances()).is_empty());
    simulation.running().await;
}

#[tokio::test]
async fn stubborn_instances_of_a_killed_server_end_as_well() {
    let fault = "ignore-term,grandchild";
    let mut simulation = Simulation::with_fault(fault, json!({})).await;
    let file = simulation.folder.path().join("simulation.json");
    let _clients = clients(&simulation.server, 3).await;
    let names = simulation.workspaces();
    simulation.server.signal(Signal::KILL);
    simulation.server.end(ENDED).await;
    all_ended(&names).await;
    simulation.server = start_server(&file).await;
    assert!(listing(&simulation.instances()).is_empty());
}

#[tokio::test]
async fn a_server_started_at_once_after_the_kill_waits_for_nothing_but_the_processes() {
    let folder = folder_with_projects();
    set_fault(folder.path(), "ignore-term");
    let mut simulation = Simulation::in_folder(folder, json!({})).await;
    let file = simulation.folder.path().join("simulation.json");
    let _clients = clients(&simulation.server, 2).await;
    let names = simulation.workspaces();
    simulation.server.signal(Signal::KILL);
    simulation.server.end(ENDED).await;
    simulation.server = start_server(&file).await;
    assert!(names.iter().all(|name| processes_of(name).is_empty()));
    assert!(listing(&simulation.instances()).is_empty());
}

#[tokio::test]
async fn a_port_that_its_last_owner_is_about_to_leave_is_waited_for() {
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let port = free_ports(5);
    let owner = TcpListener::bind(("::", port)).unwrap();
    let port = port.to_string();
    let arguments = [file.to_str().unwrap(), "--port", &port];
    let mut server = Server::spawn(SIMULATION_SERVER, &arguments);
    until_so("it to meet the owner", SOON, || {
        assert!(server.exited().is_none(), "{:?}", server.stderr());
        server
            .stderr()
            .iter()
            .any(|line| line.contains("the port is in use"))
    })
    .await;
    drop(owner);
    assert!(server.ready(SOON).await, "{:?}", server.stderr());
}

#[tokio::test]
async fn a_second_server_with_the_same_folder_of_instances_keeps_its_own() {
    let mut simulation = Simulation::start().await;
    let file = config(simulation.folder.path(), json!({}));
    let other = start_server(&file).await;
    let _clients = clients(&simulation.server, 2).await;
    let dead = simulation.workspaces();
    let mut others = clients(&other, 2).await;
    let mut living = simulation.workspaces();
    living.retain(|name| !dead.contains(name));
    assert_eq!((dead.len(), living.len()), (2, 2));

    simulation.server.signal(Signal::KILL);
    simulation.server.end(ENDED).await;
    all_ended(&dead).await;
    simulation.server = start_server(&file).await;
    assert_eq!(workspaces(&simulation.instances()), living);
    for client in &mut others {
        let reset = r#"{"reset controller":"wander/wander.py"}"#;
        client.send(reset).await;
        assert_eq!(client.answer().await, "reset controller: wander/wander.py");
    }
}
