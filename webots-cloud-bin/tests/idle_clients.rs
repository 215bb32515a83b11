//! An availability client that says nothing costs a few kilobytes.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::fake::FakeSimulation;
use common::session::Session;

const CLIENTS: usize = 1000;

/// Resident memory of a process, bytes.
fn resident(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_availability_client_costs_a_few_kilobytes() {
    let host = FakeSimulation::with_load(10.0).await;
    let session = Session::of(&[host.address()]).await;
    // Whatever the first few connections make room for is not theirs.
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(session.availability().await);
    }
    let before = resident(session.server.pid());
    for _ in 0..CLIENTS {
        clients.push(session.availability().await);
    }
    for client in &mut clients {
        assert_eq!(
            client.text("availability", common::SOON).await.unwrap(),
            "1"
        );
    }
    let each = (resident(session.server.pid()) - before) / CLIENTS as u64;
    println!("{each} bytes a client");
    assert!(each < 8 * 1024, "{each} bytes a client");
}
