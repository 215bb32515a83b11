//! `/client`: starting a simulation, in both dialects of clients and of Webots (contract, 5).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::os::unix::fs::PermissionsExt;

use common::simulation::{Client, READY, Simulation};
use serde_json::json;
use webots_cloud::client::ClientSocket;

/// The scene of a running simulation, as far as the end of its world.
async fn watch(webots: &str) -> ClientSocket {
    let mut scene = ClientSocket::open(&format!("{webots}/")).await.unwrap();
    scene.send("x3d").await.unwrap();
    let loaded = |frame: &str| frame == "scene load completed";
    scene.expect("the world", READY, loaded).await.unwrap();
    scene
}

async fn assert_quits(simulation: &Simulation, client: Client) {
    let names = simulation.workspaces();
    assert_eq!(names.len(), 1);
    client.socket.close().await.unwrap();
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn clients_of_2019_hear_nothing_but_the_address() {
    let simulation = Simulation::start().await;
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let frames = client.frames_to_webots().await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    let port = simulation.server.port + 1;
    assert_eq!(frames[0], format!("webots:ws://localhost:{port}"));
    watch(&frames[0]["webots:".len()..])
        .await
        .close()
        .await
        .unwrap();
    assert_quits(&simulation, client).await;
}

#[tokio::test]
async fn clients_of_the_start_dialect_hear_of_each_stage_and_of_the_time_limit() {
    let simulation = Simulation::with(json!({"timeout": 1234.9})).await;
    let mut client = simulation.connect().await;
    client.start(&simulation.url_of("maze")).await;
    let frames = client.frames_to_webots().await;
    let (stages, others): (Vec<_>, Vec<_>) =
        frames.iter().partition(|it| it.starts_with("loading: "));
    let order = ["fetching", "starting", "loading the world"];
    let mut left = stages.iter();
    for stage in order {
        assert!(left.any(|it| it.contains(stage)), "{stage} in {stages:?}");
    }
    assert_eq!(others.len(), 2, "{frames:?}");
    assert_eq!(others[0], "shutdownTimeout: 1234");
    assert!(others[1].starts_with("webots:ws://localhost:"));
    watch(&others[1]["webots:".len()..])
        .await
        .close()
        .await
        .unwrap();
    assert_quits(&simulation, client).await;
}

#[tokio::test]
async fn the_modern_dialect_of_webots_works_as_the_legacy_one() {
    let simulation = Simulation::with(json!({"webotsVersion": "R2025a"})).await;
    let (mut old, mut new) = (simulation.connect().await, simulation.connect().await);
    old.init("simple").await;
    new.start(&simulation.url_of("maze")).await;
    for client in [&mut old, &mut new] {
        let webots = client.webots().await;
        watch(&webots).await.close().await.unwrap();
    }
    // Heartbeats go on, and the address never comes again.
    for client in [&mut old, &mut new] {
        for _ in 0..2 {
            assert_eq!(client.frame().await, ".");
        }
    }
}

#[tokio::test]
async fn heartbeats_come_while_a_simulation_of_the_legacy_dialect_runs() {
    let simulation = Simulation::start().await;
    let mut client = simulation.connect().await;
    client.init("simple").await;
    let webots = client.webots().await;
    let mut scene = watch(&webots).await;
    scene.send("real-time:-1").await.unwrap();
    assert_eq!(client.frame().await, ".");
}

#[tokio::test]
async fn init_has_three_to_nine_items_of_text_or_numbers() {
    let simulation = Simulation::start().await;
    let all = json!([
        "http://localhost",
        "simple",
        "simple.wbt",
        0,
        "",
        "",
        0,
        "",
        "data"
    ]);
    let items = all.as_array().unwrap();
    for count in 3..=9 {
        let mut client = simulation.connect().await;
        client
            .send(json!({"init": items[..count]}).to_string())
            .await;
        client.webots().await;
        client.socket.close().await.unwrap();
    }
    // Exactly the text of the client of 2018, with its spaces.
    let mut client = simulation.connect().await;
    let text = r#"{ "init" : [ "https://robotbenchmark.net", "simple", "simple.wbt", "", "", "", "", "", "" ] }"#;
    client.send(text).await;
    client.webots().await;
}

#[tokio::test]
async fn the_workspace_is_a_private_copy_of_the_project() {
    let simulation = Simulation::start().await;
    let _client = simulation.running().await;
    let workspace = simulation.workspace();
    let mode = std::fs::metadata(&workspace).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
    let copied = std::fs::read(workspace.join("worlds/simple.wbt")).unwrap();
    let original = std::fs::read(simulation.projects().join("simple/worlds/simple.wbt")).unwrap();
    assert_eq!(copied, original);
    let host = std::fs::read_to_string(workspace.join("host.txt")).unwrap();
    assert_eq!(host, "http://localhost");
}

#[tokio::test]
async fn each_simulation_has_its_own_port_and_workspace() {
    let simulation = Simulation::start().await;
    let (mut one, mut two) = (simulation.connect().await, simulation.connect().await);
    one.init("simple").await;
    two.start(&simulation.url_of("simple")).await;
    assert_ne!(one.webots().await, two.webots().await);
    assert_eq!(simulation.workspaces().len(), 2);
}

#[tokio::test]
async fn a_second_start_is_an_error_and_the_first_goes_on() {
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    client.init("maze").await;
    assert!(client.answer().await.starts_with("error: "));
    client.start(&simulation.url_of("maze")).await;
    assert!(client.answer().await.starts_with("error: "));
    assert_eq!(simulation.workspaces().len(), 1);
    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    assert_eq!(client.answer().await, "reset controller: wander/wander.py");
}

#[tokio::test]
async fn reset_controller_restores_the_file_in_the_workspace() {
    let simulation = Simulation::start().await;
    for url in [None, Some(simulation.url_of("simple"))] {
        let mut client = simulation.connect().await;
        match &url {
            None => client.init("simple").await,
            Some(url) => client.start(url).await,
        }
        client.webots().await;
        let names = simulation.workspaces();
        let file = "controllers/wander/wander.py";
        let copy = simulation.workspace().join(file);
        let original = std::fs::read(simulation.projects().join("simple").join(file)).unwrap();
        std::fs::write(&copy, "changed by its user").unwrap();
        client
            .send(r#"{"reset controller":"wander/wander.py"}"#)
            .await;
        assert_eq!(client.answer().await, "reset controller: wander/wander.py");
        assert_eq!(std::fs::read(&copy).unwrap(), original);
        client.socket.close().await.unwrap();
        simulation.all_gone(&names).await;
    }
}

#[tokio::test]
async fn resetting_what_is_not_there_is_an_error_and_the_simulation_goes_on() {
    let simulation = Simulation::start().await;
    let mut client = simulation.connect().await;
    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    assert!(
        client.answer().await.starts_with("error: "),
        "nothing runs yet"
    );
    client.init("simple").await;
    client.webots().await;
    client
        .send(r#"{"reset controller":"wander/none.py"}"#)
        .await;
    assert!(client.answer().await.starts_with("error: "));
    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    assert_eq!(client.answer().await, "reset controller: wander/wander.py");
}
