//! `webots-cloud rehearse` with real servers and the stand-in: what it reports, and that it ends.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::process::Output;
use std::time::Duration;

use common::fake::FakeSimulation;
use common::session::{Session, busy_or_not};
use common::simulation::Simulation;
use common::{SOON, Server, WEBOTS_CLOUD, metric, run, text, until_answered, until_so};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A simulation server with so many slots, and a session server that knows it.
async fn servers(slots: u16) -> (Simulation, Session) {
    let simulation = Simulation::with(json!({ "maxConnections": slots })).await;
    let address = format!("localhost:{}", simulation.server.port);
    let session = Session::with(&[address], busy_or_not(json!({}))).await;
    (simulation, session)
}

async fn rehearse(session: &Session, more: &[&str]) -> Output {
    let url = session.server.http("");
    let arguments = [&["rehearse", url.as_str()], more].concat();
    run(WEBOTS_CLOUD, &arguments).await
}

fn out(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[tokio::test]
async fn a_lesson_is_played_timed_and_reported_as_text_json_and_a_page() {
    let (simulation, session) = servers(4).await;
    let (json, html) = (
        session.folder.path().join("r.json"),
        session.folder.path().join("r.html"),
    );
    let pid = format!("session={}", session.server.pid());
    let output = rehearse(
        &session,
        &[
            "--sessions",
            "3",
            "--rate",
            "20",
            "--hold",
            "0.3",
            "--clients",
            "5",
            "--pid",
            &pid,
            "--json",
            json.to_str().unwrap(),
            "--html",
            html.to_str().unwrap(),
        ],
    )
    .await;
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    for part in [
        "3 sessions arrived at 20 a second, 3 ran, 0 failed",
        "5 clients waited",
        "session: ",
    ] {
        assert!(out(&output).contains(part), "{}", out(&output));
    }
    let report: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    for played in report["sessions"].as_array().unwrap() {
        let stages = [
            "placed",
            "connected",
            "started",
            "loaded",
            "running",
            "left",
        ];
        let times = stages.map(|stage| played[stage].as_f64().expect(stage));
        assert!(times.is_sorted() && times[5] - times[4] >= 0.3, "{played}");
        assert!(played["ending"].as_f64().unwrap() < 6.0, "{played}");
        assert!(played["updates"].as_u64().unwrap() >= 1, "{played}");
    }
    assert_eq!(report["availability"]["connected"], 5);
    assert!(
        report["processes"]["session"][0]["memory"]
            .as_u64()
            .unwrap()
            > 100_000
    );
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("<svg") && page.contains("3 ran"), "{page}");
    // The name of the namespace is no address.
    let page = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!common::names_other_hosts(&page), "{page}");
    simulation.nothing_left().await;
}

#[tokio::test]
async fn the_start_dialect_is_played_too_and_metrics_are_asked() {
    let (simulation, session) = servers(4).await;
    let url = simulation.url_of("maze");
    let few = [
        "--sessions",
        "1",
        "--hold",
        "0.1",
        "--dialect",
        "start",
        "--url",
        &url,
    ];
    let output = rehearse(&session, &few).await;
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    // Without a pid it is the session server that says what it uses.
    let used = format!("localhost:{}: ", session.server.port);
    let line = text(&output.stdout);
    let line = line.lines().find(|line| line.contains("of processor time"));
    assert!(
        line.is_some_and(|line| line.starts_with(&used)),
        "{}",
        out(&output)
    );
    simulation.nothing_left().await;
}

#[tokio::test]
async fn when_the_slots_are_taken_the_reason_is_reported() {
    let (simulation, session) = servers(1).await;
    let crowd = ["--sessions", "3", "--rate", "2", "--hold", "3"];
    let output = rehearse(&session, &crowd).await;
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    for part in [
        "1 ran, 2 failed",
        "2 sessions: the simulation server says: ",
    ] {
        assert!(out(&output).contains(part), "{part}: {}", out(&output));
    }
    simulation.nothing_left().await;
}

#[tokio::test]
async fn news_are_timed_from_the_first_client_to_the_last() {
    let fake = FakeSimulation::with_load(1.0).await;
    let session = Session::of(&[fake.address()]).await;
    let url = session.server.http("");
    // A second session comes after six seconds: until then there is time for the news.
    let waiting = [
        "rehearse",
        &url,
        "--clients",
        "4",
        "--sessions",
        "2",
        "--rate",
        "0.16",
    ];
    let mut rehearsal = Server::spawn(WEBOTS_CLOUD, &waiting);
    until_answered("four clients", SOON, || async {
        let metrics = session.server.text("/metrics").await;
        metric(&metrics, "webots_cloud_availability_clients") >= 4.0
    })
    .await;
    fake.set(99.0);
    assert_eq!(rehearsal.end(Duration::from_secs(60)).await.code(), Some(1));
    let said = rehearsal.stdout().join("\n");
    for part in [
        "no room at ",
        "4 clients were told",
        "1 sessions: no room: ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn a_session_server_without_room_is_said_at_once() {
    let fake = FakeSimulation::with_load(99.0).await;
    let session = Session::of(&[fake.address()]).await;
    let output = rehearse(&session, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("says that there is no room"),
        "{}",
        out(&output)
    );
}

#[tokio::test]
async fn nobody_is_connected_to_but_the_hosts_that_were_given() {
    let simulation = Simulation::with(json!({ "server": "127.0.0.1" })).await;
    let address = format!("127.0.0.1:{}", simulation.server.port);
    let session = Session::with(&[address], busy_or_not(json!({}))).await;
    let output = rehearse(&session, &["--sessions", "1"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("not among those given (--allow)"),
        "{}",
        out(&output)
    );
    let allowed = ["--sessions", "1", "--hold", "0", "--allow", "127.0.0.1"];
    let output = rehearse(&session, &allowed).await;
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    simulation.nothing_left().await;
}

#[tokio::test]
async fn an_interrupt_ends_the_sessions_and_is_reported() {
    let (simulation, session) = servers(4).await;
    let url = session.server.http("");
    let long = [
        "rehearse",
        &url,
        "--sessions",
        "500",
        "--rate",
        "0.5",
        "--hold",
        "600",
    ];
    let mut rehearsal = Server::spawn(WEBOTS_CLOUD, &long);
    until_so("an instance", Duration::from_secs(60), || {
        !simulation.workspaces().is_empty()
    })
    .await;
    rehearsal.signal(Signal::INT);
    rehearsal.end(Duration::from_secs(60)).await;
    let said = rehearsal.stdout().join("\n");
    assert!(
        said.contains("interrupted"),
        "{said} {:?}",
        rehearsal.stderr()
    );
    simulation.nothing_left().await;
}

#[tokio::test]
async fn what_cannot_be_rehearsed_is_refused() {
    for (arguments, says) in [
        (vec!["rehearse", "https://localhost:1"], "TLS is not spoken"),
        (vec!["rehearse", "localhost:1"], "is not http://HOST:PORT"),
        (
            vec!["rehearse", "http://localhost:1", "--clients", "20001"],
            "20000",
        ),
        (
            vec!["rehearse", "http://localhost:1", "--rate", "0"],
            "a rate is",
        ),
        (
            vec!["rehearse", "http://localhost:1", "--hold", "NaN"],
            "seconds are",
        ),
        (
            vec!["rehearse", "http://localhost:1", "--dialect", "start"],
            "--url",
        ),
        (
            vec!["rehearse", "http://localhost:1", "--pid", "7"],
            "NAME=PID",
        ),
    ] {
        let output = run(WEBOTS_CLOUD, &arguments).await;
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            out(&output)
        );
        assert!(
            out(&output).contains(says),
            "{arguments:?}: {}",
            out(&output)
        );
    }
    let output = run(WEBOTS_CLOUD, &["rehearse", "http://localhost:1"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("does not say whether there is room"),
        "{}",
        out(&output)
    );
}
