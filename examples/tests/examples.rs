//! Every example runs, and does what it says.
#![allow(missing_docs)]

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::ports::{CommandLine, Confinement, Workspace, probe_fn};
use webots_cloud_core::testing::conformance::sandbox;

#[allow(dead_code, unreachable_pub, reason = "its main is for `cargo run`")]
#[path = "../custom_sandbox.rs"]
mod custom_sandbox;
#[allow(dead_code, unreachable_pub, reason = "its main is for `cargo run`")]
#[path = "../embed_session.rs"]
mod embed_session;
#[allow(dead_code, unreachable_pub, reason = "its main is for `cargo run`")]
#[path = "../threads_only.rs"]
mod threads_only;

const COOKIE: &str = embed_session::LOGIN;

/// Asks the application on this port, with or without a cookie; the value is the whole answer.
async fn ask(port: u16, path: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("open");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

/// Opens a WebSocket and takes its first frame; `Err` is the status of a refusal.
async fn first_frame(port: u16, path: &str, cookie: &str) -> Result<String, u16> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("open");
    let url = format!("ws://localhost:{port}{path}");
    let mut request = url.into_client_request().expect("a request");
    let cookie = cookie.parse().expect("a header");
    request.headers_mut().insert("cookie", cookie);
    match client_async(request, stream).await {
        Ok((mut socket, _)) => {
            let frame = tokio::time::timeout(Duration::from_secs(10), socket.next()).await;
            let frame = frame.expect("in time").expect("a frame").expect("whole");
            Ok(frame.into_text().expect("text").to_string())
        }
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_session_server_is_part_of_an_application() {
    let load = Load::from_percent(12.5).expect("a load");
    let probe = probe_fn(move || Ok(LoadSample::of(load)));
    let sessions = embed_session::session_server(vec![("host:2000".to_owned(), probe)]);
    sessions.opened().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let application = embed_session::application(&sessions);
    let serving = tokio::spawn(async move { axum::serve(listener, application).await });

    // The application's own routes.
    assert!(ask(port, "/about", "").await.contains("of my own"));
    assert!(ask(port, "/login", "").await.contains(COOKIE));
    // The session server's, for whoever is logged in and for nobody else.
    for path in ["/load", "/session", "/monitor", "/"] {
        let refused = ask(port, path, "other=1").await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{path}: {refused}");
    }
    let cookies = format!("other=1; {COOKIE}");
    for (path, body) in [("/load", "12.5"), ("/session", "ws://host:2000")] {
        let answer = ask(port, path, &cookies).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with(body),
            "{path}: {answer}"
        );
    }
    assert!(ask(port, "/none", COOKIE).await.starts_with("HTTP/1.1 404"));
    // And its WebSockets.
    assert_eq!(first_frame(port, "/", "").await, Err(401));
    assert_eq!(
        first_frame(port, "/session", COOKIE).await,
        Ok("ws://host:2000".to_owned())
    );
    let available = first_frame(port, "/", COOKIE).await.expect("a frame");
    assert!(!available.is_empty());
    serving.abort();
}

#[tokio::test]
async fn a_simulation_server_has_a_sandbox_of_its_own() {
    let command = custom_sandbox::run().await.expect("a session");
    assert_eq!(command[0], "/usr/bin/prlimit");
    let end = command.iter().position(|word| word == "--").expect("--");
    assert!(
        command[1..end].contains(&"--nofile=256".to_owned()),
        "{command:?}"
    );
    assert!(
        command[end..]
            .iter()
            .any(|word| word.ends_with("simple.wbt")),
        "{command:?}"
    );
}

#[test]
fn the_sandbox_keeps_its_promises() {
    let folder = "/instances/1";
    let confinement = Confinement {
        instance: InstanceId(1),
        command: CommandLine {
            program: "/usr/local/webots/webots".to_owned(),
            arguments: vec!["--batch".to_owned()],
            environment: vec![("HOME".to_owned(), folder.to_owned())],
            directory: folder.to_owned(),
        },
        workspace: Workspace {
            path: folder.into(),
        },
        port: 2001,
        limits: Limits::default(),
    };
    let host: Vec<_> = std::env::vars().collect();
    sandbox::conforms(&custom_sandbox::Prlimit, &confinement, &host);
}

#[test]
fn the_machine_needs_no_runtime() {
    let mut said = Vec::new();
    threads_only::run(|line| said.push(line));
    assert_eq!(
        said,
        [
            "available: true",
            "all servers have answered",
            "the client is sent to idle:2000"
        ]
    );
}
