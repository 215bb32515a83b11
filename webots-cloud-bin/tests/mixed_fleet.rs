//! Simulation servers of all eras, and broken ones, under one session server of ours.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::fake::{FakeSimulation, Load};
use common::session::Session;

const NO_ROOM: &str = "Error: no simulation server available at the moment.";

fn python(body: &str) -> Load {
    Load::IsByTornado(body.to_owned())
}

/// What they answer, what the session server says of the load then, and whether it sends clients there.
fn fleet() -> Vec<(Load, &'static str, bool)> {
    let half = |bytes: &str| Load::Bytes(bytes.as_bytes().to_vec());
    let late = |milliseconds| Load::IsLate(Duration::from_millis(milliseconds), "5".to_owned());
    vec![
        (python("0"), "0", true),
        (python("14.5"), "14.5", true),
        (python("11.583333333333334"), "11.583333333333334", true),
        // Slow, but within loadTimeout (0.4 s here).
        (late(150), "5", true),
        (late(60_000), "-1", false),
        (python("1e9"), "1000000000", false),
        (python("garbage"), "-1", false),
        (python("nan"), "-1", false),
        (python("-1"), "-1", false),
        (
            python("<html><title>500: Internal Server Error</title></html>"),
            "-1",
            false,
        ),
        (Load::Hangs, "-1", false),
        (Load::Drips, "-1", false),
        (Load::Closes, "-1", false),
        (half("HTTP/1.1 200"), "-1", false),
        (
            half("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n14"),
            "-1",
            false,
        ),
        (
            half("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n14"),
            "-1",
            false,
        ),
        (
            half("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n0"),
            "-1",
            false,
        ),
    ]
}

#[tokio::test]
async fn each_alone() {
    for (load, says, offered) in fleet() {
        let what = format!("{load:?}");
        let fake = FakeSimulation::start(load).await;
        let session = Session::of(&[fake.address()]).await;
        assert_eq!(session.server.text("/load").await, says, "{what}");
        let availability = if offered { "1" } else { "0" };
        assert_eq!(session.server.text("/").await, availability, "{what}");
        let address = format!("ws://{}", fake.address());
        let place = if offered { address.as_str() } else { NO_ROOM };
        assert_eq!(session.server.text("/session").await, place, "{what}");
    }
}

#[tokio::test]
async fn all_together() {
    let mut fakes = Vec::new();
    let mut good = BTreeSet::new();
    for (load, _, offered) in fleet() {
        let fake = FakeSimulation::start(load).await;
        if offered {
            good.insert(format!("ws://{}", fake.address()));
        }
        fakes.push(fake);
    }
    let servers: Vec<String> = fakes.iter().map(FakeSimulation::address).collect();
    let session = Session::of(&servers).await;
    assert_eq!(session.server.text("/").await, "1");
    let mut chosen = BTreeSet::new();
    for _ in 0..60 {
        chosen.insert(session.server.text("/session").await);
    }
    assert_eq!(chosen, good, "those that work, all of them, and no others");
    let page = session.server.text("/monitor").await;
    assert!(servers.iter().all(|server| page.contains(server)));
}
