//! The session machine: which simulation servers there are, how loaded they are, and where the
//! next client is sent.
//!
//! Its rules:
//! - availability is announced only when it changes;
//! - a server is offered only while its load is below the threshold;
//! - the choice is the [`Placement`]'s; by default the least *expected* load: the last sample and what
//!   was handed out since and cannot be in it yet, so that a burst spreads; ties go to the earlier entry;
//! - reservations only order the choice. They never make a server unavailable: whoever asks for a
//!   place and does not come would otherwise keep the others out;
//! - a reservation expires by itself;
//! - a silent server counts as unavailable and is announced once;
//! - the first round of samples ends before [`Effect::Open`].

mod event;
mod figures;
mod free;
mod peer;
mod perform;
mod placement;
mod reservations;
mod rules;

use std::collections::VecDeque;
use std::time::Duration;

pub use event::{Effect, Input, Work};
pub use figures::SessionFigures;
pub use free::FreeServers;
pub use peer::{Peer, Standing};
pub use perform::SessionPorts;
pub use placement::{LeastExpected, Placement};
pub use rules::{SETTLING, SessionRules};

use crate::id::{Counter, ProbeId, RequestId, ServerId};
use crate::load::{self, Load, LoadSample};
use crate::machine::{Deadline, Machine};
use crate::time::Timestamp;
use crate::timers::Timers;

/// Between an answer and the next probe, even where `refresh` is nothing: no busy loop.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

/// What a server is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    Answer(ServerId),
    NextProbe(ServerId),
}

/// Totals since the start, for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionTotals {
    /// Requests that were given a server.
    pub placed: u64,
    /// Requests for which there was no room.
    pub refused: u64,
    /// Load samples that came back.
    pub samples: u64,
    /// Load samples that failed or came too late.
    pub failed_samples: u64,
}

/// The state machine of a session server.
#[derive(Debug)]
pub struct SessionMachine {
    rules: SessionRules,
    placement: Box<dyn Placement>,
    peers: Vec<Peer>,
    free: FreeServers,
    /// When a server's oldest reservation expires.
    expiries: Timers<ServerId>,
    unanswered_in_first_round: usize,
    stopping: bool,
    now: Timestamp,
    probes: Counter,
    timers: Timers<Wait>,
    effects: VecDeque<Effect>,
    totals: SessionTotals,
    figures: SessionFigures,
}

impl SessionMachine {
    /// A machine for the servers with these addresses, in the order of the configuration. It orders
    /// the first round of samples at once.
    pub fn new(rules: SessionRules, addresses: impl IntoIterator<Item = String>) -> Self {
        Self::with_placement(rules, addresses, Box::new(LeastExpected))
    }

    /// The same, with a placement of the caller's own.
    pub fn with_placement(
        rules: SessionRules,
        addresses: impl IntoIterator<Item = String>,
        placement: Box<dyn Placement>,
    ) -> Self {
        let peers: Vec<Peer> = addresses.into_iter().map(Peer::new).collect();
        let mut machine = Self {
            rules,
            placement,
            free: FreeServers::default(),
            expiries: Timers::new(),
            unanswered_in_first_round: peers.len(),
            stopping: false,
            now: Timestamp::START,
            probes: Counter::default(),
            timers: Timers::new(),
            effects: VecDeque::new(),
            totals: SessionTotals::default(),
            figures: SessionFigures::default(),
            peers,
        };
        for server in machine.servers() {
            machine.probe(server);
        }
        if machine.peers.is_empty() {
            machine.effects.push_back(Effect::Open);
        }
        machine
    }

    /// Whether a client would get a place.
    pub const fn available(&self) -> bool {
        !self.free.is_empty() && !self.stopping
    }

    /// Whether the first round of samples has ended.
    pub const fn is_open(&self) -> bool {
        self.unanswered_in_first_round == 0
    }

    /// Whether shutdown was requested.
    pub const fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// The mean load of the servers that answer, `None` if none does.
    pub fn load(&self) -> Option<Load> {
        load::mean(
            self.peers
                .iter()
                .filter_map(|peer| peer.sample())
                .map(|sample| sample.load),
        )
    }

    /// The simulation servers, in the order of the configuration; [`ServerId`] is the place.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// One simulation server.
    pub fn peer(&self, server: ServerId) -> Option<&Peer> {
        self.peers.get(usize::try_from(server.0).ok()?)
    }

    /// What happened since the start.
    pub const fn totals(&self) -> SessionTotals {
        self.totals
    }

    /// How long probes took, and what the administrator was told.
    pub const fn figures(&self) -> &SessionFigures {
        &self.figures
    }

    /// The rules that it goes by.
    pub const fn rules(&self) -> &SessionRules {
        &self.rules
    }

    /// The time of the last input.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    fn servers(&self) -> impl Iterator<Item = ServerId> + use<> {
        (0..u32::try_from(self.peers.len()).unwrap_or(u32::MAX)).map(ServerId)
    }

    fn peer_mut(&mut self, server: ServerId) -> Option<&mut Peer> {
        self.peers.get_mut(usize::try_from(server.0).ok()?)
    }

    fn probe(&mut self, server: ServerId) {
        let probe = ProbeId(self.probes.next());
        let now = self.now;
        let Some(peer) = self.peer_mut(server) else {
            return;
        };
        peer.probe = Some((probe, now));
        self.timers
            .set(Wait::Answer(server), now.after(self.rules.timeout));
        self.effects
            .push_back(Effect::Work(Work::SampleLoad { server, probe }));
    }

    /// Takes an answer, or that none came in time; one that nobody waits for changes nothing.
    fn on_load_sampled(
        &mut self,
        server: ServerId,
        probe: ProbeId,
        answer: Result<LoadSample, String>,
    ) {
        let (now, rules) = (self.now, self.rules);
        let Some(peer) = self.peer_mut(server) else {
            return;
        };
        let sent = match peer.probe {
            Some((awaited, sent)) if awaited == probe => sent,
            Some(_) | None => return,
        };
        peer.probe = None;
        let first = peer.standing() == Standing::Unknown;
        let failed = answer.is_err();
        let notice = peer.answered(now, sent, answer, &rules);

        self.figures.probe.observe(now.since(sent));
        if failed {
            self.totals.failed_samples += 1;
        } else {
            self.totals.samples += 1;
        }
        if let Some(notice) = notice {
            *self.figures.notices.entry(notice.kind()).or_default() += 1;
            self.effects.push_back(Effect::Work(Work::Notify(notice)));
        }
        self.timers.cancel(Wait::Answer(server));
        if self.stopping {
            return;
        }
        // From the moment of sending, so that a slow answer does not stretch the period.
        let next = sent
            .after(rules.refresh)
            .max(now.after(rules.refresh / 10 + SHORTEST_WAIT));
        self.timers.set(Wait::NextProbe(server), next);
        let before = self.available();
        self.list(server);
        let available = self.available();
        if available != before {
            self.effects.push_back(Effect::Announce { available });
        }
        if first {
            self.unanswered_in_first_round -= 1;
            if self.unanswered_in_first_round == 0 {
                self.effects.push_back(Effect::Open);
            }
        }
    }

    /// Lists a server with what is expected of it now.
    fn list(&mut self, server: ServerId) {
        let rules = self.rules;
        let Some(peer) = self.peer(server) else {
            return;
        };
        let (expected, expiry) = (peer.expected_load(&rules), peer.first_expiry(&rules));
        self.free.list(server, expected);
        match expiry {
            Some(at) => self.expiries.set(server, at),
            None => self.expiries.cancel(server),
        }
    }

    fn on_session_requested(&mut self, request: RequestId) {
        let server = if self.stopping { None } else { self.place() };
        if server.is_some() {
            self.totals.placed += 1;
        } else {
            self.totals.refused += 1;
        }
        self.effects.push_back(Effect::Offer { request, server });
    }

    /// The server for the next client; makes a reservation there.
    fn place(&mut self) -> Option<ServerId> {
        self.expire();
        let chosen = self.placement.choose(&self.free);
        let free = chosen.filter(|server| self.free.expected(*server).is_some());
        let server = free.or_else(|| self.free.least())?;
        let now = self.now;
        self.peer_mut(server)?.reserve(now);
        self.list(server);
        Some(server)
    }

    /// Forgets the reservations that have expired: each server's steps once, and not all servers at
    /// each request.
    fn expire(&mut self) {
        let (now, rules) = (self.now, self.rules);
        while let Some(server) = self.expiries.pop_due(now) {
            if let Some(peer) = self.peer_mut(server) {
                peer.forget_expired(now, &rules);
            }
            self.list(server);
        }
    }

    fn on_deadlines(&mut self) {
        while let Some(wait) = self.timers.pop_due(self.now) {
            match wait {
                Wait::Answer(server) => {
                    let Some((probe, _)) = self.peer(server).and_then(|peer| peer.probe) else {
                        continue;
                    };
                    self.figures.late += 1;
                    let reason = format!("no answer within {} s", self.rules.timeout.as_secs_f64());
                    self.on_load_sampled(server, probe, Err(reason));
                }
                Wait::NextProbe(server) => self.probe(server),
            }
        }
    }

    fn on_shutdown(&mut self) {
        let before = self.available();
        self.stopping = true;
        self.timers = Timers::new();
        if before {
            self.effects
                .push_back(Effect::Announce { available: false });
        }
    }
}

impl Machine for SessionMachine {
    type Input = Input;
    type Effect = Effect;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::SessionRequested { request } => self.on_session_requested(request),
            Input::LoadSampled {
                server,
                probe,
                result,
            } => {
                self.on_load_sampled(server, probe, result.map_err(|error| error.to_string()));
            }
            Input::DeadlineReached => self.on_deadlines(),
            Input::ShutdownRequested => self.on_shutdown(),
        }
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn next_deadline(&self) -> Option<Deadline> {
        self.timers.earliest().map(|(at, wait)| Deadline {
            at,
            why: match wait {
                Wait::Answer(_) => "load answer",
                Wait::NextProbe(_) => "next load sample",
            },
        })
    }
}
