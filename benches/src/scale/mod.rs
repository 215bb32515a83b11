//! Scale on paper, made executable: session machines, simulation servers and clients in virtual time.
//!
//! The session machine is the one that serves; everything around it is a model, which the report
//! describes. The same seed makes the same report.

mod arrivals;
mod host;
mod outcome;
mod placements;
mod random;
pub mod report;
mod run;
mod world;

use std::time::Duration;

pub use placements::Choice;
use webots_cloud_core::load::Load;

/// Which simulation servers there are.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    /// How many.
    pub hosts: u32,
    /// Whether half of them have 20 slots and half 40, instead of 30 each.
    pub mixed: bool,
    /// The least and the greatest share of a host's slots that is taken before anybody comes.
    pub taken: (f64, f64),
}

/// Who comes when. Milliseconds from the moment at which all session servers are open.
#[derive(Clone, Copy, Debug)]
pub enum Arrivals {
    /// So many within this time, at random moments.
    Within(u32, u64),
    /// So many over the hours from 7 to 19, as pupils, students and people with an evening come.
    Day(u32),
}

/// How the session servers go about it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// How a server is chosen.
    pub choice: Choice,
    /// From sample to sample (`loadRefresh`).
    pub refresh: Duration,
    /// What a reservation counts, in multiples of 100 / slots; `None` is the default, which is 1.
    pub cost: Option<Load>,
    /// How many session servers that do not know of each other.
    pub servers: u32,
}

impl Way {
    /// One session server with the default configuration, but this choice.
    pub const fn of(choice: Choice) -> Self {
        Self {
            choice,
            refresh: Duration::from_secs(5),
            cost: None,
            servers: 1,
        }
    }
}
