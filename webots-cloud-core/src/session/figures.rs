//! What happened since the start, and how long it took: for `/metrics`.

use std::collections::BTreeMap;

use crate::histogram::Histogram;

/// Seconds that an answer of a simulation server may take.
const PROBE: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0,
];

/// Figures since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionFigures {
    /// From the question for a load to the answer, or to that there is none.
    pub probe: Histogram,
    /// Answers that did not come in time.
    pub late: u64,
    /// Notices for the administrator, by their kind.
    pub notices: BTreeMap<&'static str, u64>,
}

impl Default for SessionFigures {
    fn default() -> Self {
        Self {
            probe: Histogram::new(PROBE),
            late: 0,
            notices: BTreeMap::new(),
        }
    }
}
