//! The ways to choose that are compared.

use webots_cloud_core::id::ServerId;
use webots_cloud_core::load::Load;
use webots_cloud_core::session::{FreeServers, LeastExpected, Placement};

use super::random::Random;

/// A way to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The least load of the last sample, as the Python servers do.
    LeastLoad,
    /// The least expected load: the sample and what was handed out since.
    LeastExpected,
    /// The less loaded of two that are drawn, by the last sample.
    BestOfTwoByLoad,
    /// The less loaded of two that are drawn, by expected load.
    BestOfTwo,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::LeastLoad,
        Self::LeastExpected,
        Self::BestOfTwoByLoad,
        Self::BestOfTwo,
    ];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LeastLoad => "least load",
            Self::LeastExpected => "least expected load",
            Self::BestOfTwoByLoad => "best of two, by load",
            Self::BestOfTwo => "best of two, by expected load",
        }
    }

    /// Without reservations, one costs nothing.
    pub(super) const fn cost(self) -> Option<Load> {
        match self {
            Self::LeastLoad | Self::BestOfTwoByLoad => Some(Load::IDLE),
            Self::LeastExpected | Self::BestOfTwo => None,
        }
    }

    pub(super) fn placement(self, seed: u64) -> Box<dyn Placement> {
        match self {
            Self::LeastLoad | Self::LeastExpected => Box::new(LeastExpected),
            Self::BestOfTwoByLoad | Self::BestOfTwo => Box::new(BestOfTwo(Random::seeded(seed))),
        }
    }
}

#[derive(Debug)]
struct BestOfTwo(Random);

impl Placement for BestOfTwo {
    fn choose(&mut self, free: &FreeServers) -> Option<ServerId> {
        let mut draw = || free.nth(self.0.below(free.len()));
        let (one, other) = (draw()?, draw()?);
        let of = |server| free.expected(server).map(Load::percent);
        Some(if of(other) < of(one) { other } else { one })
    }
}
