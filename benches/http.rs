//! How long the HTTP layer takes for an answer, without a socket, with 10, 100 and 1000 servers. What pages
//! take is in the bench `pages`.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench http
//! ```
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Request;
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::machine::Machine;
use webots_cloud_core::protocol::session_id::SessionId;
use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionRules, Work};
use webots_cloud_core::simulation::SimulationMachine;
use webots_cloud_core::testing::rules;
use webots_cloud_core::time::Timestamp;
use webots_cloud_core::web::view::SessionSite;
use webots_cloud_core::web::{session, simulation};

const FLEETS: [u32; 3] = [10, 100, 1000];

/// A session machine whose servers have all answered.
fn fleet(servers: u32) -> SessionMachine {
    let addresses = (0..servers).map(|number| format!("host-{number}:2000"));
    let mut machine = SessionMachine::new(SessionRules::default(), addresses);
    while let Some(effect) = machine.poll_effect() {
        if let Effect::Work(Work::SampleLoad { server, probe }) = effect {
            let load = Load::from_percent(f64::from(server.0 % 90)).expect("a load");
            let result = Ok(LoadSample::of(load));
            let sampled = Input::LoadSampled {
                server,
                probe,
                result,
            };
            machine.handle(Timestamp::START, sampled);
        }
    }
    machine
}

fn session_answers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("session server's answer");
    for path in ["/session", "/", "/load", "/healthz", "/nowhere"] {
        let request = Request::get(path).body(()).expect("a request");
        for servers in FLEETS {
            let machine = fleet(servers);
            group.bench_function(BenchmarkId::new(path, servers), |bencher| {
                bencher.iter(|| session::answer(&machine, 1000, black_box(&request)));
            });
        }
    }
    let (site, name) = (SessionSite::default(), SessionId::of(42));
    group.bench_function("a place", |bencher| {
        bencher.iter(|| session::placed(black_box(Some("sim1.example.org:2000")), &site, &name));
    });
    group.finish();
}

fn simulation_answers(criterion: &mut Criterion) {
    let machine = SimulationMachine::new(rules(100));
    let mut group = criterion.benchmark_group("simulation server's answer");
    for path in ["/load", "/healthz", "/nowhere"] {
        let request = Request::get(path).body(()).expect("a request");
        group.bench_function(path, |bencher| {
            bencher.iter(|| simulation::answer(&machine, black_box(&request)));
        });
    }
    group.finish();
}

criterion_group!(benches, session_answers, simulation_answers);
criterion_main!(benches);
