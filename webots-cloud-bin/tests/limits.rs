//! Simulations that take more than they may: their clients are told which limit it was.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::time::Duration;

use common::simulation::{Simulation, config, folder_with_projects};
use common::{SIMULATION_SERVER, SOON, Server};
use serde_json::{Value, json};

/// Python starts slowly on a busy machine.
const TOLD: Duration = Duration::from_secs(60);

/// Runs the project `simple` with this controller until its client is told why it ended.
async fn ended(controller: &str, different: Value) -> String {
    let folder = folder_with_projects();
    let file = "projects/simple/controllers/wander/wander.py";
    fs::write(folder.path().join(file), controller).unwrap();
    let simulation = Simulation::in_folder(folder, different).await;
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let (text, code) = client.refused(TOLD).await;
    assert_eq!(code, 1011, "{text}");
    simulation.nothing_left().await;
    text
}

#[tokio::test]
async fn a_controller_that_takes_too_much_memory() {
    let controller = "import time
held = []
while True:
    held.append(bytearray(8 << 20))
    time.sleep(0.01)
";
    for cgroup in ["auto", "none"] {
        let different = json!({"limits": {"memory": "400 MiB"}, "cgroup": cgroup});
        let text = ended(controller, different).await;
        assert!(
            text.contains("it used more than its 400 MiB of memory"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_controller_that_fills_the_disk() {
    let controller = "import time
with open('large', 'wb') as file:
    for _ in range(64): file.write(bytes(1 << 20))
time.sleep(100)
";
    let text = ended(controller, json!({"limits": {"disk": "32 MiB"}})).await;
    assert!(
        text.contains("it used more than its 32 MiB of disk"),
        "{text}"
    );
}

#[tokio::test]
async fn a_cgroup_that_is_none_is_a_mistake_of_the_configuration() {
    let folder = folder_with_projects();
    let file = config(
        folder.path(),
        json!({"cgroup": folder.path(), "debug": true}),
    );
    let file = file.to_str().unwrap();
    let mut server = Server::spawn(SIMULATION_SERVER, &[file, "--port", "0"]);
    let status = server.end(SOON).await;
    let said = server.stderr().join("\n");
    assert_eq!(status.code(), Some(78), "{said}");
    assert!(
        said.contains("cgroup") && said.contains("version 2"),
        "{said}"
    );
}
