//! Clients that do not read what they are sent, or say nothing: little is kept for them, and they are
//! dropped.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use common::fake::FakeSimulation;
use common::session::Session;
use common::simulation::{Client, Simulation};
use common::{SOON, metric, until_answered};
use futures_util::SinkExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// It is dropped when nothing was taken for ten seconds.
const DROPPED: Duration = Duration::from_secs(60);
const DROPPED_CLIENTS: &str = "webots_cloud_connections_stalled_total";
/// More than a client may cost, however much is sent to it.
const MUCH: u64 = 16 << 20;

/// A connection that takes little before somebody reads.
async fn narrow(port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    socket.connect(address).await.unwrap()
}

#[tokio::test]
async fn a_client_of_the_simulation_server() {
    let simulation = Simulation::with(json!({"maxClientRate": 1_000_000})).await;
    let port = simulation.server.port;
    let url = simulation.server.ws("/client");
    let (mut deaf, _) = client_async(url, narrow(port).await).await.unwrap();
    let init = json!({"init": ["http://localhost", "simple", "simple.wbt"]});
    deaf.send(Message::text(init.to_string())).await.unwrap();
    common::until_so("its simulation", SOON, || {
        simulation.workspaces().len() == 1
    })
    .await;
    let names = simulation.workspaces();
    let mut good = simulation.running().await;
    let before = simulation.server.resident();

    // Each is answered by an error that names the file.
    let reset = format!(r#"{{"reset controller":"{}/none.py"}}"#, "x".repeat(200));
    let dropped = || async { metric(&simulation.server.text("/metrics").await, DROPPED_CLIENTS) };
    let flood = async {
        // Until the server closes, or reads no more because it waits for the client to read.
        while deaf.send(Message::text(reset.clone())).await.is_ok() {}
    };
    let watch = until_answered("the drop", DROPPED, || async { dropped().await >= 1.0 });
    tokio::select! {
        () = watch => {}
        () = async { flood.await; std::future::pending().await } => {}
    }
    let grown = simulation.server.resident().saturating_sub(before);
    println!("the server grew by {grown} bytes");
    assert!(grown < MUCH, "{grown}");
    // Its simulation goes with it, and nobody else's.
    common::simulation::gone(&simulation.instances(), &names).await;
    good.send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    assert_eq!(good.answer().await, "reset controller: wander/wander.py");
    Client::connect(&simulation.server).await;
}

#[tokio::test]
async fn a_client_that_asks_for_pages_and_takes_none() {
    let fake = FakeSimulation::with_load(1.0).await;
    let few = json!({"connections": {"sendTime": 1}});
    let session = Session::with(&[fake.address()], few).await;
    let before = session.server.resident();
    let mut deaf = narrow(session.server.port).await;
    let request = "GET /monitor HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let flood = async { while deaf.write_all(request.as_bytes()).await.is_ok() {} };
    // The server closes it, or the flood would never end.
    tokio::time::timeout(DROPPED, flood).await.expect("an end");
    let metrics = session.server.text("/metrics").await;
    assert!(metric(&metrics, DROPPED_CLIENTS) >= 1.0, "{metrics}");
    let grown = session.server.resident().saturating_sub(before);
    println!("the server grew by {grown} bytes");
    assert!(grown < MUCH, "{grown}");
    assert!(session.server.text("/session").await.starts_with("ws://"));
}

#[tokio::test]
async fn a_client_that_says_nothing_not_even_a_pong() {
    let simulation = Simulation::with(json!({"clientSilence": 1})).await;
    let port = simulation.server.port;
    let url = simulation.server.ws("/client");
    let (mut mute, _) = client_async(url, narrow(port).await).await.unwrap();
    let init = json!({"init": ["http://localhost", "simple", "simple.wbt"]});
    mute.send(Message::text(init.to_string())).await.unwrap();
    // It is not read from now on, so no ping is answered; the other is.
    let mut good = simulation.connect().await;
    let answers = async { good.frame().await };
    let dropped = until_answered("the drop", DROPPED, || async {
        let metrics = simulation.server.text("/metrics").await;
        metric(&metrics, "webots_cloud_websockets_silent_total") >= 1.0
    });
    tokio::select! {
        () = dropped => {}
        frame = answers => panic!("{frame}"),
    }
    simulation.nothing_left().await;
    simulation.running().await;
}
