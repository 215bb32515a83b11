//! The end of a full server: all clients are told, everything is gone, and it ends in time.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::Instant;

use common::simulation::Simulation;
use common::{SHUTDOWN, listing};
use rustix::process::Signal;
use serde_json::json;
use webots_cloud::adapters::process::processes_of;

const SESSIONS: usize = 50;

#[tokio::test]
async fn sigterm_with_fifty_sessions() {
    let mut simulation = Simulation::with(json!({"maxConnections": SESSIONS})).await;
    let mut clients = Vec::new();
    for _ in 0..SESSIONS {
        clients.push(simulation.running().await);
    }
    let names = simulation.workspaces();
    assert_eq!(names.len(), SESSIONS);
    let processes: usize = names.iter().map(|name| processes_of(name).len()).sum();
    assert!(processes >= SESSIONS, "{processes}");

    simulation.server.signal(Signal::TERM);
    let start = Instant::now();
    for client in &mut clients {
        let (text, code) = client.refused(SHUTDOWN).await;
        assert!(text.contains("shutting down"), "{text}");
        assert_eq!(code, 1013);
    }
    let told = start.elapsed();
    let status = simulation.server.end(SHUTDOWN).await;
    let ended = start.elapsed();
    println!(
        "{SESSIONS} sessions, {processes} processes: all told after {told:?}, ended after {ended:?}"
    );
    assert_eq!(status.code(), Some(0), "{:?}", simulation.server.stderr());
    assert!(ended < SHUTDOWN, "{ended:?}");
    assert!(names.iter().all(|name| processes_of(name).is_empty()));
    assert!(listing(&simulation.instances()).is_empty());
}
