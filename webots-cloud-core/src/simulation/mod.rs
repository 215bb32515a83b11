//! The simulation machine: the clients of one simulation server, their instances of Webots, and
//! the slots that these run in.
//!
//! Its rules:
//! - one instance a client, and nothing outlives its client;
//! - a slot is a port. It belongs to the machine, and it is free again only when the process tree
//!   is *gone*, never when it was asked to stop;
//! - the server is the authority on its own slots: whoever comes when none is free is refused with
//!   a reason, whatever the session server said;
//! - stopping always escalates, and an exit may come in any stage;
//! - every stage has a deadline;
//! - one workspace is removed for each that was made;
//! - every start is answered by exactly one `webots:` or, instead of it, one `error:`.

mod beginning;
mod clients;
mod ending;
mod event;
mod figures;
mod history;
mod instance;
mod monitor_csv;
mod perform;
mod rules;
mod slots;
mod usage;

use std::collections::{BTreeMap, VecDeque};

pub use event::{Effect, Input, Work};
pub use figures::{Reached, Reason, SimulationFigures};
pub use history::MonitorRow;
pub use instance::{InFlight, Instance, Project, Stage};
pub use monitor_csv::HEADER as MONITOR_CSV_HEADER;
pub use perform::{InputSink, SimulationPorts};
pub use rules::{
    ESCALATE_AFTER, HISTORY, LOAD_WINDOW, PORT_CHECK_PAUSE, SAMPLE_PERIOD, START_WITHIN,
    STUCK_AFTER, SimulationRules, TAKEN_PORT_PAUSE, USAGE_PERIOD, Webots, port_check_pause,
};

use clients::Client;
use history::History;
use rules::NO_ROOM;
use slots::Slots;
use usage::UsageOrder;

use crate::id::{ClientId, Counter, InstanceId, ProbeId};
use crate::load::{Load, LoadSample, LoadWindow};
use crate::machine::{Deadline, Machine};
use crate::ports::{Notice, PortError};
use crate::protocol::server::ServerMessage;
use crate::time::Timestamp;
use crate::timers::Timers;

/// What the machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    /// The client to say what it wants.
    Start(ClientId),
    /// The end of the time that an instance's stage may take.
    Stage(InstanceId),
    /// The next look at an instance's port.
    PortCheck(InstanceId),
    /// A port that a stranger used may be free again.
    TakenPort(u16),
    /// The next load sample, or the answer to the last.
    Sample,
}

/// Totals since the start, for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimulationTotals {
    /// `/client` sockets opened.
    pub clients: u64,
    /// Starts asked for.
    pub starts: u64,
    /// Starts refused because there was no room.
    pub refused: u64,
    /// Instances whose address was handed out.
    pub ready: u64,
    /// Starts that failed before that, other than by the client's leaving.
    pub failed: u64,
    /// Instances that ended while they ran, other than by the client's leaving.
    pub ended_early: u64,
}

/// The state machine of a simulation server.
#[derive(Debug)]
pub struct SimulationMachine {
    rules: SimulationRules,
    clients: BTreeMap<ClientId, Client>,
    instances: BTreeMap<InstanceId, Instance>,
    slots: Slots,
    /// Instances of a client whose simulation runs, so that counting them is no scan.
    running: u32,
    window: LoadWindow,
    sample: Option<LoadSample>,
    probe: Option<(ProbeId, Timestamp)>,
    usage: UsageOrder,
    history: History,
    stopping: bool,
    finished: bool,
    now: Timestamp,
    ids: Counter,
    probes: Counter,
    timers: Timers<Wait>,
    effects: VecDeque<Effect>,
    totals: SimulationTotals,
    figures: SimulationFigures,
}

impl SimulationMachine {
    /// A machine with all its slots free. It orders the first load sample at once.
    pub fn new(rules: SimulationRules) -> Self {
        let mut machine = Self {
            slots: Slots::after(rules.port, rules.slots),
            rules,
            clients: BTreeMap::new(),
            instances: BTreeMap::new(),
            running: 0,
            window: LoadWindow::new(LOAD_WINDOW),
            sample: None,
            probe: None,
            usage: UsageOrder::default(),
            history: History::default(),
            stopping: false,
            finished: false,
            now: Timestamp::START,
            ids: Counter::default(),
            probes: Counter::default(),
            timers: Timers::new(),
            effects: VecDeque::new(),
            totals: SimulationTotals::default(),
            figures: SimulationFigures::default(),
        };
        machine.order_sample();
        machine
    }

    /// What `/load` answers: the greatest part, averaged over the last samples, 0 to 100; 100 while
    /// no slot is free or the server is ending (contract, 4).
    pub fn load(&self) -> Load {
        if self.stopping || self.slots.free() == 0 {
            return NO_ROOM;
        }
        let mean = self.window.load().unwrap_or(Load::IDLE);
        if mean < Load::FULL { mean } else { Load::FULL }
    }

    /// The last load sample, if there is one.
    pub const fn sample(&self) -> Option<&LoadSample> {
        self.sample.as_ref()
    }

    /// The figures of the last ten minutes, oldest first.
    pub fn history(&self) -> impl ExactSizeIterator<Item = &MonitorRow> {
        self.history.rows()
    }

    /// The instances, oldest first.
    pub fn instances(&self) -> impl ExactSizeIterator<Item = &Instance> {
        self.instances.values()
    }

    /// How many `/client` sockets are open.
    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// How many slots there are.
    pub const fn slots(&self) -> u16 {
        self.slots.total()
    }

    /// How many of them are free.
    pub fn free_slots(&self) -> usize {
        self.slots.free()
    }

    /// How many of them an instance has.
    pub fn taken_slots(&self) -> usize {
        self.slots.taken()
    }

    /// Whether shutdown was requested.
    pub const fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// What happened since the start.
    pub const fn totals(&self) -> SimulationTotals {
        self.totals
    }

    /// What became of the simulations, and how long they took.
    pub const fn figures(&self) -> &SimulationFigures {
        &self.figures
    }

    /// The rules that it goes by.
    pub const fn rules(&self) -> &SimulationRules {
        &self.rules
    }

    /// The time of the last input.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    fn work(&mut self, work: Work) {
        self.effects.push_back(Effect::Work(work));
    }

    fn notify(&mut self, notice: Notice) {
        *self.figures.notices.entry(notice.kind()).or_default() += 1;
        self.work(Work::Notify(notice));
    }

    fn send(&mut self, client: ClientId, message: ServerMessage) {
        self.effects.push_back(Effect::Send { client, message });
    }

    fn order_sample(&mut self) {
        let probe = ProbeId(self.probes.next());
        self.probe = Some((probe, self.now));
        self.timers.set(Wait::Sample, self.now.after(SAMPLE_PERIOD));
        self.work(Work::SampleLoad { probe });
    }

    fn on_load_sampled(&mut self, probe: ProbeId, result: Result<LoadSample, PortError>) {
        let Some((_, ordered)) = self.probe.filter(|(awaited, _)| *awaited == probe) else {
            return;
        };
        self.probe = None;
        self.figures.sample.observe(self.now.since(ordered));
        match result {
            Ok(sample) => {
                self.window.push(&sample);
                self.sample = Some(sample);
            }
            Err(_) => self.figures.failed_samples += 1,
        }
        let parts = self.sample.as_ref().and_then(|sample| sample.parts);
        let clients = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
        let row = MonitorRow {
            at: self.now,
            running: self.running,
            idle: clients.saturating_sub(self.running),
            load: self.load().percent(),
            parts: parts.unwrap_or_default(),
        };
        self.history.push(row);
        self.effects.push_back(Effect::RecordMonitorRow(row));
        if !self.stopping {
            self.order_usage();
        }
    }

    fn on_deadlines(&mut self) {
        while let Some(wait) = self.timers.pop_due(self.now) {
            match wait {
                Wait::Start(client) => self.on_no_start(client),
                Wait::Stage(instance) => self.on_stage_overdue(instance),
                Wait::PortCheck(instance) => self.check_port(instance),
                Wait::TakenPort(port) => self.slots.try_again(port),
                Wait::Sample => self.order_sample(),
            }
        }
    }

    fn on_shutdown(&mut self) {
        if self.stopping {
            return;
        }
        self.stopping = true;
        let clients: Vec<ClientId> = self.clients.keys().copied().collect();
        for client in clients {
            let text = "the simulation server is shutting down";
            self.dismiss(client, text, close::TRY_LATER, Reason::Shutdown);
        }
    }

    /// Says once that nothing is left.
    fn finish(&mut self) {
        if self.stopping && !self.finished && self.instances.is_empty() && self.clients.is_empty() {
            self.finished = true;
            self.timers = Timers::new();
            self.effects.push_back(Effect::Finished);
        }
    }
}

/// Close codes (contract, 5; RFC 6455, 7.4.1).
mod close {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const BAD_REQUEST: u16 = 1008;
    pub(super) const OUR_FAILURE: u16 = 1011;
    pub(super) const TRY_LATER: u16 = 1013;
}

impl Machine for SimulationMachine {
    type Input = Input;
    type Effect = Effect;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::ClientConnected { client, host } => self.on_client_connected(client, host),
            Input::ClientSent { client, message } => self.on_client_sent(client, message),
            Input::ClientLeft { client } => self.on_client_left(client, Reason::Left),
            Input::FetchProgressed {
                instance,
                bytes,
                of,
            } => {
                self.on_fetch_progressed(instance, bytes, of);
            }
            Input::ProjectFetched {
                instance,
                workspace,
                result,
            } => {
                self.on_project_fetched(instance, workspace, result);
            }
            Input::Launched { instance, result } => self.on_launched(instance, result),
            Input::Instance { instance, event } => self.on_instance_event(instance, event),
            Input::PortChecked { instance, result } => self.on_port_checked(instance, result),
            Input::ControllerRestored {
                instance,
                file,
                result,
            } => {
                self.on_controller_restored(instance, file, result);
            }
            Input::WorkspaceCleared { instance, result } => {
                self.on_workspace_cleared(instance, result);
            }
            Input::LoadSampled { probe, result } => self.on_load_sampled(probe, result),
            Input::UsageMeasured { usage } => self.on_usage_measured(usage),
            Input::DeadlineReached => self.on_deadlines(),
            Input::ShutdownRequested => self.on_shutdown(),
        }
        self.finish();
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn next_deadline(&self) -> Option<Deadline> {
        self.timers.earliest().map(|(at, wait)| Deadline {
            at,
            why: match wait {
                Wait::Start(_) => "client's start",
                Wait::Stage(_) => "instance's stage",
                Wait::PortCheck(_) => "instance's port",
                Wait::TakenPort(_) => "taken port",
                Wait::Sample => "load sample",
            },
        })
    }
}
