//! How long the simulation machine takes for a whole life of one instance, from the client's
//! connection to the removal of its workspace, while 0, 100 and 1000 others run.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench simulation_machine
//! ```
#![allow(missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use webots_cloud_core::id::{ClientId, InstanceId};
use webots_cloud_core::machine::Machine;
use webots_cloud_core::ports::{Exit, FetchedProject, InstanceEvent, Listening, Workspace};
use webots_cloud_core::protocol::client::{ClientMessage, Init};
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::simulation::{Effect, Input, SimulationMachine, Work};
use webots_cloud_core::testing::rules;
use webots_cloud_core::time::Timestamp;

/// A machine whose work is done at once and always goes well.
struct World {
    machine: SimulationMachine,
    now: Duration,
    clients: u64,
    /// Clients that have their address.
    ready: u64,
    /// Workspaces that were removed.
    cleared: u64,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            machine: SimulationMachine::new(rules(1_001)),
            now: Duration::ZERO,
            clients: 0,
            ready: 0,
            cleared: 0,
        };
        world.drain();
        world
    }

    fn input(&mut self, input: Input) {
        self.machine.handle(Timestamp::from_start(self.now), input);
    }

    /// A client comes and starts a project, up to the address of its instance.
    fn comes(&mut self) -> ClientId {
        self.now += Duration::from_millis(1);
        self.clients += 1;
        let client = ClientId(self.clients);
        let host = Some("localhost:2000".to_owned());
        self.input(Input::ClientConnected { client, host });
        let init = Init {
            host: "https://example.org".to_owned(),
            project: "simple".to_owned(),
            world: "simple.wbt".to_owned(),
            ..Init::default()
        };
        let message = Ok(ClientMessage::Init(Box::new(init)));
        self.input(Input::ClientSent { client, message });
        self.drain();
        client
    }

    /// It leaves, and nothing of it stays.
    fn leaves(&mut self, client: ClientId) {
        self.now += Duration::from_millis(1);
        self.input(Input::ClientLeft { client });
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.machine.poll_effect() {
            match effect {
                Effect::Work(work) => self.work(work),
                Effect::Send { message, .. } => {
                    self.ready += u64::from(matches!(message, ServerMessage::Webots(_)));
                    black_box(message.encode());
                }
                Effect::Close { .. }
                | Effect::Began { .. }
                | Effect::Ended { .. }
                | Effect::RecordMonitorRow(_)
                | Effect::Finished => {}
            }
        }
    }

    fn work(&mut self, work: Work) {
        match work {
            Work::FetchProject(request) => {
                let instance = request.instance;
                let project = FetchedProject {
                    folder: String::new(),
                    world: "worlds/simple.wbt".to_owned(),
                };
                self.input(Input::ProjectFetched {
                    instance,
                    workspace: Some(Workspace {
                        path: PathBuf::from("/instances/1"),
                    }),
                    result: Ok(project),
                });
            }
            Work::Launch { instance, .. } => {
                let result = Ok(());
                self.input(Input::Launched { instance, result });
                self.event(instance, InstanceEvent::Line("open".to_owned()));
            }
            Work::CheckPort { instance, .. } => {
                let result = Ok(Listening::Instance);
                self.input(Input::PortChecked { instance, result });
            }
            Work::Stop { instance, .. } => {
                self.event(instance, InstanceEvent::Ended(Exit::Code(0)));
                self.event(instance, InstanceEvent::Gone);
            }
            Work::ClearWorkspace { instance, .. } => {
                self.cleared += 1;
                let result = Ok(());
                self.input(Input::WorkspaceCleared { instance, result });
            }
            Work::AbandonFetch { .. }
            | Work::RestoreController { .. }
            | Work::SampleLoad { .. }
            | Work::MeasureUsage { .. }
            | Work::Notify(_) => {}
        }
    }

    fn event(&mut self, instance: InstanceId, event: InstanceEvent) {
        self.input(Input::Instance { instance, event });
    }
}

fn whole_life(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("whole life");
    for others in [0, 100, 1000] {
        let mut world = World::new();
        for _ in 0..others {
            world.comes();
        }
        assert_eq!(world.ready, others, "the others run");
        group.bench_function(BenchmarkId::from_parameter(others), |bencher| {
            bencher.iter(|| {
                let client = world.comes();
                world.leaves(client);
            });
        });
        assert_eq!(world.ready, world.clients, "every client got its address");
        assert_eq!(
            world.cleared,
            world.clients - others,
            "every life was whole"
        );
    }
    group.finish();
}

fn one_line(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one line of output");
    for (name, line) in [("heartbeat", "."), ("other", "INFO: controller: starting")] {
        let mut world = World::new();
        world.comes();
        let instances = world.machine.instances();
        let instance = instances.last().expect("an instance").id();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                world.event(instance, InstanceEvent::Line(line.to_owned()));
                world.drain();
            });
        });
    }
    group.finish();
}

criterion_group!(benches, whole_life, one_line);
criterion_main!(benches);
