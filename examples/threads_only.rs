//! The session machine with threads and channels only: no tokio, no sockets, no async runtime.
//!
//! ```sh
//! cargo run -p webots-cloud-examples --example threads_only
//! ```
//!
//! This is the whole run loop: take effects, sleep until the deadline or an input, hand it to the
//! machine. The same loop fits into a game engine, a robot's controller or a service that has a
//! runtime of another make.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use webots_cloud_core::id::RequestId;
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::machine::Machine;
use webots_cloud_core::ports::{Performed, SilentNotifier, probe_fn};
use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionPorts, SessionRules};
use webots_cloud_core::time::Timestamp;

/// Runs a session server for two simulation servers until its first client has a place, and tells
/// `say` what happens.
pub fn run(mut say: impl FnMut(String)) {
    let servers = [("busy:2000", 80.0), ("idle:2000", 20.0)];
    let probe = |percent| {
        probe_fn(move || {
            Ok(LoadSample::of(
                Load::from_percent(percent).unwrap_or(Load::FULL),
            ))
        })
    };
    let ports = SessionPorts {
        probes: servers.map(|(_, percent)| probe(percent)).to_vec(),
        notifier: Arc::new(SilentNotifier),
    };
    let addresses = servers.map(|(address, _)| address.to_owned());
    let mut machine = SessionMachine::new(SessionRules::default(), addresses);
    let started = Instant::now();
    let (inputs, inbox) = mpsc::channel();
    loop {
        while let Some(effect) = machine.poll_effect() {
            match effect {
                Effect::Work(work) => {
                    let (work, inputs) = (ports.perform(work), inputs.clone());
                    thread::spawn(move || {
                        if let Performed::Answer(input) = pollster::block_on(work) {
                            // Fails only when the loop is over.
                            let _ = inputs.send(input);
                        }
                    });
                }
                Effect::Announce { available } => say(format!("available: {available}")),
                Effect::Open => {
                    say("all servers have answered".to_owned());
                    let request = RequestId(1);
                    let _ = inputs.send(Input::SessionRequested { request });
                }
                Effect::Offer { server, .. } => {
                    let peer = server.and_then(|server| machine.peer(server));
                    let place = peer.map_or("nowhere", |peer| peer.address());
                    return say(format!("the client is sent to {place}"));
                }
            }
        }
        let now = || Timestamp::from_start(started.elapsed());
        let deadline = machine.next_deadline().map(|it| it.at.since(now()));
        let input = inbox.recv_timeout(deadline.unwrap_or(Duration::MAX));
        machine.handle(now(), input.unwrap_or(Input::DeadlineReached));
    }
}

fn main() {
    run(|line| println!("{line}"));
}
