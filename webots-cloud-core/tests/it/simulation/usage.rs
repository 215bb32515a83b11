//! What instances use.

use std::collections::BTreeMap;
use std::time::Duration;

use webots_cloud_core::id::{ClientId, InstanceId};
use webots_cloud_core::load::{Gpu, GpuProcess, Gpus, Load, LoadSample};
use webots_cloud_core::machine::Machine;
use webots_cloud_core::ports::{FetchedProject, InstanceEvent, InstanceUsage, Workspace};
use webots_cloud_core::simulation::{Effect, Input, SimulationMachine, USAGE_PERIOD, Work};
use webots_cloud_core::testing::rules;
use webots_cloud_core::time::Timestamp;
use webots_cloud_core::web::view::{SimulationView, UsageView};

use super::{FIRST, file_start};

/// A machine whose time passes second by second, and what it asks for meanwhile.
struct Watched {
    machine: SimulationMachine,
    second: u64,
    asked: Vec<(u64, Vec<InstanceId>)>,
}

impl Watched {
    fn new() -> Self {
        Self {
            machine: SimulationMachine::new(rules(2)),
            second: 0,
            asked: Vec::new(),
        }
    }

    fn input(&mut self, input: Input) {
        let now = Timestamp::from_start(Duration::from_secs(self.second));
        self.machine.handle(now, input);
    }

    /// Each second has its load sample, in which a process of the first instance uses a GPU.
    fn pass(&mut self, seconds: u64) {
        let gpu = Gpu {
            processes: Some(vec![GpuProcess {
                process: 71,
                memory: 5,
            }]),
            ..Gpu::default()
        };
        for _ in 0..seconds {
            self.second += 1;
            self.input(Input::DeadlineReached);
            while let Some(effect) = self.machine.poll_effect() {
                match effect {
                    Effect::Work(Work::SampleLoad { probe }) => {
                        let result = Ok(LoadSample {
                            gpus: Gpus::Present(vec![gpu.clone()]),
                            ..LoadSample::of(Load::IDLE)
                        });
                        self.input(Input::LoadSampled { probe, result });
                    }
                    Effect::Work(Work::MeasureUsage { instances }) => {
                        self.asked.push((self.second, instances));
                    }
                    Effect::Work(_)
                    | Effect::Send { .. }
                    | Effect::Close { .. }
                    | Effect::Began { .. }
                    | Effect::Ended { .. }
                    | Effect::RecordMonitorRow(_)
                    | Effect::Finished => {}
                }
            }
        }
    }

    fn start(&mut self) {
        let (client, instance) = (ClientId(1), FIRST);
        self.input(Input::ClientConnected { client, host: None });
        self.input(Input::ClientSent {
            client,
            message: Ok(file_start()),
        });
        let path = "/instances/1".into();
        self.input(Input::ProjectFetched {
            instance,
            workspace: Some(Workspace { path }),
            result: Ok(FetchedProject {
                folder: String::new(),
                world: "w.wbt".to_owned(),
            }),
        });
        self.input(Input::Launched {
            instance,
            result: Ok(()),
        });
    }

    fn answer(&mut self) {
        let used = InstanceUsage {
            cpu: 12.5,
            memory: 4096,
            processes: vec![70, 71],
        };
        let usage = BTreeMap::from([(FIRST, used.clone()), (InstanceId(99), used)]);
        self.input(Input::UsageMeasured { usage });
    }
}

#[test]
fn it_is_asked_for_every_few_seconds_while_something_runs_one_question_at_a_time() {
    let mut watched = Watched::new();
    watched.pass(20);
    assert_eq!(watched.asked, [], "nothing runs");
    watched.start();
    watched.pass(30);
    assert_eq!(watched.asked, [(21, vec![FIRST])], "the answer is awaited");
    watched.answer();
    watched.pass(2 * USAGE_PERIOD.as_secs());
    assert_eq!(watched.asked.len(), 2);
    watched.answer();
    watched.pass(1);
    assert_eq!(
        watched.asked.len(),
        3,
        "it is more than a period after the last question"
    );
    watched.answer();
    watched.pass(USAGE_PERIOD.as_secs() - 1);
    assert_eq!(watched.asked.len(), 3, "too soon");
    watched.pass(1);
    assert_eq!(watched.asked.len(), 4);
}

#[test]
fn it_is_shown_with_the_memory_on_gpus_until_the_instance_is_gone() {
    let mut watched = Watched::new();
    watched.start();
    watched.pass(1);
    let shown = |watched: &Watched| SimulationView::of(&watched.machine).instances[0].usage;
    assert_eq!(shown(&watched), None);
    watched.answer();
    let usage = UsageView {
        cpu: 12.5,
        memory: 4096,
        gpu_memory: Some(5),
    };
    assert_eq!(shown(&watched), Some(usage));
    watched.input(Input::Instance {
        instance: FIRST,
        event: InstanceEvent::Gone,
    });
    watched.answer();
    assert_eq!(shown(&watched), None, "its workspace is being removed");
}
