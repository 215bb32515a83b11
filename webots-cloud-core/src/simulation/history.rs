//! Ten minutes of figures for the graphs, and the rows of `monitor.csv` (W2.15).

use std::collections::VecDeque;

use super::rules::HISTORY;
use crate::load::LoadParts;
use crate::time::Timestamp;

/// One second of a simulation server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MonitorRow {
    /// When.
    pub at: Timestamp,
    /// Instances whose simulation runs.
    pub running: u32,
    /// Clients whose simulation is paused or has not started.
    pub idle: u32,
    /// The load that `/load` answers, percent.
    pub load: f64,
    /// What the machine is doing.
    pub parts: LoadParts,
}

/// The last [`HISTORY`] rows.
#[derive(Clone, Debug, Default)]
pub(super) struct History(VecDeque<MonitorRow>);

impl History {
    pub(super) fn push(&mut self, row: MonitorRow) {
        if self.0.len() == HISTORY {
            self.0.pop_front();
        }
        self.0.push_back(row);
    }

    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &MonitorRow> {
        self.0.iter()
    }
}
