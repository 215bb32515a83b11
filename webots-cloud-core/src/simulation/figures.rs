//! What became of the simulations since the start, and how long they took: for `/metrics`.

use std::collections::BTreeMap;

use crate::histogram::Histogram;
use crate::ports::Exit;

/// Seconds that a start, or a stage of it, may take.
const START: &[f64] = &[
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0,
];

/// Seconds that an end may take: it is promised within six.
const END: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0];

/// Seconds that a load sample may take.
const SAMPLE: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// How far a simulation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It was refused a slot.
    Nothing,
    /// It was being started.
    Start,
    /// Its client had its address.
    Running,
}

/// Why a simulation ended, or its client got none. Each start has one, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// All slots were taken.
    NoSlot,
    /// Its repository is not admitted.
    NotAdmitted,
    /// The client left.
    Left,
    /// The client said what no client says.
    BadFrame,
    /// The server shut down.
    Shutdown,
    /// The project could not be fetched.
    Project,
    /// It could not be started.
    Launch,
    /// It could not get its port.
    Port,
    /// It ended by itself.
    Ended,
    /// It went over a limit.
    Limit,
    /// It took too long: a stage of its start, or the whole run.
    Time,
}

impl Reached {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Start, Self::Running];

    /// As a label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Start => "start",
            Self::Running => "running",
        }
    }

    /// Why a simulation may end that came so far.
    pub const fn reasons(self) -> &'static [Reason] {
        use Reason as R;
        match self {
            Self::Nothing => &[R::NoSlot, R::NotAdmitted],
            Self::Start => &[
                R::Left,
                R::BadFrame,
                R::Shutdown,
                R::Project,
                R::Launch,
                R::Port,
                R::Ended,
                R::Limit,
                R::Time,
            ],
            Self::Running => &[
                R::Left,
                R::BadFrame,
                R::Shutdown,
                R::Ended,
                R::Limit,
                R::Time,
            ],
        }
    }
}

impl Reason {
    /// As a label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSlot => "no_slot",
            Self::NotAdmitted => "not_admitted",
            Self::Left => "left",
            Self::BadFrame => "bad_frame",
            Self::Shutdown => "shutdown",
            Self::Project => "project",
            Self::Launch => "launch",
            Self::Port => "port",
            Self::Ended => "ended",
            Self::Limit => "limit",
            Self::Time => "time",
        }
    }

    pub(super) const fn of_exit(exit: &Exit) -> Self {
        match exit {
            Exit::Limit(_) => Self::Limit,
            Exit::Code(_) | Exit::Signal(_) | Exit::Unknown => Self::Ended,
        }
    }
}

/// Figures since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationFigures {
    outcomes: BTreeMap<(Reached, Reason), u64>,
    /// Fetching the project.
    pub fetching: Histogram,
    /// Starting the process.
    pub launching: Histogram,
    /// Until it was ready and its port open.
    pub loading: Histogram,
    /// From the client's wish to its address.
    pub start: Histogram,
    /// From the order to end, or the end of the first process, until the slot was free.
    pub end: Histogram,
    /// Taking a load sample.
    pub sample: Histogram,
    /// Load samples that failed.
    pub failed_samples: u64,
    /// Bytes of projects that fetchers told of.
    pub fetched_bytes: u64,
    /// Notices for the administrator, by their kind.
    pub notices: BTreeMap<&'static str, u64>,
}

impl Default for SimulationFigures {
    fn default() -> Self {
        Self {
            outcomes: BTreeMap::new(),
            fetching: Histogram::new(START),
            launching: Histogram::new(START),
            loading: Histogram::new(START),
            start: Histogram::new(START),
            end: Histogram::new(END),
            sample: Histogram::new(SAMPLE),
            failed_samples: 0,
            fetched_bytes: 0,
            notices: BTreeMap::new(),
        }
    }
}

impl SimulationFigures {
    /// How many came so far and ended for this reason.
    pub fn outcome(&self, reached: Reached, reason: Reason) -> u64 {
        let count = self.outcomes.get(&(reached, reason));
        count.copied().unwrap_or_default()
    }

    /// Every combination that there is, with how many had it.
    pub fn outcomes(&self) -> impl Iterator<Item = (Reached, Reason, u64)> {
        let with_reasons = |it: Reached| it.reasons().iter().map(move |reason| (it, *reason));
        let all = Reached::ALL.into_iter().flat_map(with_reasons);
        all.map(|(reached, reason)| (reached, reason, self.outcome(reached, reason)))
    }

    pub(super) fn count(&mut self, reached: Reached, reason: Reason) {
        *self.outcomes.entry((reached, reason)).or_default() += 1;
    }
}
