//! The rounds.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::arguments::{Arguments, Extent, Part};
use crate::load::LoadServer;
use crate::sockets::Crowd;
use crate::started::Started;
use crate::table::Table;
use crate::target::Target;
use crate::usage::Usage;
use crate::{Outcome, fork_exec, http, sessions};

/// What the bare server is called, which is made to change in its own way.
const BARE: &str = "bare";

/// Until a server that everybody left has given back what it will.
const SETTLE: Duration = Duration::from_secs(1);

/// Measures everything, and prints the table.
pub(crate) fn all(arguments: &Arguments) -> Outcome<()> {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, all)?;

    let (extent, load) = (arguments.extent(), LoadServer::start(arguments.load_port)?);
    eprintln!("/load for other session servers: {}", load.address);
    let (bare, session) = (Started::bare()?, Started::session(load.address)?);
    let (nginx, simulation) = (Started::nginx()?, Started::simulation()?);
    if nginx.is_none() {
        eprintln!("skipped: nginx is not installed");
    }
    let mut table = Table::default();
    let own = [&session, &bare].map(|it| it.target.clone());
    let servers = own
        .into_iter()
        .chain(arguments.session.clone())
        .map(Fresh::look);
    let servers: Vec<Fresh> = servers.collect();
    let mut simulations = vec![simulation.target.clone()];
    simulations.extend(arguments.simulation.clone());
    for round in 1..=extent.rounds {
        eprintln!("round {round} of {}", extent.rounds);
        if arguments.has(Part::Http) {
            for Fresh { server, .. } in &servers {
                requests(
                    &mut table,
                    server,
                    "",
                    &["/session", "/load", "/monitor"],
                    &extent,
                )?;
            }
            if let Some(nginx) = &nginx {
                requests(&mut table, &nginx.target, "", &["/session"], &extent)?;
            }
            for server in &simulations {
                requests(
                    &mut table,
                    server,
                    "simulation ",
                    &["/load", "/monitor"],
                    &extent,
                )?;
            }
        }
        if arguments.has(Part::Sockets) {
            for server in &servers {
                for count in extent.clients {
                    clients(&mut table, server, *count, &load)?;
                }
            }
        }
        if arguments.has(Part::Sessions) {
            for lanes in extent.lanes {
                for server in &simulations {
                    let played = sessions::play(server, *lanes, extent.sessions)?;
                    started(&mut table, &server.name, *lanes, played);
                }
                let played = fork_exec::start(*lanes, extent.sessions)?;
                started(&mut table, "fork+exec", *lanes, played);
            }
        }
    }
    print!("{}", table.text(arguments.reference.as_deref()));
    Ok(())
}

fn requests(
    table: &mut Table,
    server: &Target,
    kind: &str,
    paths: &[&str],
    extent: &Extent,
) -> Outcome<()> {
    for path in paths {
        for connections in extent.connections {
            let row = |what| format!("{kind}`{path}`, {connections} connections: {what}");
            let before = server.pid.map(Usage::of);
            let answered = http::ask(server.address, path, *connections, extent.time)
                .map_err(|error| format!("{}: {error}", server.name))?;
            let mut add = |what, value| table.add(&row(what), &server.name, value);
            add("a second", answered.a_second());
            add("p50, ms", millis(answered.percentile(50)));
            add("p99, ms", millis(answered.percentile(99)));
            if let (Some(pid), Some(before)) = (server.pid, before) {
                let cpu = Usage::of(pid).cpu.saturating_sub(before.cpu);
                add("CPU each, µs", micros(cpu) / answered.count.max(1) as f64);
            }
        }
    }
    Ok(())
}

/// A server, and its memory before anything was measured: what it keeps of one crowd is there for the next.
struct Fresh {
    server: Target,
    memory: u64,
}

impl Fresh {
    fn look(server: Target) -> Self {
        let memory = server.pid.map_or(0, |pid| Usage::of(pid).memory);
        Self { server, memory }
    }

    fn grown(&self, now: Usage) -> f64 {
        now.memory.saturating_sub(self.memory) as f64 / 1024.0
    }
}

fn clients(table: &mut Table, fresh: &Fresh, count: usize, load: &LoadServer) -> Outcome<()> {
    let server = &fresh.server;
    let each = |value: f64| value / count as f64;
    let usage = || server.pid.map(Usage::of);
    let failed = |error| format!("{}: {error}", server.name);
    let (before, begun) = (usage(), Instant::now());
    let mut crowd = Crowd::open(server.address, count).map_err(failed)?;
    let time = begun.elapsed();
    let opened = usage();
    let mut add = |what: &str, value| {
        table.add(&format!("{count} clients: {what}"), &server.name, value);
    };
    add("handshakes a second", count as f64 / time.as_secs_f64());
    if let (Some(before), Some(opened)) = (before, opened) {
        add(
            "CPU a handshake, µs",
            each(micros(opened.cpu.saturating_sub(before.cpu))),
        );
        add("memory each, KiB", each(fresh.grown(opened)));
    }

    let mut resting = usage();
    if server.name == BARE {
        http::ask(server.address, "/flip", 1, Duration::ZERO)?;
    } else {
        load.set_full(!load.is_full());
    }
    let last = crowd.told(|| resting = usage()).map_err(failed)?;
    let told = usage();
    add("the last told after the first, ms", millis(last));
    if let (Some(resting), Some(told)) = (resting, told) {
        add(
            "CPU a notification, µs",
            each(micros(told.cpu.saturating_sub(resting.cpu))),
        );
    }

    drop(crowd);
    std::thread::sleep(SETTLE);
    if let (Some(before), Some(left)) = (before, usage()) {
        let kept = left.memory.saturating_sub(before.memory);
        add(
            "memory kept after all have left, KiB each",
            each(kept as f64 / 1024.0),
        );
    }
    Ok(())
}

fn started(table: &mut Table, name: &str, lanes: usize, played: (Vec<Duration>, Duration)) {
    let (mut times, all) = played;
    times.sort_unstable();
    let percentile = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100).max(1);
        times.get(rank - 1).copied().map_or(f64::NAN, millis)
    };
    let mut add =
        |what: &str, value| table.add(&format!("sessions, {lanes} at a time: {what}"), name, value);
    add(
        "started and ended a second",
        times.len() as f64 / all.as_secs_f64(),
    );
    add("start p50, ms", percentile(50));
    add("start p99, ms", percentile(99));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
