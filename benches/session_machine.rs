//! How long the session machine takes for one input, with 10, 100 and 1000 simulation servers.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench session_machine
//! ```
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use webots_cloud_core::id::{ProbeId, RequestId, ServerId};
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::machine::{DeadlineReached, Machine};
use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionRules, Work};
use webots_cloud_core::time::Timestamp;

const FLEETS: [u32; 3] = [10, 100, 1000];

/// Orders of samples that the machine gave, and forgets everything else.
fn orders(machine: &mut SessionMachine) -> Vec<(ServerId, ProbeId)> {
    let mut orders = Vec::new();
    while let Some(effect) = machine.poll_effect() {
        if let Effect::Work(Work::SampleLoad { server, probe }) = effect {
            orders.push((server, probe));
        }
    }
    orders
}

fn sampled((server, probe): (ServerId, ProbeId)) -> Input {
    // All different, and all below the threshold.
    let percent = f64::from(server.0 * 7919 % 90);
    let load = Load::from_percent(percent).expect("a load");
    Input::LoadSampled {
        server,
        probe,
        result: Ok(LoadSample::of(load)),
    }
}

/// A machine whose servers have all answered once.
fn fleet(servers: u32) -> SessionMachine {
    let addresses = (0..servers).map(|number| format!("host-{number}:2000"));
    let mut machine = SessionMachine::new(SessionRules::default(), addresses);
    for order in orders(&mut machine) {
        machine.handle(Timestamp::START, sampled(order));
    }
    orders(&mut machine);
    machine
}

fn session_requested(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("SessionRequested");
    for servers in FLEETS {
        let mut machine = fleet(servers);
        let (mut now, mut number) = (Duration::ZERO, 0);
        group.bench_function(BenchmarkId::from_parameter(servers), |bencher| {
            bencher.iter(|| {
                // A request each 10 ms: reservations come and go as on a busy day.
                now += Duration::from_millis(10);
                number += 1;
                let request = RequestId(number);
                let at = Timestamp::from_start(now);
                machine.handle(at, Input::SessionRequested { request });
                black_box(machine.poll_effect())
            });
        });
    }
    group.finish();
}

fn load_sampled(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("LoadSampled");
    for servers in FLEETS {
        let setup = || {
            let mut machine = fleet(servers);
            let due = machine.next_deadline().expect("the next round").at;
            machine.handle(due, DeadlineReached.into());
            let orders = orders(&mut machine);
            (machine, due, orders)
        };
        // One whole round: divide by the number of servers.
        group.throughput(criterion::Throughput::Elements(u64::from(servers)));
        group.bench_function(BenchmarkId::from_parameter(servers), |bencher| {
            bencher.iter_batched(
                setup,
                |(mut machine, now, orders)| {
                    for order in orders {
                        machine.handle(now, sampled(order));
                        black_box(machine.poll_effect());
                    }
                    machine
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, session_requested, load_sampled);
criterion_main!(benches);
