//! Signals: how servers end, and that SIGHUP is no end (contract, 1).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::fake::FakeSimulation;
use common::session::Session;
use common::simulation::{Client, Simulation};
use common::{SHUTDOWN, SOON, listing, run, until_so};
use rustix::process::Signal;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use webots_cloud::adapters::process::processes_of;

async fn ends_with_running_sessions(signal: Signal) {
    let mut simulation = Simulation::start().await;
    let mut clients = [simulation.running().await, simulation.running().await];
    let mut silent = simulation.connect().await;
    let names = simulation.workspaces();

    simulation.server.signal(signal);
    let start = Instant::now();
    for client in clients.iter_mut().chain([&mut silent]) {
        let (text, code) = client.refused(SOON).await;
        assert!(text.contains("shutting down"), "{text}");
        assert_eq!(code, 1013);
    }
    let status = simulation.server.end(SHUTDOWN).await;
    println!("{signal:?}: ended after {:?}", start.elapsed());
    assert_eq!(status.code(), Some(0), "{:?}", simulation.server.stderr());
    nothing_is_left(&simulation, &names);
}

fn nothing_is_left(simulation: &Simulation, names: &[String]) {
    assert!(names.iter().all(|name| processes_of(name).is_empty()));
    assert!(listing(&simulation.instances()).is_empty());
    for port in simulation.server.port..=simulation.server.port + 4 {
        assert!(TcpStream::connect(("localhost", port)).is_err(), "{port}");
    }
}

#[tokio::test]
async fn sigterm_tells_the_clients_ends_the_instances_and_exits_with_0() {
    ends_with_running_sessions(Signal::TERM).await;
}

#[tokio::test]
async fn sigint_does_the_same() {
    ends_with_running_sessions(Signal::INT).await;
}

#[tokio::test]
async fn stubborn_instances_do_not_keep_the_server_from_ending_in_time() {
    let fault = "ignore-term,grandchild";
    let mut simulation = Simulation::with_fault(fault, json!({})).await;
    let _clients = [simulation.running().await, simulation.running().await];
    let names = simulation.workspaces();
    simulation.server.signal(Signal::TERM);
    assert_eq!(simulation.server.end(SHUTDOWN).await.code(), Some(0));
    nothing_is_left(&simulation, &names);
}

#[tokio::test]
async fn clients_that_neither_read_nor_close_do_not_keep_the_server_from_ending() {
    let mut simulation = Simulation::start().await;
    let _client = simulation.running().await;
    let port = simulation.server.port;
    let _idle: Vec<_> = (0..20)
        .map(|_| TcpStream::connect(("localhost", port)).unwrap())
        .collect();
    simulation.server.signal(Signal::TERM);
    assert_eq!(simulation.server.end(SHUTDOWN).await.code(), Some(0));
}

#[tokio::test]
async fn while_it_ends_the_server_takes_no_session_and_says_so() {
    let mut simulation = Simulation::with_fault("ignore-term", json!({})).await;
    let mut client = simulation.running().await;
    simulation.server.signal(Signal::TERM);
    // Its instance takes three seconds to be ended.
    client.refused(SOON).await;
    assert_eq!(simulation.server.text("/load").await, "100");
    assert_eq!(simulation.server.get("/readyz").await.status(), 503);
    assert_eq!(simulation.server.get("/healthz").await.status(), 200);
    let mut late = simulation.connect().await;
    assert_eq!(late.refused(SOON).await.1, 1013);
    assert_eq!(simulation.server.end(SHUTDOWN).await.code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_forces_and_still_nothing_runs_on() {
    let mut simulation = Simulation::with_fault("ignore-term", json!({})).await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    simulation.server.signal(Signal::TERM);
    client.refused(SOON).await;
    assert!(
        simulation.server.exited().is_none(),
        "the instance takes its time"
    );
    let start = Instant::now();
    simulation.server.signal(Signal::INT);
    simulation.server.end(SOON).await;
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
    until_so("its processes to end", SOON, || {
        names.iter().all(|name| processes_of(name).is_empty())
    })
    .await;
}

#[tokio::test]
async fn sighup_ends_nothing() {
    let fake = FakeSimulation::with_load(1.0).await;
    let session = Session::of(&[fake.address()]).await;
    let mut availability = session.availability().await;
    availability.text("availability", SOON).await.unwrap();
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    for _ in 0..3 {
        for server in [&session.server, &simulation.server] {
            server.signal(Signal::HUP);
            assert_eq!(server.get("/healthz").await.status(), 200);
        }
    }
    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    assert_eq!(client.answer().await, "reset controller: wander/wander.py");
    availability
        .send_message(Message::Ping("x".into()))
        .await
        .unwrap();
    fake.set(100.0);
    assert_eq!(availability.text("the change", SOON).await.unwrap(), "0");
}

#[tokio::test]
async fn a_session_server_closes_its_sockets_and_exits_with_0() {
    for signal in [Signal::TERM, Signal::INT] {
        let fake = FakeSimulation::with_load(1.0).await;
        let mut session = Session::of(&[fake.address()]).await;
        let mut availability = session.availability().await;
        availability.text("availability", SOON).await.unwrap();
        session.server.signal(signal);
        let code = availability.close_code(SOON).await.unwrap();
        assert_eq!(code, Some(1001));
        assert_eq!(session.server.end(SHUTDOWN).await.code(), Some(0));
    }
}

#[tokio::test]
async fn a_server_may_be_ended_before_its_port_is_open() {
    let fake = FakeSimulation::start(common::fake::Load::Hangs).await;
    let folder = common::folder();
    let slow = json!({"loadTimeout": 30});
    let file = common::session::config(&folder, &[fake.address()], slow);
    let arguments = [file.to_str().unwrap()];
    let mut server = common::Server::spawn(common::SESSION_SERVER, &arguments);
    until_so("the signals to be heard", SOON, || {
        catches_sigterm(server.pid())
    })
    .await;
    server.signal(Signal::TERM);
    assert_eq!(server.end(SOON).await.code(), Some(0));
    assert!(server.stdout().is_empty());
}

/// Whether the process has a handler for SIGTERM.
fn catches_sigterm(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
    mask & (1 << (15 - 1)) != 0
}

#[tokio::test]
async fn the_demo_ends_by_sigint_and_leaves_nothing() {
    let arguments = ["demo", "--port", "0", "--log-level", "warn"];
    let mut demo = common::Server::start(common::WEBOTS_CLOUD, &arguments).await;
    let mut client = Client::connect(&demo).await;
    client.init("simple").await;
    client.webots().await;
    demo.signal(Signal::INT);
    client.refused(SOON).await;
    assert_eq!(demo.end(SHUTDOWN).await.code(), Some(0));
}

#[tokio::test]
async fn the_demo_plays_its_check_and_prints_each_step() {
    let output = run(
        common::WEBOTS_CLOUD,
        &["demo", "--check", "--log-level", "warn"],
    )
    .await;
    let (out, err) = (common::text(&output.stdout), common::text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    let steps = [
        "start the servers",
        "is there room?",
        "open a simulation session",
        "start the simulation",
        "register with the simulation",
        "run",
        "step",
        "reset",
        "quit",
        "the instance is gone",
        "end the servers",
        "look for what is left behind",
    ];
    for step in steps {
        let done =
            |line: &str| line.starts_with("ok ") && line.contains(step) && line.contains(" ms");
        assert!(out.lines().any(done), "{step} in {out}");
    }
}
