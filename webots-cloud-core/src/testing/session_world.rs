//! A session machine with its servers and clients.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock;
use crate::id::{ProbeId, RequestId, ServerId};
use crate::load::{Load, LoadSample};
use crate::machine::Machine;
use crate::ports::{Notice, PortError};
use crate::session::{Effect, Input, SessionMachine, SessionRules, Work};
use crate::time::Timestamp;

/// How a simulation server answers when it is asked for its load.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// At once, with this sample.
    With(LoadSample),
    /// Never.
    Never,
    /// At once, with something that is no load.
    Nonsense,
    /// Only when [`SessionWorld::answer_late`] is called.
    Late(LoadSample),
}

impl Answers {
    /// A server with this load, percent.
    ///
    /// # Panics
    /// If it is no load.
    pub fn load(percent: f64) -> Self {
        Self::With(LoadSample::of(Load::from_percent(percent).expect("a load")))
    }
}

/// A session machine, its servers and its clients.
#[derive(Debug)]
pub struct SessionWorld {
    machine: SessionMachine,
    now: Timestamp,
    servers: Vec<Answers>,
    late: Vec<(ServerId, ProbeId, LoadSample)>,
    /// What each client was told, in order.
    clients: Vec<Vec<bool>>,
    offers: BTreeMap<RequestId, Option<ServerId>>,
    requests: u64,
    opened_at: Option<Timestamp>,
    notices: Vec<Notice>,
    trace: Vec<String>,
}

impl SessionWorld {
    /// A world at its start, in which servers named `host-0:2000`, `host-1:2000`… answer like this.
    pub fn new(rules: SessionRules, servers: Vec<Answers>) -> Self {
        let addresses = (0..servers.len()).map(|index| format!("host-{index}:2000"));
        let mut world = Self {
            machine: SessionMachine::new(rules, addresses),
            now: Timestamp::START,
            servers,
            late: Vec::new(),
            clients: Vec::new(),
            offers: BTreeMap::new(),
            requests: 0,
            opened_at: None,
            notices: Vec::new(),
            trace: Vec::new(),
        };
        world.drain();
        world
    }

    /// The machine, to look at.
    pub const fn machine(&self) -> &SessionMachine {
        &self.machine
    }

    /// The time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// When the first round of samples was over.
    pub const fn opened_at(&self) -> Option<Timestamp> {
        self.opened_at
    }

    /// What the administrator heard, and forgets it.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Every effect so far, as text.
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    /// From now on this server answers like this.
    pub fn server_answers(&mut self, server: usize, answers: Answers) {
        self.servers[server] = answers;
    }

    /// A client opens the availability socket; its number is for [`told`](Self::told).
    pub fn client_comes(&mut self) -> usize {
        self.clients.push(vec![self.machine.available()]);
        self.clients.len() - 1
    }

    /// What a client was told so far.
    pub fn told(&self, client: usize) -> &[bool] {
        &self.clients[client]
    }

    /// A client asks for a place and gets the number of a server, or `None`.
    ///
    /// # Panics
    /// If it is not answered at once, or with a server that must not be offered.
    pub fn session(&mut self) -> Option<usize> {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.input(Input::SessionRequested { request });
        let offer = self
            .offers
            .remove(&request)
            .expect("a request is answered at once");
        if let Some(server) = offer {
            let peer = self.machine.peer(server).expect("an offered server exists");
            let load = peer.sample().expect("an offered server has a sample").load;
            assert!(
                load < self.machine.rules().threshold,
                "{} is offered at {load}%",
                peer.address()
            );
        }
        offer.map(|server| usize::try_from(server.0).expect("a small number"))
    }

    /// Every answer that was kept back comes now.
    pub fn answer_late(&mut self) {
        for (server, probe, sample) in std::mem::take(&mut self.late) {
            self.input(Input::LoadSampled {
                server,
                probe,
                result: Ok(sample),
            });
        }
    }

    /// The session server is told to end.
    pub fn shut_down(&mut self) {
        self.input(Input::ShutdownRequested);
    }

    /// Lets time pass, from deadline to deadline.
    ///
    /// # Panics
    /// When a deadline does not move.
    pub fn pass(&mut self, duration: Duration) {
        clock::pass(
            self,
            |world| &mut world.now,
            |world| &mut world.machine,
            Self::drain,
            duration,
        );
    }

    /// Hands an input to the machine, as it is.
    pub fn input(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.machine.poll_effect() {
            self.trace.push(format!("{} {effect:?}", self.now));
            match effect {
                Effect::Work(Work::SampleLoad { server, probe }) => self.sample(server, probe),
                Effect::Work(Work::Notify(notice)) => self.notices.push(notice),
                Effect::Offer { request, server } => {
                    let before = self.offers.insert(request, server);
                    assert_eq!(before, None, "{request} was answered twice");
                }
                Effect::Announce { available } => {
                    for told in &mut self.clients {
                        assert_ne!(
                            told.last(),
                            Some(&available),
                            "told the same twice: {told:?}"
                        );
                        told.push(available);
                    }
                }
                Effect::Open => {
                    assert_eq!(self.opened_at, None, "opened twice");
                    self.opened_at = Some(self.now);
                }
            }
        }
    }

    fn sample(&mut self, server: ServerId, probe: ProbeId) {
        let index = usize::try_from(server.0).expect("a small number");
        let result = match self.servers[index].clone() {
            Answers::With(sample) => Ok(sample),
            Answers::Nonsense => Err(PortError::permanent("the answer is not a load")),
            Answers::Never => return,
            Answers::Late(sample) => {
                self.late.push((server, probe, sample));
                return;
            }
        };
        self.machine.handle(
            self.now,
            Input::LoadSampled {
                server,
                probe,
                result,
            },
        );
    }
}
