//! One name leads through the logs of all servers: from `/session` through `/client` to the instance and
//! its output.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::time::Instant;

use common::session::{Session, busy_or_not};
use common::simulation::{Client, Simulation, config, folder_with_projects, start_server_with};
use common::{SHUTDOWN, SOON, header, until_so};
use http::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;
use webots_cloud::client::{ClientError, ClientSocket};

const HEADER: &str = "webots-cloud-session";

fn log(folder: &Path, server: &str) -> String {
    std::fs::read_to_string(folder.join(server).join("output.log")).unwrap_or_default()
}

/// The names that the lines of a log have.
fn names(log: &str) -> Vec<&str> {
    let mut names: Vec<_> = log
        .split("session=")
        .skip(1)
        .map(|rest| rest.split([' ', '}', '\n']).next().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Or whoever asks for thousands of places pushes all else out of the log.
#[tokio::test]
async fn at_most_a_hundred_placements_a_second_are_written() {
    const ASKED: usize = 600;
    let simulation = Simulation::start().await;
    let server = format!("localhost:{}", simulation.server.port);
    let mut session = Session::with(&[server], busy_or_not(json!({}))).await;
    let begun = Instant::now();
    for _ in 0..ASKED {
        assert!(header(&session.server.get("/session").await, HEADER).is_some());
    }
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap() + 2;
    session.server.signal(Signal::TERM);
    session.server.end(SHUTDOWN).await;
    let written = names(&log(session.folder.path(), "session")).len();
    assert!(
        (100..=100 * seconds).contains(&written),
        "{written} in {seconds} s"
    );
}

#[tokio::test]
async fn one_name_leads_from_session_through_client_to_the_output_of_the_instance() {
    let mut simulation = Simulation::logging("debug", json!({})).await;
    let server = format!("localhost:{}", simulation.server.port);
    let servers = std::slice::from_ref(&server);
    let session = Session::with(servers, busy_or_not(json!({}))).await;

    let reply = session.server.get("/session").await;
    let exposed = header(&reply, "access-control-expose-headers");
    assert_eq!(exposed, Some(HEADER), "pages of other sites may read it");
    let name = header(&reply, HEADER).unwrap().to_owned();
    assert_eq!(name.len(), 16, "{name}");
    let url = format!("{}/client?session={name}", common::body(&reply));
    let mut client = Client::at(&url).await;
    client.init("simple").await;
    client.webots().await;
    let mut stranger = simulation.running().await;
    stranger
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    stranger.answer().await;
    drop((client, stranger));
    simulation.nothing_left().await;
    simulation.server.signal(Signal::TERM);
    simulation.server.end(SHUTDOWN).await;

    let placed = format!("a session is placed session={name} server=\"{server}\"");
    let at_session = log(session.folder.path(), "session");
    assert!(at_session.contains(&placed), "{at_session}");

    let log = log(simulation.folder.path(), "simulation");
    let all = names(&log);
    assert!(all.len() == 2 && all.contains(&name.as_str()), "{all:?}");
    for name in all {
        let mine = format!("client{{session={name} ");
        for event in [
            "connected",
            "a simulation is asked for instance=",
            "output instance=",
            "the simulation is ready url=\"ws://",
            "disconnected",
            "Webots ended instance=",
            "the simulation is gone instance=",
        ] {
            let is_told = |line: &str| line.contains(&mine) && line.contains(event);
            assert!(log.lines().any(is_told), "{event} of {name} in {log}");
        }
    }
    for line in log.lines().filter(|line| line.contains("instance-")) {
        assert!(line.contains("session="), "whose is this? {line}");
    }
}

#[tokio::test]
async fn the_name_goes_by_the_place_only_and_is_new_each_time() {
    let fake = common::fake::FakeSimulation::with_load(1.0).await;
    let session = Session::of(&[fake.address()]).await;
    let mut seen = Vec::new();
    for method in [Method::GET, Method::POST, Method::HEAD] {
        let reply = session.server.ask(method, "/session").await;
        seen.push(header(&reply, HEADER).unwrap().to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "{seen:?}");
    fake.set(100.0);
    common::until_answered("no room", SOON, || async {
        let reply = session.server.get("/session").await;
        header(&reply, HEADER).is_none()
    })
    .await;
}

#[tokio::test]
async fn what_is_no_name_is_refused_with_400() {
    let simulation = Simulation::start().await;
    let long = "x".repeat(65);
    for bad in ["", "a%0AINFO", "a%20b", "%1b[2J", long.as_str()] {
        let url = simulation.server.ws(&format!("/client?session={bad}"));
        match ClientSocket::open(&url).await {
            Err(ClientError::WebSocket(Error::Http(response))) => {
                assert_eq!(response.status(), 400, "{bad}");
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
    Client::at(&simulation.server.ws("/client?x=1")).await;
}

#[tokio::test]
async fn json_lines_have_it_as_a_field_of_their_span() {
    let folder = folder_with_projects();
    let file = config(folder.path(), json!({}));
    let server = start_server_with(&file, &["--log-format", "json"]).await;
    let url = server.ws("/client?session=Lesson-3_b");
    let mut client = Client::at(&url).await;
    client.send("nonsense").await;
    client.refused(SOON).await;
    let is_told = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["fields"]["message"] == "the client is told" && line["span"]["session"] == "Lesson-3_b"
    };
    until_so("the line", SOON, || {
        log(folder.path(), "simulation").lines().any(is_told)
    })
    .await;
}
