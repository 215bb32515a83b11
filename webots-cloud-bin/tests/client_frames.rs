//! `/client`: what clients must not say. Each bad frame has its answer and its close code, nothing
//! is written outside the folder of instances, and the next client is served (contract, 5).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::SOON;
use common::refusals::{refuses, texts};
use common::simulation::Simulation;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

#[tokio::test]
async fn what_is_not_json_closes_with_1007() {
    let simulation = Simulation::start().await;
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let frames = [
        String::new(),
        "x".into(),
        "{".into(),
        "init".into(),
        r#"{"init":["http://localhost","simple","simple.wbt","","O"Neil"]}"#.into(),
        r#"{"init":["http://localhost","simple","simple.wbt","","\"]}"#.into(),
        r#"{"start":{"url":"a"}} x"#.into(),
        "{'start':{}}".into(),
        "NaN".into(),
        "{\"init\":\"\0\"}".into(),
        deep("[", "]"),
        deep("{\"init\":", "}"),
        format!("{{\"init\":{}}}", deep("[", "]")),
        "[".repeat(500_000),
    ];
    refuses(&simulation, texts(frames), 1007).await;
}

#[tokio::test]
async fn a_text_frame_that_is_not_utf_8_closes_with_1007() {
    let simulation = Simulation::start().await;
    let frame = |bytes: &[u8]| {
        let frame = Frame::message(bytes.to_vec(), OpCode::Data(Data::Text), true);
        (format!("{bytes:?}"), Message::Frame(frame))
    };
    let cut_off = &"{\"init\":[\"é".as_bytes()[..10];
    let frames = vec![frame(b"\xff\xfe"), frame(cut_off), frame(b"\xed\xa0\x80")];
    refuses(&simulation, frames, 1007).await;
}

#[tokio::test]
async fn a_binary_frame_closes_with_1008() {
    let simulation = Simulation::start().await;
    let valid = r#"{"init":["http://localhost","simple","simple.wbt"]}"#;
    let frames = vec![
        ("empty".to_owned(), Message::Binary(Vec::new().into())),
        ("valid".to_owned(), Message::Binary(valid.into())),
    ];
    refuses(&simulation, frames, 1008).await;
}

#[tokio::test]
async fn what_is_too_large_closes_with_1009() {
    let simulation = Simulation::with(json!({"maxClientMessage": 2048})).await;
    let data = "x".repeat(2048);
    let init =
        json!({"init": ["http://localhost", "simple", "simple.wbt", "", "", "", "", "", data]});
    let frames = [init.to_string(), "x".repeat(2049), "x".repeat(5 << 20)];
    refuses(&simulation, texts(frames), 1009).await;
}

#[tokio::test]
async fn a_message_of_a_megabyte_closes_with_1009_by_default() {
    let simulation = Simulation::start().await;
    let frames = ["x".repeat((1 << 20) + 1)];
    refuses(&simulation, texts(frames), 1009).await;
}

#[tokio::test]
async fn json_of_another_shape_closes_with_1008() {
    let simulation = Simulation::start().await;
    let shapes = [
        json!(null),
        json!(5),
        json!("init"),
        json!([]),
        json!({}),
        json!({"Init": ["http://localhost", "simple", "simple.wbt"]}),
        json!({"stop": true}),
        json!({"init": null}),
        json!({"init": "simple"}),
        json!({"init": {"host": "http://localhost"}}),
        json!({"init": []}),
        json!({"init": ["http://localhost", "simple"]}),
        json!({"init": ["http://localhost", "simple", "simple.wbt", 1, 2, 3, 4, 5, 6, 7]}),
        json!({"init": [["http://localhost"], "simple", "simple.wbt"]}),
        json!({"init": ["http://localhost", true, "simple.wbt"]}),
        json!({"init": ["http://localhost", "simple", {"a": 1}]}),
        json!({"init": ["nonsense", "simple", "simple.wbt"]}),
        json!({"init": ["http://a:80@b.example", "simple", "simple.wbt"]}),
        json!({"init": ["gopher://localhost", "simple", "simple.wbt"]}),
        json!({"init": ["http://localhost/path", "simple", "simple.wbt"]}),
        json!({"init": ["http://localhost", "simple", "simple.wbt", "x".repeat(300)]}),
        json!({"init": ["http://localhost", "simple", "simple.wbt", "1\r\nX: y"]}),
        json!({"start": null}),
        json!({"start": "file:///x"}),
        json!({"start": {}}),
        json!({"start": {"url": 5}}),
        json!({"start": {"url": simulation.url_of("simple"), "mode": "telepathy"}}),
        json!({"start": {"url": simulation.url_of("simple"), "mode": 3}}),
        json!({"reset controller": 5}),
        json!({"reset controller": "wander.py"}),
        json!({"reset controller": "../wander/wander.py"}),
        json!({"reset controller": "wander/../../worlds/simple.wbt"}),
        json!({"reset controller": "/etc/passwd"}),
        json!({"reset controller": "..\\wander/x.py"}),
        json!({"reset controller": "wander/"}),
        json!({"reset controller": "wander/\u{0}"}),
    ];
    refuses(&simulation, texts(shapes.map(|it| it.to_string())), 1008).await;
}

#[tokio::test]
async fn a_bad_frame_ends_the_simulation_that_runs() {
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    client.send("nonsense").await;
    assert_eq!(client.refused(SOON).await.1, 1007);
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn an_error_never_repeats_a_password() {
    let simulation = Simulation::start().await;
    let secret = "correct-horse-battery";
    for frame in [
        format!(r#"{{"init":["http://localhost","simple","simple.wbt","1","a","{secret}]}}"#),
        format!(r#"{{"init":["http://localhost","simple","no.wbt","0","a","{secret}"]}}"#),
        format!(r#"{{"init":["http://localhost","..","no.wbt","1","a","{secret}","2"]}}"#),
    ] {
        let mut client = simulation.connect().await;
        client.send(frame).await;
        let (text, _) = client.refused(SOON).await;
        assert!(!text.contains(secret), "{text}");
    }
    let log = simulation.server.stderr().join("\n");
    assert!(!log.contains(secret), "{log}");
}

#[tokio::test]
async fn more_messages_than_any_browser_sends_close_with_1008() {
    let simulation = Simulation::start().await;
    let mut client = simulation.running().await;
    let names = simulation.workspaces();
    for _ in 0..300 {
        client.send(r#"{"reset controller":"none/none.py"}"#).await;
    }
    assert_eq!(client.refused(SOON).await.1, 1008);
    simulation.all_gone(&names).await;
}

#[tokio::test]
async fn how_many_and_how_large_is_configured_and_counted() {
    let few = json!({"maxClientRate": 3, "maxClientMessage": 1024});
    let simulation = Simulation::with(few).await;
    let mut fast = simulation.connect().await;
    for _ in 0..4 {
        fast.send(r#"{"reset controller":"none/none.py"}"#).await;
    }
    let (text, code) = fast.refused(SOON).await;
    assert_eq!(code, 1008);
    assert!(text.contains('3'), "{text}");
    let mut large = simulation.connect().await;
    large.send("x".repeat(2000)).await;
    assert_eq!(large.refused(SOON).await.1, 1009);
    let metrics = simulation.server.text("/metrics").await;
    for name in ["too_many", "too_large"] {
        let name = format!("webots_cloud_messages_{name}_total");
        assert!(common::metric(&metrics, &name) >= 1.0, "{name}");
    }
}
