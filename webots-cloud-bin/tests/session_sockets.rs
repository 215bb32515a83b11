//! The session server's WebSockets: contract, section 3.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::SOON;
use common::fake::{FakeSimulation, Load};
use common::session::Session;
use tokio_tungstenite::tungstenite::Message;
use webots_cloud::client::{ClientError, ClientSocket};

/// Long enough for four rounds of samples without a change.
const QUIET: Duration = Duration::from_millis(500);

async fn session_with_load(load: f64) -> (FakeSimulation, Session) {
    let fake = FakeSimulation::with_load(load).await;
    let session = Session::of(&[fake.address()]).await;
    (fake, session)
}

async fn next(socket: &mut ClientSocket) -> String {
    socket.text("availability", SOON).await.unwrap()
}

async fn says_nothing(socket: &mut ClientSocket) {
    let silence = socket.text("nothing", QUIET).await;
    assert!(
        matches!(silence, Err(ClientError::TimeOut(_))),
        "{silence:?}"
    );
}

#[tokio::test]
async fn the_first_frame_comes_at_once_and_says_whether_there_is_room() {
    for (load, said) in [(0.0, "1"), (94.9, "1"), (95.0, "0"), (100.0, "0")] {
        let (_fake, session) = session_with_load(load).await;
        let start = Instant::now();
        let mut socket = session.availability().await;
        assert_eq!(next(&mut socket).await, said, "at load {load}");
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn then_comes_one_frame_for_each_change_and_never_the_same_twice_in_a_row() {
    let (fake, session) = session_with_load(10.0).await;
    let mut early = session.availability().await;
    assert_eq!(next(&mut early).await, "1");
    for load in [20.0, 94.0, 1.0] {
        fake.set(load);
        says_nothing(&mut early).await;
    }
    fake.set(99.0);
    assert_eq!(next(&mut early).await, "0");
    let mut late = session.availability().await;
    assert_eq!(next(&mut late).await, "0");
    fake.becomes(Load::Hangs);
    says_nothing(&mut late).await;
    fake.set(5.0);
    for socket in [&mut early, &mut late] {
        assert_eq!(next(socket).await, "1");
        says_nothing(socket).await;
    }
}

#[tokio::test]
async fn a_hundred_clients_hear_of_the_same_change() {
    let (fake, session) = session_with_load(10.0).await;
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let mut socket = session.availability().await;
        assert_eq!(next(&mut socket).await, "1");
        sockets.push(socket);
    }
    fake.becomes(Load::Closes);
    for socket in &mut sockets {
        assert_eq!(next(socket).await, "0");
    }
}

#[tokio::test]
async fn what_clients_say_is_ignored() {
    let (fake, session) = session_with_load(10.0).await;
    let mut socket = session.availability().await;
    assert_eq!(next(&mut socket).await, "1");
    for text in ["", "1", "{\"init\":[]}", "close", "\u{0}"] {
        socket.send(text).await.unwrap();
    }
    let binary = Message::Binary(vec![255; 100].into());
    socket.send_message(binary).await.unwrap();
    says_nothing(&mut socket).await;
    fake.set(100.0);
    assert_eq!(next(&mut socket).await, "0");
}

#[tokio::test]
async fn a_large_message_of_a_client_is_ignored_as_well() {
    let (fake, session) = session_with_load(10.0).await;
    let mut socket = session.availability().await;
    assert_eq!(next(&mut socket).await, "1");
    socket.send("x".repeat(4000)).await.unwrap();
    fake.set(100.0);
    assert_eq!(next(&mut socket).await, "0");
}

#[tokio::test]
async fn whoever_sends_without_end_is_closed_and_the_others_go_on() {
    let (fake, session) = session_with_load(10.0).await;
    let mut good = session.availability().await;
    assert_eq!(next(&mut good).await, "1");
    let mut bad = session.availability().await;
    assert_eq!(next(&mut bad).await, "1");
    // Larger than an availability client has any reason to send.
    let _ = bad.send("x".repeat(10 << 20)).await;
    let closed = bad.close_code(SOON).await;
    assert!(
        !matches!(closed, Err(ClientError::TimeOut(_))),
        "{closed:?}"
    );
    fake.set(100.0);
    assert_eq!(next(&mut good).await, "0");
}

#[tokio::test]
async fn whoever_says_something_all_the_time_is_closed_as_well() {
    let (fake, session) = session_with_load(10.0).await;
    let mut good = session.availability().await;
    assert_eq!(next(&mut good).await, "1");
    let mut bad = session.availability().await;
    assert_eq!(next(&mut bad).await, "1");
    for _ in 0..500 {
        // It may be closed already.
        let _ = bad.send("x").await;
    }
    let closed = bad.close_code(SOON).await;
    assert!(
        !matches!(closed, Err(ClientError::TimeOut(_))),
        "{closed:?}"
    );
    fake.set(100.0);
    assert_eq!(next(&mut good).await, "0");
}

#[tokio::test]
async fn a_close_of_the_client_is_answered() {
    let (_fake, session) = session_with_load(10.0).await;
    let mut socket = session.availability().await;
    assert_eq!(next(&mut socket).await, "1");
    tokio::time::timeout(SOON, socket.close())
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn session_as_a_websocket_is_one_frame_and_then_a_normal_close() {
    let (fake, session) = session_with_load(10.0).await;
    let url = session.server.ws("/session");
    let mut socket = ClientSocket::open(&url).await.unwrap();
    assert_eq!(next(&mut socket).await, format!("ws://{}", fake.address()));
    let end = socket.text("nothing more", SOON).await;
    assert!(
        matches!(end, Err(ClientError::Closed(Some(1000), _))),
        "{end:?}"
    );

    fake.set(100.0);
    common::until_answered("no room", SOON, || async {
        session.server.text("/").await == "0"
    })
    .await;
    let mut socket = ClientSocket::open(&url).await.unwrap();
    let text = next(&mut socket).await;
    assert_eq!(text, "Error: no simulation server available at the moment.");
    assert_eq!(socket.close_code(SOON).await.unwrap(), Some(1000));
}

#[tokio::test]
async fn other_addresses_serve_no_websocket() {
    let (_fake, session) = session_with_load(10.0).await;
    for path in ["/load", "/monitor", "/client", "/nowhere"] {
        let socket = ClientSocket::open(&session.server.ws(path)).await;
        assert!(matches!(socket, Err(ClientError::WebSocket(_))), "{path}");
    }
}
