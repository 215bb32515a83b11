//! What one stranger can do to all others: nothing. Connections are counted, and the slow ones end.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::fake::FakeSimulation;
use common::session::Session;
use common::tls::{get, make_certificate, tls_files};
use common::{SESSION_SERVER, SOON, Server, metric, until_answered};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const HALF_A_REQUEST: &[u8] = b"GET /session HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

async fn session(connections: Value) -> (FakeSimulation, Session) {
    let fake = FakeSimulation::with_load(12.5).await;
    let different = json!({ "connections": connections });
    let session = Session::with(&[fake.address()], different).await;
    (fake, session)
}

async fn half_open(session: &Session) -> TcpStream {
    let mut stream = silent(session).await;
    stream.write_all(HALF_A_REQUEST).await.unwrap();
    stream
}

async fn silent(session: &Session) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", session.server.port)).await;
    stream.unwrap()
}

/// Waits until the server closes it.
async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // A reset is as good as an end.
    let _ = timeout(SOON, stream.read_to_end(&mut rest))
        .await
        .expect("it is closed");
}

async fn figure(session: &Session, name: &str) -> f64 {
    metric(&session.server.text("/metrics").await, name)
}

#[tokio::test]
async fn who_comes_when_all_places_are_taken_is_sent_away_at_once_and_those_inside_stay() {
    let (_fake, session) = session(json!({"total": 20})).await;
    let mut inside = session.availability().await;
    assert_eq!(inside.text("availability", SOON).await.unwrap(), "1");
    let crowd = timeout(SOON, async {
        let mut crowd = Vec::new();
        for _ in 0..19 {
            crowd.push(half_open(&session).await);
        }
        crowd
    });
    let crowd = crowd.await.unwrap();
    let mut refused = silent(&session).await;
    closed(&mut refused).await;
    drop(crowd);
    let counted = "the refused one is counted";
    until_answered(counted, SOON, || async {
        // It may itself be sent away as long as the others are not all gone.
        let Ok(reply) = webots_cloud::client::get(&session.server.http("/metrics")).await else {
            return false;
        };
        let name = "webots_cloud_connections_refused_full_total";
        metric(&common::body(&reply), name) >= 1.0
    })
    .await;
    assert_eq!(session.server.text("/").await, "1");
}

#[tokio::test]
async fn a_thousand_half_open_requests_leave_everybody_else_served_and_end() {
    let (_fake, session) = session(json!({"headerTime": 2})).await;
    let started = Instant::now();
    let mut slow = Vec::new();
    for number in 0..1000 {
        // Some do not even begin.
        slow.push(match number % 2 {
            0 => half_open(&session).await,
            _ => silent(&session).await,
        });
    }
    assert!(figure(&session, "webots_cloud_connections").await >= 1.0);
    for _ in 0..100 {
        assert!(session.server.text("/session").await.starts_with("ws://"));
    }
    // One more byte now and then does not help: the time is that of the whole head.
    for stream in &mut slow {
        let _ = stream.write_all(b"x").await;
    }
    for stream in &mut slow {
        closed(stream).await;
    }
    assert!(started.elapsed() >= Duration::from_secs(2));
    until_answered("all are counted", SOON, || async {
        figure(&session, "webots_cloud_connections_late_total").await >= 1000.0
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_ends_and_an_open_websocket_does_not() {
    let (fake, session) = session(json!({"headerTime": 0.5})).await;
    let mut inside = session.availability().await;
    assert_eq!(inside.text("availability", SOON).await.unwrap(), "1");
    let mut stream = silent(&session).await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    closed(&mut stream).await;
    fake.set(100.0);
    assert_eq!(inside.text("the change", SOON).await.unwrap(), "0");
}

#[tokio::test]
async fn handshakes_that_do_not_end_leave_everybody_else_served_and_end() {
    let folder = common::folder();
    let trusted = make_certificate(folder.path());
    let fake = FakeSimulation::with_load(12.5).await;
    let mut different = tls_files(folder.path());
    different["ssl"] = json!(false);
    different["connections"] = json!({"handshakeTime": 1});
    let file = common::session::config(&folder, &[fake.address()], different);
    let server = Server::start(SESSION_SERVER, &[file.to_str().unwrap()]).await;
    let session = Session { server, folder };
    let port = session.server.port;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut stream = silent(&session).await;
        if number % 2 == 0 {
            // The head of a greeting of 512 bytes that never come.
            stream.write_all(b"\x16\x03\x01\x02\x00").await.unwrap();
        }
        slow.push(stream);
    }
    assert_eq!(get(port, "/", &trusted).await, "1");
    for stream in &mut slow {
        closed(stream).await;
    }
    let mut garbage = silent(&session).await;
    garbage.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    closed(&mut garbage).await;
    let metrics = get(port, "/metrics", &trusted).await;
    let late = metric(&metrics, "webots_cloud_connections_late_total");
    assert!(late >= 300.0, "{late}");
    let failed = metric(&metrics, "webots_cloud_tls_handshakes_failed_total");
    assert!(failed >= 1.0, "{failed}");
}
