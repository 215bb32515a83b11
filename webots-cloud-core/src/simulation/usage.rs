//! What instances use, for the monitor page and the metrics.

use std::collections::BTreeMap;

use super::SimulationMachine;
use super::event::Work;
use super::instance::{InFlight, Instance, Stage};
use super::rules::USAGE_PERIOD;
use crate::id::InstanceId;
use crate::ports::InstanceUsage;
use crate::time::Timestamp;

/// When it was asked for last, and whether the answer is still to come: there is one order at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UsageOrder {
    last: Option<Timestamp>,
    in_flight: bool,
}

impl SimulationMachine {
    /// Asks what the instances use that run, if it is time; called with each load sample.
    pub(super) fn order_usage(&mut self) {
        let UsageOrder { last, in_flight } = self.usage;
        let too_soon = last.is_some_and(|last| self.now.since(last) < USAGE_PERIOD);
        if in_flight || too_soon {
            return;
        }
        let running = self.instances.values().filter(|it| it.has_processes());
        let instances: Vec<InstanceId> = running.map(Instance::id).collect();
        if instances.is_empty() {
            return;
        }
        self.usage = UsageOrder {
            last: Some(self.now),
            in_flight: true,
        };
        self.work(Work::MeasureUsage { instances });
    }

    pub(super) fn on_usage_measured(&mut self, mut usage: BTreeMap<InstanceId, InstanceUsage>) {
        self.usage.in_flight = false;
        for (id, instance) in &mut self.instances {
            let told = usage.remove(id);
            // Whoever has ended meanwhile uses nothing.
            instance.usage = told.filter(|_| instance.has_processes());
        }
    }
}

impl Instance {
    fn has_processes(&self) -> bool {
        match self.stage {
            Stage::Loading { .. } | Stage::Running | Stage::Stopping(_) => true,
            Stage::Fetching
            | Stage::Launching
            | Stage::Abandoned(InFlight::Fetch | InFlight::Launch)
            | Stage::Clearing => false,
        }
    }
}
