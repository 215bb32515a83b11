//! What the simulation server's page and metrics show.

use std::time::Duration;

use super::DoorView;
use crate::load::{Gpus, Load, LoadParts};
use crate::simulation::{Instance, MonitorRow, SimulationMachine, SimulationTotals, Stage};

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
    /// Free slots.
    pub free_slots: usize,
    /// What happened since the start.
    pub totals: SimulationTotals,
    /// Ten minutes, oldest first.
    pub history: Vec<MonitorRow>,
    /// How long the server runs.
    pub uptime: Duration,
    /// The server's door, if whoever drives the machine has one.
    pub door: DoorView,
}

/// One instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceView {
    /// Project and world: a stranger's text.
    pub project: String,
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
}

impl SimulationView {
    /// Takes a look.
    pub fn of(machine: &SimulationMachine) -> Self {
        let instance = |instance: &Instance| InstanceView {
            project: instance.project().to_owned(),
            stage: instance.stage(),
            age: machine.now().since(instance.created()),
            port: instance.port(),
            idle: instance.is_idle(),
            stuck: instance.is_stuck(),
        };
        Self {
            load: machine.load(),
            parts: machine
                .sample()
                .and_then(|sample| sample.parts)
                .unwrap_or_default(),
            gpus: machine
                .sample()
                .map_or(Gpus::Absent, |sample| sample.gpus.clone()),
            instances: machine.instances().map(instance).collect(),
            clients: machine.clients(),
            slots: machine.slots(),
            free_slots: machine.free_slots(),
            totals: machine.totals(),
            history: machine.history().copied().collect(),
            uptime: machine.now().since_start(),
            door: DoorView::default(),
        }
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
