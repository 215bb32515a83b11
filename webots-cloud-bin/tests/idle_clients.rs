//! An availability client that says nothing costs a few kilobytes.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::fake::FakeSimulation;
use common::session::Session;

const CLIENTS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_availability_client_costs_a_few_kilobytes() {
    let host = FakeSimulation::with_load(10.0).await;
    let session = Session::of(&[host.address()]).await;
    // Whatever the first few connections make room for is not theirs.
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(session.availability().await);
    }
    let before = session.server.resident();
    for _ in 0..CLIENTS {
        clients.push(session.availability().await);
    }
    for client in &mut clients {
        assert_eq!(
            client.text("availability", common::SOON).await.unwrap(),
            "1"
        );
    }
    let each = (session.server.resident() - before) / CLIENTS as u64;
    println!("{each} bytes a client");
    assert!(each < 8 * 1024, "{each} bytes a client");
}
