//! The simulation server over HTTP: contract, section 4.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::simulation::Simulation;
use common::{assert_complete, body, header, names_other_hosts, until_answered};
use http::Method;
use serde_json::{Value, json};
use webots_cloud::client::{ClientError, ClientSocket};

/// A machine that is busy with something else has no room either, for a while.
const BUSY: Duration = Duration::from_secs(60);
const READ_ONLY: [&str; 9] = [
    "/load",
    "/status",
    "/monitor",
    "/monitor.css",
    "/monitor.js",
    "/monitor.json",
    "/metrics",
    "/healthz",
    "/readyz",
];

#[tokio::test]
async fn load_is_a_number_from_0_to_100() {
    let simulation = Simulation::start().await;
    let reply = simulation.server.get("/load").await;
    assert_eq!(reply.status(), 200);
    let load: f64 = body(&reply).parse().unwrap();
    assert!((0.0..=100.0).contains(&load), "{load}");
}

#[tokio::test]
async fn status_is_the_load_and_what_is_admitted() {
    let allowed = json!(["https://github.com/school"]);
    let config = json!({"allowedRepositories": allowed, "shareIdleTime": 40});
    let simulation = Simulation::with(config).await;
    let reply = simulation.server.get("/status").await;
    assert_eq!(reply.status(), 200);
    let status: Value = serde_json::from_str(&body(&reply)).unwrap();
    let load = status["load"].as_f64().unwrap();
    assert!((0.0..=100.0).contains(&load), "{load}");
    assert_eq!(status["allowedRepositories"], allowed);
    assert_eq!(status["shareIdleTime"], 40.0);
}

#[tokio::test]
async fn load_is_100_while_no_slot_is_free_and_less_again_afterwards() {
    let simulation = Simulation::with(json!({"maxConnections": 1})).await;
    let client = simulation.running().await;
    assert_eq!(simulation.server.text("/load").await, "100");
    client.socket.close().await.unwrap();
    until_answered("room", BUSY, || async { simulation.load().await < 100.0 }).await;
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let simulation = Simulation::start().await;
    let names = |reply: &webots_cloud::client::Reply| {
        let mut names: Vec<String> = reply.headers().keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    for path in READ_ONLY.into_iter().chain(["/client", "/nowhere"]) {
        let get = simulation.server.get(path).await;
        let head = simulation.server.ask(Method::HEAD, path).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert!(head.body().is_empty(), "{path}");
        assert_eq!(names(&head), names(&get), "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_answered_with_405_and_what_is_allowed() {
    let simulation = Simulation::start().await;
    for path in READ_ONLY.into_iter().chain(["/client"]) {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let reply = simulation.server.ask(method.clone(), path).await;
            assert_eq!(reply.status(), 405, "{method} {path}");
            assert_eq!(
                header(&reply, "allow"),
                Some("GET, HEAD"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn anything_else_is_not_found() {
    let simulation = Simulation::start().await;
    for path in [
        "/",
        "/session",
        "/client/",
        "/load/",
        "/../../etc/passwd",
        "/%2e%2e",
    ] {
        assert_eq!(simulation.server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn client_without_a_websocket_is_told_to_open_one() {
    let simulation = Simulation::start().await;
    let reply = simulation.server.get("/client").await;
    assert_eq!(reply.status(), 426);
    assert_eq!(header(&reply, "upgrade"), Some("websocket"));
    for path in ["/", "/load", "/session"] {
        let socket = ClientSocket::open(&simulation.server.ws(path)).await;
        assert!(matches!(socket, Err(ClientError::WebSocket(_))), "{path}");
    }
}

#[tokio::test]
async fn the_monitor_page_is_complete_without_any_other_host() {
    let simulation = Simulation::start().await;
    let reply = simulation.server.get("/monitor").await;
    assert!(
        header(&reply, "content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let page = body(&reply);
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(!names_other_hosts(&page), "{page}");
    for part in [
        "Webots simulation server",
        "CPU",
        "Memory",
        "Network",
        "ten minutes",
        "sandbox: none",
        "<svg",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_complete(&simulation.server, &reply).await;
}

#[tokio::test]
async fn an_open_page_gets_the_rows_that_it_does_not_have() {
    let simulation = Simulation::start().await;
    until_answered("two rows", BUSY, || async { simulation.rows().await >= 2 }).await;
    let update = async |query: &str| {
        let path = format!("/monitor.json{query}");
        let text = simulation.server.text(&path).await;
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let times = |update: &Value| -> Vec<u64> {
        let rows = update["rows"].as_array().expect("rows");
        rows.iter().map(|row| row[0].as_u64().unwrap()).collect()
    };
    let all = update("?after=").await;
    assert!(all["main"].as_str().unwrap().starts_with("<header>"));
    assert_eq!(all["rows"][0][2].as_array().unwrap().len(), 11);
    let (first, last) = (times(&all)[0], all["uptime"].as_u64().unwrap());
    assert!(times(&all).iter().all(|time| *time <= last));
    let rest = update(&format!("?after={first}")).await;
    assert_eq!(times(&rest)[0], times(&all)[1]);
    for all_again in ["", "?after=x", "?after=-1", "?before=1"] {
        assert_eq!(times(&update(all_again).await)[0], first, "{all_again}");
    }
    let none = update("?after=18446744073709551615").await;
    assert_eq!(times(&none), Vec::<u64>::new());
}

#[tokio::test]
async fn title_and_description_are_text_in_the_monitor_page() {
    let simulation = Simulation::with(json!({
        "title": "<script>alert('t')</script>",
        "description": "a & b </p><img src=x onerror=\"alert(1)\">",
    }))
    .await;
    let page = simulation.server.text("/monitor").await;
    assert!(page.contains("&lt;script&gt;alert(&#39;t&#39;)&lt;/script&gt;"));
    assert!(page.contains("a &amp; b &lt;/p&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"));
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
}

#[tokio::test]
async fn the_monitor_page_and_the_metrics_show_the_running_simulation() {
    let simulation = Simulation::start().await;
    let _client = simulation.running().await;
    let page = simulation.server.text("/monitor").await;
    assert!(
        page.contains("<td>simple</td><td>simple.wbt</td>"),
        "{page}"
    );
    until_answered("what it uses", BUSY, || async {
        let page = simulation.server.text("/monitor").await;
        page.contains(" MiB</td>")
    })
    .await;
    let metrics = simulation.server.text("/metrics").await;
    common::assert_prometheus(&metrics);
    assert_eq!(common::metric(&metrics, "webots_cloud_slots"), 4.0);
    assert_eq!(common::metric(&metrics, "webots_cloud_slots_free"), 3.0);
}

#[tokio::test]
async fn a_server_whose_port_is_open_is_healthy_and_ready_also_when_it_is_full() {
    let simulation = Simulation::with(json!({"maxConnections": 1})).await;
    let _client = simulation.running().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(simulation.server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_http_harms_nobody() {
    let simulation = Simulation::start().await;
    common::answers::survives_garbage(simulation.server.port).await;
    simulation.running().await;
}
