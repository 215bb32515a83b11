//! Where the session server sends clients: never all of a burst to the same server.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::fake::FakeSimulation;
use common::session::Session;
use webots_cloud::client::get;

async fn fakes(loads: &[f64]) -> (Vec<FakeSimulation>, Session) {
    let mut fakes = Vec::new();
    for load in loads {
        fakes.push(FakeSimulation::with_load(*load).await);
    }
    let servers: Vec<String> = fakes.iter().map(FakeSimulation::address).collect();
    let session = Session::of(&servers).await;
    (fakes, session)
}

/// Asks `count` times at the same time: how often each of the servers is the answer.
async fn burst(session: &Session, fakes: &[FakeSimulation], count: usize) -> Vec<usize> {
    let url = session.server.http("/session");
    let start = Instant::now();
    let asks: Vec<_> = (0..count)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { common::body(&get(&url).await.unwrap()) })
        })
        .collect();
    let mut answers = BTreeMap::new();
    for ask in asks {
        *answers.entry(ask.await.unwrap()).or_default() += 1;
    }
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    let address = |fake: &FakeSimulation| format!("ws://{}", fake.address());
    fakes
        .iter()
        .map(|fake| answers.get(&address(fake)).copied().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn thirty_requests_in_a_second_over_three_idle_servers_are_ten_each() {
    let (fakes, session) = fakes(&[0.0, 0.0, 0.0]).await;
    assert_eq!(burst(&session, &fakes, 30).await, [10, 10, 10]);
}

#[tokio::test]
async fn one_request_goes_to_the_least_loaded_and_of_equals_to_the_first() {
    let (loaded, session) = fakes(&[30.0, 20.0, 20.0]).await;
    assert_eq!(burst(&session, &loaded, 1).await, [0, 1, 0]);
}

#[tokio::test]
async fn a_burst_fills_the_less_loaded_server_up_first() {
    // A session is expected to cost 5 where a server does not tell its slots.
    let (loaded, session) = fakes(&[0.0, 50.0]).await;
    assert_eq!(burst(&session, &loaded, 20).await, [15, 5]);
}

#[tokio::test]
async fn servers_without_room_get_nobody() {
    let (loaded, session) = fakes(&[95.0, 94.0, 100.0]).await;
    assert_eq!(burst(&session, &loaded, 30).await, [0, 30, 0]);
}
