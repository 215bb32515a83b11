//! What webots-cloud decides, without doing any of it: no I/O, no clock, no thread, no runtime.
//!
//! Webots simulates robots, one process a world. webots-cloud runs it for many people at once: a
//! *session server* tells browsers whether there is room and sends each to the least loaded machine;
//! a *simulation server* on each machine fetches the project that a browser asks for, starts one
//! confined *instance* of Webots for it, hands out its address, and ends it when the browser leaves.
//!
//! ```text
//!   sockets, processes, timers            this crate
//!                                 ┌───────────────────────────┐
//!   a frame, an answer, ──input──>│ session::SessionMachine   │
//!   a deadline                    │          or               │
//!   send this, start that <─effect│ simulation::              │
//!                                 │         SimulationMachine │
//!        sleep until <──deadline──└───────────────────────────┘
//! ```
//!
//! # The run loop
//! 1. Make a machine. It has orders at once.
//! 2. Take effects until there is none ([`poll_effect`](machine::Machine::poll_effect)), and carry each
//!    out, in order. What takes time is a `Work`: have the ports `perform` it, beside.
//! 3. Sleep until [`next_deadline`](machine::Machine::next_deadline), or until there is an input.
//! 4. [`handle`](machine::Machine::handle) it with the time. At the deadline the input is
//!    [`DeadlineReached`](machine::DeadlineReached).
//! 5. Go to 2.
//!
//! ```
//! use std::time::Duration;
//!
//! use webots_cloud_core::id::{ProbeId, RequestId, ServerId};
//! use webots_cloud_core::load::{Load, LoadSample};
//! use webots_cloud_core::machine::Machine;
//! use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionRules, Work};
//! use webots_cloud_core::time::Timestamp;
//!
//! let servers = ["sim1.example.org:2000".to_owned()];
//! let mut machine = SessionMachine::new(SessionRules::default(), servers);
//!
//! // Its first order is to ask the server for its load.
//! let (server, probe) = (ServerId(0), ProbeId(1));
//! let order = Effect::Work(Work::SampleLoad { server, probe });
//! assert_eq!(machine.poll_effect(), Some(order));
//!
//! // A fifth of a second later the answer is there.
//! let now = Timestamp::from_start(Duration::from_millis(200));
//! let result = Ok(LoadSample::of(Load::IDLE));
//! machine.handle(now, Input::LoadSampled { server, probe, result });
//! assert_eq!(machine.poll_effect(), Some(Effect::Announce { available: true }));
//! assert_eq!(machine.poll_effect(), Some(Effect::Open));
//!
//! // Now there is room for a client.
//! let request = RequestId(1);
//! machine.handle(now, Input::SessionRequested { request });
//! assert_eq!(machine.poll_effect(), Some(Effect::Offer { request, server: Some(server) }));
//! ```
//!
//! # Words
//! | word | means |
//! |---|---|
//! | session | one user's visit: from "is there room?" to the closed tab |
//! | instance | one Webots, with everything that it starts |
//! | world, project | a `.wbt` file; the folder with `worlds/` and `controllers/` that it is part of |
//! | workspace | the folder of one instance: all that it may write |
//! | slot | a port that an instance may have |
//! | load, probe | how busy a machine is, 0 to 100; what measures that |
//! | dialect | Webots' command line and output before R2022b (legacy), or from it on (modern) |
//!
//! Sections like "W2.11" in the documentation are those of the project's wire reference, which says
//! what the clients, servers and Webots of all years say to each other.

#![forbid(unsafe_code)]

pub mod config;
pub mod histogram;
pub mod id;
pub mod limits;
pub mod load;
pub mod machine;
pub mod ports;
pub mod protocol;
pub mod secret;
pub mod session;
pub mod simulation;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
mod timers;
pub mod web;
