//! The model: session servers, simulation servers, and clients that come, stay and leave.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use webots_cloud_core::id::{RequestId, ServerId};
use webots_cloud_core::machine::{DeadlineReached, Machine};
use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionRules, Work};
use webots_cloud_core::time::Timestamp;

use super::host::Host;
use super::outcome::{Look, Outcome};
use super::random::Random;
use super::{Fleet, Way};

/// From being told where to go to being there, milliseconds.
const WAY: (f64, f64) = (50.0, 1000.0);
/// How long a user stays, milliseconds.
const STAY: (f64, f64) = (300_000.0, 2_700_000.0);
/// What a session costs, in multiples of 100 / slots: slots are given out with something in reserve.
const COST: (f64, f64) = (0.5, 1.1);

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Event {
    Opens(usize),
    Wakes(usize),
    Asks,
    Comes(usize),
    Leaves(usize, f64),
    Looks,
}

/// In the order of time, and of their making.
#[derive(Clone, Copy, Debug)]
struct Due {
    at: u64,
    number: u64,
    event: Event,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

/// A session server; its clock begins when it opens.
struct Server {
    machine: Option<SessionMachine>,
    opened: u64,
    /// The wake-up that is on its way.
    wakes: Option<u64>,
}

pub(super) struct World {
    way: Way,
    seed: u64,
    random: Random,
    hosts: Vec<Host>,
    servers: Vec<Server>,
    due: BinaryHeap<Reverse<Due>>,
    numbers: u64,
    now: u64,
    places: u32,
    taken: u32,
    under_way: u32,
    outcome: Outcome,
}

impl World {
    pub(super) fn new(fleet: Fleet, way: Way, seed: u64) -> Self {
        let mut random = Random::seeded(seed);
        let slots = |number: u32| match (fleet.mixed, number % 2) {
            (true, 0) => 20,
            (true, _) => 40,
            (false, _) => 30,
        };
        let mut world = Self {
            way,
            seed,
            hosts: (0..fleet.hosts)
                .map(|number| Host::new(slots(number)))
                .collect(),
            servers: Vec::new(),
            due: BinaryHeap::new(),
            numbers: 0,
            now: 0,
            places: (0..fleet.hosts).map(slots).sum(),
            taken: 0,
            under_way: 0,
            outcome: Outcome::default(),
            random: Random::seeded(!seed),
        };
        for host in 0..world.hosts.len() {
            let (least, most) = fleet.taken;
            let share = random.between(least, most);
            let slots = world.hosts.get(host).map_or(0, |host| host.slots);
            for _ in 0..(share * f64::from(slots)) as u32 {
                // They came some time ago: part of their stay is over.
                let rest = random.between(0.0, 1.0);
                world.take(host, rest);
            }
        }
        for server in 0..way.servers {
            let opened = random.between(0.0, way.refresh.as_millis() as f64) as u64;
            world.servers.push(Server {
                machine: None,
                opened,
                wakes: None,
            });
            world.after(opened, Event::Opens(server as usize));
        }
        world
    }

    pub(super) fn asks_at(&mut self, at: u64) {
        self.at(at, Event::Asks);
    }

    pub(super) fn looks_at(&mut self, at: u64) {
        self.at(at, Event::Looks);
    }

    /// Lets time pass until `end`.
    pub(super) fn run(mut self, end: u64) -> Outcome {
        while let Some(Reverse(due)) = self.due.pop() {
            if due.at > end {
                break;
            }
            self.now = due.at;
            self.on(due.event);
        }
        self.outcome.sent = self.hosts.iter().map(|host| host.sent).collect();
        self.outcome
    }

    fn at(&mut self, at: u64, event: Event) {
        self.numbers += 1;
        let number = self.numbers;
        self.due.push(Reverse(Due { at, number, event }));
    }

    fn after(&mut self, time: u64, event: Event) {
        self.at(self.now + time, event);
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Opens(server) => self.open(server),
            Event::Wakes(server) => {
                if let Some(it) = self.servers.get_mut(server)
                    && it.wakes == Some(self.now)
                {
                    it.wakes = None;
                    self.feed(server, DeadlineReached.into());
                }
            }
            Event::Asks => {
                self.outcome.asked += 1;
                let server = self.random.below(self.servers.len());
                let request = RequestId(u64::from(self.outcome.asked));
                self.feed(server, Input::SessionRequested { request });
            }
            Event::Comes(host) => self.come(host),
            Event::Leaves(host, cost) => {
                self.taken -= 1;
                if let Some(host) = self.hosts.get_mut(host) {
                    host.frees(self.now, cost);
                }
            }
            Event::Looks => self.outcome.looks.push(Look::of(self.now, &self.hosts)),
        }
    }

    fn open(&mut self, server: usize) {
        let rules = SessionRules {
            refresh: self.way.refresh,
            session_cost: self.way.cost.or_else(|| self.way.choice.cost()),
            ..SessionRules::default()
        };
        let addresses = (0..self.hosts.len()).map(|host| format!("host-{host}:2000"));
        let placement = self.way.choice.placement(self.seed * 31 + server as u64);
        let machine = SessionMachine::with_placement(rules, addresses, placement);
        if let Some(it) = self.servers.get_mut(server) {
            it.machine = Some(machine);
        }
        self.drain(server);
    }

    fn feed(&mut self, server: usize, input: Input) {
        let time = self.time_of(server);
        let machine = self
            .servers
            .get_mut(server)
            .and_then(|it| it.machine.as_mut());
        if let Some(machine) = machine {
            machine.handle(time, input);
        }
        self.drain(server);
    }

    /// The time by a session server's own clock.
    fn time_of(&self, server: usize) -> Timestamp {
        let opened = self.servers.get(server).map_or(0, |it| it.opened);
        Timestamp::from_start(Duration::from_millis(self.now.saturating_sub(opened)))
    }

    /// Carries out what a session server orders.
    fn drain(&mut self, server: usize) {
        let mut machine = self
            .servers
            .get_mut(server)
            .and_then(|it| it.machine.take());
        let time = self.time_of(server);
        while let Some(machine) = &mut machine
            && let Some(effect) = machine.poll_effect()
        {
            match effect {
                Effect::Work(Work::SampleLoad { server, probe }) => {
                    let Some(host) = self.hosts.get_mut(server.0 as usize) else {
                        continue;
                    };
                    let result = Ok(host.sample(self.now));
                    let sampled = Input::LoadSampled {
                        server,
                        probe,
                        result,
                    };
                    machine.handle(time, sampled);
                }
                Effect::Offer { server, .. } => self.answered(server),
                Effect::Announce { .. } => self.outcome.changes += 1,
                Effect::Work(Work::Notify(_)) | Effect::Open => {}
            }
        }
        let deadline = machine.as_ref().and_then(Machine::next_deadline);
        let Some(it) = self.servers.get_mut(server) else {
            return;
        };
        it.machine = machine;
        if let Some(deadline) = deadline {
            let since_start = deadline.at.since_start();
            // Rounded up, so that the moment has come when it is woken.
            let millis = since_start.as_nanos().div_ceil(1_000_000) as u64;
            let at = (it.opened + millis).max(self.now);
            if it.wakes.is_none_or(|wakes| at < wakes) {
                it.wakes = Some(at);
                self.at(at, Event::Wakes(server));
            }
        }
    }

    fn answered(&mut self, offer: Option<ServerId>) {
        match offer {
            Some(host) => {
                self.under_way += 1;
                let way = self.random.between(WAY.0, WAY.1) as u64;
                self.after(way, Event::Comes(host.0 as usize));
            }
            None if self.is_place() => self.outcome.kept_out += 1,
            None => self.outcome.no_place += 1,
        }
    }

    /// Whether there is a place that nobody is on the way to.
    const fn is_place(&self) -> bool {
        self.taken + self.under_way < self.places
    }

    fn come(&mut self, host: usize) {
        self.under_way -= 1;
        let was_place = self.is_place();
        if let Some(host) = self.hosts.get_mut(host) {
            host.sent += 1;
        }
        if self.take(host, 1.0) {
            self.outcome.started += 1;
        } else if was_place {
            self.outcome.misled += 1;
        } else {
            self.outcome.no_place += 1;
        }
    }

    /// A session takes a slot for this part of a whole stay; `false` if there is none.
    fn take(&mut self, host: usize, part: f64) -> bool {
        let cost = self.random.between(COST.0, COST.1);
        let stay = self.random.between(STAY.0, STAY.1) * part;
        let now = self.now;
        let Some(it) = self.hosts.get_mut(host) else {
            return false;
        };
        let cost = cost * 100.0 / f64::from(it.slots);
        if !it.takes(now, cost) {
            return false;
        }
        self.taken += 1;
        self.after(stay as u64, Event::Leaves(host, cost));
        true
    }
}
