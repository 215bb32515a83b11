//! A whole simulation server whose simulations have a network of their own: browsers see the scene
//! through the port that the wardens carry out.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::simulation::{READY, Simulation};
use serde_json::json;
use webots_cloud::client::ClientSocket;

async fn shows_its_scene(sandbox: &str, program: &str) {
    if !Path::new("/usr/bin").join(program).exists() {
        println!("skipped: no {program}");
        return;
    }
    for version in ["R2021b", "R2025a"] {
        let different = json!({"sandbox": sandbox, "network": "private", "webotsVersion": version});
        let simulation = Simulation::with(different).await;
        let page = simulation.server.text("/monitor").await;
        assert!(page.contains("private network"), "{page}");
        let mut client = simulation.connect().await;
        client.init("simple").await;
        let webots = client.webots().await;
        let names = simulation.workspaces();

        let mut scene = ClientSocket::open(&format!("{webots}/")).await.unwrap();
        scene.send("x3d").await.unwrap();
        let loaded = |frame: &str| frame == "scene load completed";
        scene.expect("the world", READY, loaded).await.unwrap();
        scene.send("real-time:-1").await.unwrap();
        let update = |frame: &str| frame.starts_with("application/json:");
        for _ in 0..3 {
            scene.expect("an update", READY, update).await.unwrap();
        }
        client.socket.close().await.unwrap();
        simulation.all_gone(&names).await;
        assert!(ClientSocket::open(&format!("{webots}/")).await.is_err());
    }
}

#[tokio::test]
async fn bubblewrap() {
    shows_its_scene("bubblewrap", "bwrap").await;
}

#[tokio::test]
async fn firejail() {
    shows_its_scene("firejail", "firejail").await;
}
