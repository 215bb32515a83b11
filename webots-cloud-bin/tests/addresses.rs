//! The addresses that clients are given: they follow `ssl`, `portRewrite`, `server`,
//! `fullyQualifiedDomainName` and, where no host is configured, the Host header (W2.11).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::client::READY;
use common::fake::FakeSimulation;
use common::session::Session;
use common::simulation::Simulation;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The first frame that counts, for a client that came by this host.
async fn answer(simulation: &Simulation, host: &str, frame: &Value) -> String {
    let url = simulation.server.ws("/client");
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("host", host.parse().unwrap());
    let stream = TcpStream::connect(("localhost", simulation.server.port)).await;
    let opened = tokio_tungstenite::client_async(request, stream.unwrap()).await;
    let (mut socket, _) = opened.unwrap();
    let frame = Message::text(frame.to_string());
    socket.send(frame).await.unwrap();
    let answer = async {
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap()
                && !text.starts_with("loading:")
                && !text.starts_with("shutdownTimeout:")
            {
                return text.to_string();
            }
        }
    };
    let answer = tokio::time::timeout(READY, answer).await.unwrap();
    // It may be closed already.
    let _ = socket.close(None).await;
    simulation.nothing_left().await;
    answer
}

/// The address that a client is given which came by this host; `N` is the instance's port.
async fn given(simulation: &Simulation, host: &str, frame: &Value) -> String {
    let answer = answer(simulation, host, frame).await;
    let address = answer.strip_prefix("webots:");
    let address = address.unwrap_or_else(|| panic!("{host}: {answer}"));
    address.replace(&(simulation.server.port + 1).to_string(), "N")
}

#[tokio::test]
async fn instances() {
    let rows = [
        (json!({}), "sim.example.org:2000", "ws://sim.example.org:N"),
        (json!({}), "SIM.example.org", "ws://sim.example.org:N"),
        (json!({}), "[::1]:2000", "ws://[::1]:N"),
        (
            json!({"ssl": true}),
            "sim.example.org",
            "wss://sim.example.org:N",
        ),
        (
            json!({"portRewrite": true}),
            "sim.example.org",
            "ws://sim.example.org/N",
        ),
        (
            json!({"portRewrite": true, "ssl": true}),
            "sim.example.org",
            "wss://sim.example.org/N",
        ),
        (
            json!({"portRewrite": true, "ssl": true}),
            "sim.example.org:8443",
            "wss://sim.example.org:8443/N",
        ),
        (
            json!({"server": "a.example.org"}),
            "sim.example.org:2000",
            "ws://a.example.org:N",
        ),
        (
            json!({"server": "a.example.org", "fullyQualifiedDomainName": "b.example.org", "ssl": true}),
            "sim.example.org:2000",
            "wss://b.example.org:N",
        ),
        (
            json!({"fullyQualifiedDomainName": "b.example.org", "ssl": true, "portRewrite": true}),
            "sim.example.org:8443",
            "wss://b.example.org/N",
        ),
    ];
    for (different, host, address) in rows {
        let what = format!("{different} by {host}");
        let simulation = Simulation::with(different).await;
        let init = json!({"init": [format!("http://{host}"), "simple", "simple.wbt"]});
        assert_eq!(
            given(&simulation, host, &init).await,
            address,
            "init: {what}"
        );
        let start = json!({"start": {"url": simulation.url_of("simple")}});
        assert_eq!(
            given(&simulation, host, &start).await,
            address,
            "start: {what}"
        );
    }
}

#[tokio::test]
async fn a_host_header_that_is_none_is_refused_with_a_reason() {
    let simulation = Simulation::start().await;
    for bad in ["a/b", "user@host", "a b"] {
        let init = json!({"init": ["http://localhost", "simple", "simple.wbt"]});
        let text = answer(&simulation, bad, &init).await;
        assert!(
            text.starts_with("error: ") && text.contains("not the name or address"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn sessions() {
    for (different, scheme) in [
        (json!({}), "ws"),
        (json!({"portRewrite": true, "ssl": false}), "ws"),
    ] {
        let fake = FakeSimulation::with_load(1.0).await;
        let session = Session::with(&[fake.address()], different).await;
        let address = format!("{scheme}://{}", fake.address());
        assert_eq!(
            session.server.text("/session").await,
            address,
            "as in simulationServers"
        );
    }
}
