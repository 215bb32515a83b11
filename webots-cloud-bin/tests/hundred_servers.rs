//! A hundred simulation servers: some broken ones among them change nothing for clients. Prints the
//! figures of both fleets, measured in one run.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::SOON;
use common::fake::{FakeSimulation, Load};
use common::session::Session;
use serde_json::json;
use webots_cloud::client::ClientError;

const SERVERS: usize = 100;
const REQUESTS: usize = 1500;
const REFRESH: Duration = Duration::from_millis(500);
const LIES: [&str; 5] = ["nan", "-1", "1e999", "garbage", "<html>0</html>"];

async fn fleet(broken: Vec<Load>) -> (Vec<FakeSimulation>, Session) {
    let mut fakes = Vec::new();
    for load in broken {
        fakes.push(FakeSimulation::start(load).await);
    }
    while fakes.len() < SERVERS {
        fakes.push(FakeSimulation::with_load(20.0).await);
    }
    let servers: Vec<String> = fakes.iter().map(FakeSimulation::address).collect();
    let different = json!({"loadRefresh": REFRESH.as_secs_f64()});
    let session = Session::with(&servers, different).await;
    (fakes, session)
}

/// How long one request for a session takes.
async fn ask(session: &Session, bad: &[String]) -> Duration {
    let start = Instant::now();
    let address = session.server.text("/session").await;
    let time = start.elapsed();
    let server = address.strip_prefix("ws://").expect("a place");
    assert!(!bad.iter().any(|it| it == server), "{server} is broken");
    time
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[times.len() * percent / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_silent_five_lying_and_two_flapping_change_nothing_for_clients() {
    let (_healthy_fakes, healthy) = fleet(Vec::new()).await;
    let lies = LIES.map(|lie| Load::Is(lie.to_owned()));
    let flapping = [Load::Closes, Load::Hangs];
    let broken = [&[Load::Hangs], &lies[..], &flapping].concat();
    let (fakes, troubled) = fleet(broken).await;
    let bad: Vec<String> = fakes[..6].iter().map(FakeSimulation::address).collect();
    let mut sockets = [healthy.availability().await, troubled.availability().await];
    for socket in &mut sockets {
        assert_eq!(socket.text("availability", SOON).await.unwrap(), "1");
    }

    let (mut with_all, mut with_troubles) = (Vec::new(), Vec::new());
    let mut up = false;
    let mut flapped = Instant::now();
    // One after the other, so that whatever else the machine does is the same for both.
    for _ in 0..REQUESTS {
        if flapped.elapsed() > REFRESH {
            flapped = Instant::now();
            up = !up;
            for (flapper, down) in fakes[6..8].iter().zip(&flapping) {
                flapper.becomes(if up {
                    Load::Is("1".to_owned())
                } else {
                    down.clone()
                });
            }
        }
        with_all.push(ask(&healthy, &[]).await);
        with_troubles.push(ask(&troubled, &bad).await);
        assert_eq!(troubled.server.text("/").await, "1");
    }
    for socket in &mut sockets {
        let change = socket.text("a change", Duration::from_millis(1)).await;
        assert!(matches!(change, Err(ClientError::TimeOut(_))), "{change:?}");
    }
    let line = |what: &str, times: &mut [Duration]| {
        let (middle, most) = (percentile(times, 50), percentile(times, 99));
        println!("{what}: /session median {middle:?}, p99 {most:?}, availability 1 throughout");
        most
    };
    let healthy = line("100 healthy", &mut with_all);
    let troubled = line(
        "92 healthy, 1 silent, 5 lying, 2 flapping",
        &mut with_troubles,
    );
    // The machine may be busy with other tests; a client that waited for a broken server would wait
    // 0.4 s (loadTimeout).
    assert!(
        troubled < healthy * 3 + Duration::from_millis(50),
        "{troubled:?} and {healthy:?}"
    );
}
