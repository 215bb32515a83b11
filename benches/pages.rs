//! What it costs to show what goes on.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench pages
//! ```
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use webots_cloud_core::session::{SessionMachine, SessionRules};
use webots_cloud_core::testing::{SimulationWorld, rules};
use webots_cloud_core::web::view::{SessionSite, SimulationSite};
use webots_cloud_core::web::{Answer, session, simulation};

const INSTANCES: u16 = 100;
const SERVERS: u16 = 200;

/// A simulation server with a hundred running simulations and ten minutes behind it.
fn of_simulations(criterion: &mut Criterion) {
    let mut world = SimulationWorld::new(rules(INSTANCES));
    for _ in 0..INSTANCES {
        world.start();
    }
    world.settle();
    world.pass(Duration::from_secs(600));
    let site = SimulationSite::default();
    let mut group = criterion.benchmark_group("100 simulations");
    for path in [
        "/monitor",
        "/monitor.json?after=599000",
        "/monitor.json",
        "/metrics",
    ] {
        let request = Request::get(path).body(()).expect("a request");
        group.bench_function(path, |bencher| {
            bencher.iter(|| match simulation::answer(world.machine(), &request) {
                Answer::Draw(what, view) => black_box(view.draw(what, &site)),
                Answer::Respond(_) | Answer::Place | Answer::Upgrade(_) => {
                    unreachable!("it is drawn")
                }
            });
        });
    }
    group.finish();
}

fn of_servers(criterion: &mut Criterion) {
    let addresses = (0..SERVERS).map(|number| format!("sim{number}.example.org:2000"));
    let machine = SessionMachine::new(SessionRules::default(), addresses);
    let site = SessionSite::default();
    let mut group = criterion.benchmark_group("200 servers");
    for path in ["/monitor", "/monitor.json", "/metrics"] {
        let request = Request::get(path).body(()).expect("a request");
        group.bench_function(path, |bencher| {
            bencher.iter(|| match session::answer(&machine, 0, &request) {
                Answer::Draw(what, view) => black_box(view.draw(what, &site)),
                Answer::Respond(_) | Answer::Place | Answer::Upgrade(_) => {
                    unreachable!("it is drawn")
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, of_simulations, of_servers);
criterion_main!(benches);
