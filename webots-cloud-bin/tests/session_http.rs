//! The session server over HTTP: contract, section 3.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::fake::{FakeSimulation, Load, dead_port};
use common::session::{ROUNDS, Session};
use common::{Server, assert_complete, body, header, names_other_hosts, until_answered, until_so};
use http::Method;
use serde_json::json;

const NO_ROOM: &str = "Error: no simulation server available at the moment.";
const READ_ONLY: [&str; 9] = [
    "/",
    "/load",
    "/monitor",
    "/monitor.css",
    "/monitor.js",
    "/monitor.json",
    "/metrics",
    "/healthz",
    "/readyz",
];

async fn one_idle_server() -> (FakeSimulation, Session) {
    let fake = FakeSimulation::with_load(12.5).await;
    let session = Session::of(&[fake.address()]).await;
    (fake, session)
}

async fn becomes(server: &Server, path: &str, wanted: &str) {
    until_answered(wanted, ROUNDS, || async {
        server.text(path).await == wanted
    })
    .await;
}

#[tokio::test]
async fn availability_is_one_or_zero_as_text() {
    let (fake, session) = one_idle_server().await;
    let reply = session.server.get("/").await;
    assert_eq!((reply.status().as_u16(), body(&reply)), (200, "1".into()));
    assert!(
        header(&reply, "content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    fake.set(95.0);
    becomes(&session.server, "/", "0").await;
}

#[tokio::test]
async fn a_session_is_the_address_of_a_server_without_newline_or_slash() {
    let (fake, session) = one_idle_server().await;
    for method in [Method::GET, Method::POST] {
        for path in [
            "/session",
            "/session?url=https://github.com/a/b/blob/c/worlds/d.wbt",
        ] {
            let reply = session.server.ask(method.clone(), path).await;
            assert_eq!(reply.status(), 200);
            assert_eq!(body(&reply), format!("ws://{}", fake.address()));
            assert_cors(&reply);
        }
    }
}

#[tokio::test]
async fn without_room_the_error_is_a_text_with_status_200() {
    let session = Session::of(&[format!("127.0.0.1:{}", dead_port().await)]).await;
    let reply = session.server.get("/session").await;
    assert_eq!(
        (reply.status().as_u16(), body(&reply)),
        (200, NO_ROOM.into())
    );
    assert_cors(&reply);
    assert_eq!(session.server.text("/").await, "0");
    assert_eq!(session.server.text("/load").await, "-1");
}

fn assert_cors(reply: &webots_cloud::client::Reply) {
    let cors = |name: &str| header(reply, &format!("access-control-allow-{name}"));
    assert_eq!(cors("origin"), Some("*"));
    assert_eq!(cors("headers"), Some("x-requested-with"));
    assert_eq!(cors("methods"), Some("POST, GET, OPTIONS"));
}

#[tokio::test]
async fn a_preflight_of_session_is_answered_with_204_and_the_same_headers() {
    let (_fake, session) = one_idle_server().await;
    let reply = session.server.ask(Method::OPTIONS, "/session").await;
    assert_eq!(
        (reply.status().as_u16(), body(&reply)),
        (204, String::new())
    );
    assert_cors(&reply);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let (_fake, session) = one_idle_server().await;
    for path in READ_ONLY.into_iter().chain(["/session", "/nowhere"]) {
        let get = session.server.get(path).await;
        let head = session.server.ask(Method::HEAD, path).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert!(head.body().is_empty(), "{path}");
        assert_eq!(names(&head), names(&get), "{path}");
    }
}

fn names(reply: &webots_cloud::client::Reply) -> Vec<String> {
    let mut names: Vec<String> = reply.headers().keys().map(ToString::to_string).collect();
    names.sort();
    names
}

#[tokio::test]
async fn other_methods_are_answered_with_405_and_what_is_allowed() {
    let (_fake, session) = one_idle_server().await;
    for path in READ_ONLY {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let reply = session.server.ask(method.clone(), path).await;
            assert_eq!(reply.status(), 405, "{method} {path}");
            assert_eq!(
                header(&reply, "allow"),
                Some("GET, HEAD"),
                "{method} {path}"
            );
        }
    }
    let reply = session.server.ask(Method::DELETE, "/session").await;
    assert_eq!(reply.status(), 405);
    assert_eq!(header(&reply, "allow"), Some("GET, HEAD, POST, OPTIONS"));
}

#[tokio::test]
async fn anything_else_is_not_found() {
    let (_fake, session) = one_idle_server().await;
    for path in [
        "/session/",
        "/x",
        "/../etc/passwd",
        "/client",
        "//",
        "/%2e%2e/x",
    ] {
        assert_eq!(session.server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn load_is_the_mean_of_those_that_answer() {
    let fakes = [
        FakeSimulation::with_load(10.0).await,
        FakeSimulation::with_load(15.0).await,
        FakeSimulation::start(Load::Closes).await,
    ];
    let servers: Vec<String> = fakes.iter().map(FakeSimulation::address).collect();
    let session = Session::of(&servers).await;
    assert_eq!(session.server.text("/load").await, "12.5");
    fakes[1].becomes(Load::Hangs);
    becomes(&session.server, "/load", "10").await;
    fakes[0].becomes(Load::Closes);
    becomes(&session.server, "/load", "-1").await;
}

#[tokio::test]
async fn an_answer_that_is_no_load_is_a_failure() {
    let bodies = [
        "NaN",
        "inf",
        "-inf",
        "-1",
        "",
        "low",
        "1e999",
        "<html>1</html>",
        "1 2",
    ];
    for lie in bodies {
        let fake = FakeSimulation::start(Load::Is(lie.into())).await;
        let session = Session::of(&[fake.address()]).await;
        assert_eq!(session.server.text("/load").await, "-1", "{lie:?}");
        assert_eq!(session.server.text("/session").await, NO_ROOM, "{lie:?}");
    }
    let fake = FakeSimulation::start(Load::Is(" 12.5\r\n".into())).await;
    let session = Session::of(&[fake.address()]).await;
    assert_eq!(session.server.text("/load").await, "12.5");
}

#[tokio::test]
async fn whatever_the_simulation_servers_do_answers_come_at_full_speed() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n1".to_vec(), vec![b'1'; 4 << 20]].concat();
    let broken = [
        Load::Hangs,
        Load::Drips,
        Load::Closes,
        Load::Bytes(b"220 smtp ready\r\n".to_vec()),
        Load::Bytes(endless),
        Load::Bytes(b"HTTP/1.1 500 Oops\r\nContent-Length: 1\r\n\r\n1".to_vec()),
    ];
    for load in broken {
        let what = format!("{load:.40?}");
        let fake = FakeSimulation::start(load).await;
        let session = Session::of(&[fake.address()]).await;
        let start = Instant::now();
        for _ in 0..200 {
            assert_eq!(session.server.text("/session").await, NO_ROOM, "{what}");
            assert_eq!(session.server.text("/").await, "0", "{what}");
        }
        let each = start.elapsed() / 400;
        assert!(each < Duration::from_millis(10), "{each:?} each: {what}");
    }
}

#[tokio::test]
async fn the_monitor_page_is_complete_without_any_other_host() {
    let (fake, session) = one_idle_server().await;
    let reply = session.server.get("/monitor").await;
    assert!(
        header(&reply, "content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let page = body(&reply);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("12.5%"),
        "{page}"
    );
    // The only addresses are those of the simulation servers' own pages.
    let own = format!("http://{}/monitor", fake.address());
    assert!(page.contains(&own));
    assert!(!names_other_hosts(&page.replace(&own, "")), "{page}");
    assert_complete(&session.server, &reply).await;
    let update = session.server.text("/monitor.json").await;
    let update: serde_json::Value = serde_json::from_str(&update).unwrap();
    assert!(update["main"].as_str().unwrap().contains(&own));
}

#[tokio::test]
async fn metrics_are_what_prometheus_reads() {
    let (_fake, session) = one_idle_server().await;
    session.server.text("/session").await;
    let metrics = session.server.text("/metrics").await;
    common::assert_prometheus(&metrics);
    assert!(
        metrics.contains("webots_cloud_sessions_placed_total 1\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_server_whose_port_is_open_is_healthy_and_ready() {
    let (_fake, session) = one_idle_server().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(session.server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_port_opens_when_the_first_round_of_samples_has_ended() {
    let fakes = [
        FakeSimulation::with_load(7.0).await,
        FakeSimulation::start(Load::Hangs).await,
    ];
    let folder = common::folder();
    let servers = fakes.each_ref().map(FakeSimulation::address);
    let file = common::session::config(&folder, &servers, json!({"loadTimeout": 0.8}));
    let port = dead_port().await;
    let arguments = [file.to_str().unwrap(), "--port", &port.to_string()];
    let server = Server::spawn(common::SESSION_SERVER, &arguments);
    until_so("the first sample", ROUNDS, || fakes[1].asked() > 0).await;
    let start = Instant::now();
    let connect = || TcpStream::connect(("localhost", port)).is_ok();
    assert!(!connect(), "not yet");
    until_so("the open port", ROUNDS, connect).await;
    assert!(
        start.elapsed() > Duration::from_millis(500),
        "{:?}",
        start.elapsed()
    );
    let url = format!("http://localhost:{port}/load");
    assert_eq!(body(&webots_cloud::client::get(&url).await.unwrap()), "7");
    until_so("the ready line", ROUNDS, || !server.stdout().is_empty()).await;
}

#[tokio::test]
async fn what_is_no_http_harms_nobody() {
    let (_fake, session) = one_idle_server().await;
    common::answers::survives_garbage(session.server.port).await;
    assert_eq!(session.server.text("/").await, "1");
}
