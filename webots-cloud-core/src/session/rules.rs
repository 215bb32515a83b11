//! What the session machine goes by.

use std::time::Duration;

use crate::load::Load;

/// How long a session needs until it is fully in its server's load: the browser connects, the
/// project is fetched, Webots starts, and the load is the mean of five seconds (contract, 4).
pub const SETTLING: Duration = Duration::from_secs(10);

/// The numbers of the session server's configuration (contract, section 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionRules {
    /// A server is offered only while its load is below this (`loadThreshold`, 95).
    pub threshold: Load,
    /// From one sample of a server to its next (`loadRefresh`, 5 s).
    pub refresh: Duration,
    /// How long a sample may take (`loadTimeout`, 2 s).
    pub timeout: Duration,
    /// What one session is expected to add to a server's load (`sessionCost`); `None` is 100 / the
    /// server's slots where it tells them, else 5.
    pub session_cost: Option<Load>,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            threshold: Load::from_percent(95.0).unwrap_or(Load::FULL),
            refresh: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            session_cost: None,
        }
    }
}

impl SessionRules {
    /// What one session is expected to cost on a server with so many slots, percent.
    pub(crate) fn cost(&self, slots: Option<u32>) -> f64 {
        match (self.session_cost, slots) {
            (Some(cost), _) => cost.percent(),
            (None, Some(slots)) if slots > 0 => 100.0 / f64::from(slots),
            (None, _) => 5.0,
        }
    }
}
