//! What the simulation server's page and metrics show.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DoorView, ProgramView};
use crate::id::InstanceId;
use crate::load::{Gpus, Load, LoadParts};
use crate::ports::{CacheFigures, InstanceUsage};
use crate::simulation::{
    Instance, MonitorRow, Project, SimulationFigures, SimulationMachine, SimulationTotals, Stage,
};

/// What the monitor page and the metrics show, taken out of the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationView {
    /// What `/load` answers.
    pub load: Load,
    /// What it is made of.
    pub parts: LoadParts,
    /// The machine's GPUs.
    pub gpus: Gpus,
    /// The instances.
    pub instances: Vec<InstanceView>,
    /// Open `/client` sockets.
    pub clients: usize,
    /// All slots.
    pub slots: u16,
    /// Slots that an instance has; the rest is free, or a stranger uses its port.
    pub taken_slots: usize,
    /// Free slots.
    pub free_slots: usize,
    /// What happened since the start.
    pub totals: SimulationTotals,
    /// Rows for the graphs, oldest first: those that the page does not have yet.
    pub history: Vec<MonitorRow>,
    /// The same by reason, and how long it took.
    pub figures: SimulationFigures,
    /// How long the server runs.
    pub uptime: Duration,
    /// The server's door, if whoever drives the machine has one.
    pub door: DoorView,
    /// The server's program, likewise.
    pub program: ProgramView,
    /// The fetchers' cache, likewise.
    pub cache: CacheFigures,
}

/// One instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceView {
    /// Its name.
    pub id: InstanceId,
    /// What its client asked for.
    pub project: Project,
    /// Where it is in its life.
    pub stage: Stage,
    /// Its age.
    pub age: Duration,
    /// Its port.
    pub port: Option<u16>,
    /// Whether its simulation is paused.
    pub idle: bool,
    /// Whether its processes could not be ended in time.
    pub stuck: bool,
    /// What it uses, if that is known.
    pub usage: Option<UsageView>,
}

impl SimulationView {
    /// Takes a look, without rows for the graphs.
    pub fn of(machine: &SimulationMachine) -> Self {
        let gpus = machine
            .sample()
            .map_or(Gpus::Absent, |sample| sample.gpus.clone());
        let on_gpus = gpus.memory_of_processes();
        let instance = |instance: &Instance| InstanceView {
            id: instance.id(),
            project: instance.project().clone(),
            stage: instance.stage(),
            age: machine.now().since(instance.created()),
            port: instance.port(),
            idle: instance.is_idle(),
            stuck: instance.is_stuck(),
            usage: instance
                .usage()
                .map(|usage| UsageView::of(usage, on_gpus.as_ref())),
        };
        Self {
            load: machine.load(),
            parts: machine
                .sample()
                .and_then(|sample| sample.parts)
                .unwrap_or_default(),
            instances: machine.instances().map(instance).collect(),
            gpus,
            clients: machine.clients(),
            slots: machine.slots(),
            taken_slots: machine.taken_slots(),
            free_slots: machine.free_slots(),
            totals: machine.totals(),
            figures: machine.figures().clone(),
            history: Vec::new(),
            uptime: machine.now().since_start(),
            door: DoorView::default(),
            program: ProgramView::default(),
            cache: CacheFigures::default(),
        }
    }
}

/// What one instance uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UsageView {
    /// Percent of one processor.
    pub cpu: f64,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of GPU memory, where a driver tells of processes.
    pub gpu_memory: Option<u64>,
}

impl UsageView {
    fn of(usage: &InstanceUsage, on_gpus: Option<&BTreeMap<u32, u64>>) -> Self {
        let sum = |all: &BTreeMap<u32, u64>| {
            let own = usage.processes.iter().filter_map(|it| all.get(it));
            own.fold(0, |sum: u64, bytes| sum.saturating_add(*bytes))
        };
        Self {
            cpu: usage.cpu,
            memory: usage.memory,
            gpu_memory: on_gpus.map(sum),
        }
    }
}

/// The names of the stages of an instance's life, in its order: [`InstanceView::state`].
const STATES: [&str; 8] = [
    "fetching",
    "launching",
    "loading",
    "running",
    "abandoned",
    "stopping",
    "stuck",
    "clearing",
];

impl SimulationView {
    /// How many instances are in each stage of their life, in its order.
    pub fn states(&self) -> [(&'static str, usize); STATES.len()] {
        let mut states = STATES.map(|state| (state, 0));
        for instance in &self.instances {
            let state = instance.state();
            let place = states.iter_mut().find(|(name, _)| *name == state);
            if let Some((_, count)) = place {
                *count += 1;
            }
        }
        states
    }
}

impl InstanceView {
    /// The name of the stage, for people and labels.
    pub const fn state(&self) -> &'static str {
        match self.stage {
            Stage::Fetching => "fetching",
            Stage::Launching => "launching",
            Stage::Loading { .. } => "loading",
            Stage::Running => "running",
            Stage::Abandoned(_) => "abandoned",
            Stage::Stopping(_) if self.stuck => "stuck",
            Stage::Stopping(_) => "stopping",
            Stage::Clearing => "clearing",
        }
    }
}

/// What the simulation server has besides its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimulationSite {
    /// The page's title (`title`).
    pub title: Option<String>,
    /// A paragraph below it (`description`).
    pub description: Option<String>,
    /// The machine: name, operating system, processor, memory.
    pub host: String,
    /// The sandbox in force.
    pub sandbox: String,
}
