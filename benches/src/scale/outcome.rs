//! What came of a run.

use super::host::Host;

/// Counts and distributions of one run, or of several.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) asked: u32,
    pub(super) started: u32,
    /// Refused, and there was no place anywhere.
    pub(super) no_place: u32,
    /// Refused by a session server although a place was free.
    pub(super) kept_out: u32,
    /// Sent to a simulation server without a free slot, although another had one.
    pub(super) misled: u32,
    /// How often a session server's availability changed.
    pub(super) changes: u32,
    pub(super) looks: Vec<Look>,
    /// Sessions sent to each host, of the last run.
    pub(super) sent: Vec<u32>,
}

/// The loads of all hosts at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) at: u64,
    /// The standard deviation of the loads, percentage points.
    pub(super) spread: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Look {
    pub(super) fn of(at: u64, hosts: &[Host]) -> Self {
        let loads = || hosts.iter().map(Host::load);
        let count = hosts.len().max(1) as f64;
        let mean = loads().sum::<f64>() / count;
        let square = loads()
            .map(|load| (load - mean) * (load - mean))
            .sum::<f64>();
        Self {
            at,
            spread: (square / count).sqrt(),
            least: loads().fold(f64::INFINITY, f64::min),
            most: loads().fold(0.0, f64::max),
        }
    }
}

impl Outcome {
    /// This run and another.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.asked += other.asked;
        self.started += other.started;
        self.no_place += other.no_place;
        self.kept_out += other.kept_out;
        self.misled += other.misled;
        self.changes += other.changes;
        self.looks.extend(other.looks);
        self.sent = other.sent;
        self
    }

    /// Refused although a place was free, in percent of those who asked.
    pub(super) fn wronged(&self) -> f64 {
        let wronged = self.kept_out + self.misled;
        f64::from(wronged) / f64::from(self.asked.max(1)) * 100.0
    }

    /// The mean of the looks.
    pub(super) fn mean(&self, of: impl Fn(&Look) -> f64) -> f64 {
        self.looks.iter().map(of).sum::<f64>() / self.looks.len().max(1) as f64
    }
}
