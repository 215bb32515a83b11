//! A simulation machine with its clients, projects, processes and folders.

mod client_view;
mod orders;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

pub use client_view::ClientView;
pub use rules::rules;

use super::clock;
use crate::id::{ClientId, InstanceId};
use crate::machine::Machine;
use crate::ports::{
    Exit, FetchedProject, InstanceEvent, Listening, Notice, PortError, Stop, Workspace,
};
use crate::protocol::client::{ClientMessage, Init};
use crate::simulation::{Input, SimulationMachine, SimulationRules};
use crate::time::Timestamp;

/// A process tree.
#[derive(Clone, Debug)]
struct Process {
    port: u16,
    answered: bool,
    ended: bool,
    asked: Option<Stop>,
}

/// A simulation machine and all that it believes in.
#[derive(Debug)]
pub struct SimulationWorld {
    machine: SimulationMachine,
    now: Timestamp,
    next_client: u64,
    clients: BTreeMap<ClientId, ClientView>,
    begun: BTreeSet<InstanceId>,
    fetches: BTreeSet<InstanceId>,
    abandoned: BTreeSet<InstanceId>,
    launches: BTreeMap<InstanceId, u16>,
    processes: BTreeMap<InstanceId, Process>,
    checks: BTreeSet<InstanceId>,
    clearings: BTreeSet<InstanceId>,
    workspaces: BTreeSet<InstanceId>,
    notices: Vec<Notice>,
    commands: BTreeMap<InstanceId, Vec<String>>,
    finished: bool,
    load: f64,
    trace: Vec<String>,
}

impl SimulationWorld {
    /// A world at its start.
    pub fn new(rules: SimulationRules) -> Self {
        let mut world = Self {
            machine: SimulationMachine::new(rules),
            now: Timestamp::START,
            next_client: 0,
            clients: BTreeMap::new(),
            begun: BTreeSet::new(),
            fetches: BTreeSet::new(),
            abandoned: BTreeSet::new(),
            launches: BTreeMap::new(),
            processes: BTreeMap::new(),
            checks: BTreeSet::new(),
            clearings: BTreeSet::new(),
            workspaces: BTreeSet::new(),
            notices: Vec::new(),
            commands: BTreeMap::new(),
            finished: false,
            load: 0.0,
            trace: Vec::new(),
        };
        world.drain();
        world
    }

    /// The machine, to look at.
    pub const fn machine(&self) -> &SimulationMachine {
        &self.machine
    }

    /// The time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Every effect so far, as text.
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    /// What a client got.
    ///
    /// # Panics
    /// If there never was such a client.
    pub fn client(&self, client: ClientId) -> &ClientView {
        &self.clients[&client]
    }

    /// All clients that ever were.
    pub fn clients(&self) -> impl Iterator<Item = (ClientId, &ClientView)> {
        self.clients.iter().map(|(id, view)| (*id, view))
    }

    /// Instances whose project is on the way.
    pub fn fetching(&self) -> Vec<InstanceId> {
        self.fetches.iter().copied().collect()
    }

    /// Whether the machine lost interest in this instance's project.
    pub fn is_abandoned(&self, instance: InstanceId) -> bool {
        self.abandoned.contains(&instance)
    }

    /// Instances that are being started.
    pub fn launching(&self) -> Vec<InstanceId> {
        self.launches.keys().copied().collect()
    }

    /// Instances with processes.
    pub fn processes(&self) -> Vec<InstanceId> {
        self.processes.keys().copied().collect()
    }

    /// Instances whose port is being looked at.
    pub fn checking(&self) -> Vec<InstanceId> {
        self.checks.iter().copied().collect()
    }

    /// Instances whose workspace is being removed.
    pub fn clearing(&self) -> Vec<InstanceId> {
        self.clearings.iter().copied().collect()
    }

    /// Instances with a workspace.
    pub fn workspaces(&self) -> Vec<InstanceId> {
        self.workspaces.iter().copied().collect()
    }

    /// How an instance was asked to end, if it was.
    pub fn asked_to_stop(&self, instance: InstanceId) -> Option<Stop> {
        self.processes.get(&instance)?.asked
    }

    /// The command line that an instance was launched with.
    pub fn command(&self, instance: InstanceId) -> &[String] {
        self.commands.get(&instance).map_or(&[], Vec::as_slice)
    }

    /// What the administrator heard, and forgets it.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Whether the machine said that nothing is left.
    pub const fn is_finished(&self) -> bool {
        self.finished
    }

    /// From now on the machine measures this load, percent.
    pub fn set_load(&mut self, percent: f64) {
        self.load = percent;
    }

    /// A client opens `/client`.
    pub fn connect(&mut self) -> ClientId {
        self.next_client += 1;
        let client = ClientId(self.next_client);
        self.clients.insert(client, ClientView::default());
        let host = Some("localhost:2000".to_owned());
        self.input(Input::ClientConnected { client, host });
        client
    }

    /// A client sends a frame.
    pub fn send(&mut self, client: ClientId, message: ClientMessage) {
        self.input(Input::ClientSent {
            client,
            message: Ok(message),
        });
    }

    /// A client comes and starts a project of the website.
    pub fn start(&mut self) -> ClientId {
        let client = self.connect();
        self.send(client, ClientMessage::Init(Box::new(init())));
        client
    }

    /// A client's socket is closed or broken.
    pub fn leave(&mut self, client: ClientId) {
        if let Some(view) = self.clients.get_mut(&client) {
            view.left = true;
        }
        self.input(Input::ClientLeft { client });
    }

    /// A project has come, or not.
    ///
    /// # Panics
    /// If nobody ordered it.
    pub fn fetched(&mut self, instance: InstanceId, result: Result<(), PortError>) {
        assert!(
            self.fetches.remove(&instance),
            "{instance} is not being fetched"
        );
        self.workspaces.insert(instance);
        let workspace = Some(workspace(instance));
        let result = result.map(|()| FetchedProject {
            folder: String::new(),
            world: "worlds/w.wbt".to_owned(),
        });
        self.input(Input::ProjectFetched {
            instance,
            workspace,
            result,
        });
    }

    /// The launcher started an instance, or not. The process may have spoken and ended before.
    ///
    /// # Panics
    /// If nobody ordered it.
    pub fn launched(&mut self, instance: InstanceId, result: Result<(), PortError>) {
        let port = self.launches.remove(&instance).expect("a launch under way");
        if result.is_ok() {
            self.run(instance, port);
            if let Some(process) = self.processes.get_mut(&instance) {
                process.answered = true;
            }
        }
        self.input(Input::Launched { instance, result });
    }

    fn run(&mut self, instance: InstanceId, port: u16) {
        let process = Process {
            port,
            answered: false,
            ended: false,
            asked: None,
        };
        for (other, there) in &self.processes {
            assert!(
                *other == instance || there.port != port,
                "{other} and {instance} on {port}"
            );
        }
        self.processes.entry(instance).or_insert(process);
    }

    /// A process prints a line; nothing happens if there is no such process.
    pub fn line(&mut self, instance: InstanceId, line: &str) {
        self.speak_early(instance);
        if self
            .processes
            .get(&instance)
            .is_some_and(|process| !process.ended)
        {
            let event = InstanceEvent::Line(line.to_owned());
            self.input(Input::Instance { instance, event });
        }
    }

    /// The first process ends; others of its tree may still be there.
    pub fn end(&mut self, instance: InstanceId, exit: Exit) {
        self.speak_early(instance);
        if let Some(process) = self
            .processes
            .get_mut(&instance)
            .filter(|process| !process.ended)
        {
            process.ended = true;
            self.input(Input::Instance {
                instance,
                event: InstanceEvent::Ended(exit),
            });
        }
    }

    /// The process tree is gone. Not before the launcher answered, as launchers promise.
    pub fn gone(&mut self, instance: InstanceId) {
        self.end(instance, Exit::Signal(9));
        if self
            .processes
            .get(&instance)
            .is_some_and(|process| process.answered)
        {
            self.processes.remove(&instance);
            self.input(Input::Instance {
                instance,
                event: InstanceEvent::Gone,
            });
        }
    }

    /// A process may run before the launcher says so.
    fn speak_early(&mut self, instance: InstanceId) {
        if let Some(port) = self.launches.get(&instance).copied() {
            self.run(instance, port);
        }
    }

    /// Somebody looked at an instance's port.
    pub fn port_checked(&mut self, instance: InstanceId, listening: Listening) {
        if self.checks.remove(&instance) {
            self.input(Input::PortChecked {
                instance,
                result: Ok(listening),
            });
        }
    }

    /// A workspace was removed, or not.
    pub fn cleared(&mut self, instance: InstanceId, result: Result<(), PortError>) {
        if self.clearings.remove(&instance) {
            self.workspaces.remove(&instance);
            self.input(Input::WorkspaceCleared { instance, result });
        }
    }

    /// Everything that is under way goes well, again and again, until nothing is: projects come,
    /// instances start, say `open` and listen, those that are told to end are gone, workspaces are
    /// removed.
    pub fn settle(&mut self) {
        for _ in 0..100 {
            let before = self.trace.len();
            for instance in self.fetching() {
                self.fetched(instance, Ok(()));
            }
            for instance in self.launching() {
                self.launched(instance, Ok(()));
                self.line(instance, "open");
            }
            for instance in self.checking() {
                self.port_checked(instance, Listening::Instance);
            }
            for instance in self.processes() {
                if self.asked_to_stop(instance).is_some() {
                    self.gone(instance);
                }
            }
            for instance in self.clearing() {
                self.cleared(instance, Ok(()));
            }
            if self.trace.len() == before {
                return;
            }
        }
        panic!("the world does not settle");
    }

    /// The server is told to end.
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
}

fn workspace(instance: InstanceId) -> Workspace {
    Workspace {
        path: PathBuf::from(format!("/instances/{instance}")),
    }
}

/// What a stock client of 2019 sends.
fn init() -> Init {
    Init {
        host: "https://example.org".to_owned(),
        project: "simple".to_owned(),
        world: "simple.wbt".to_owned(),
        ..Init::default()
    }
}
