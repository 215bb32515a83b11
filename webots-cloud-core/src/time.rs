//! Time as a value: what a machine knows of the clock.

use std::fmt;
use std::time::Duration;

/// A moment, as the time since the driver started the machine.
///
/// It is a value of its own and not `std::time::Instant`, so that a run can be written down,
/// replayed and shrunk. All sums saturate: there is no moment that panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(Duration);

impl Timestamp {
    /// The moment at which the driver started the machine.
    pub const START: Self = Self(Duration::ZERO);
    /// A moment that never comes.
    pub const NEVER: Self = Self(Duration::MAX);

    /// The moment `elapsed` after the start.
    pub const fn from_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How long after the start this is.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `duration` more, at most [`Timestamp::NEVER`].
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.0.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_saturate_instead_of_panicking() {
        assert_eq!(
            Timestamp::NEVER.after(Duration::from_secs(1)),
            Timestamp::NEVER
        );
        assert_eq!(Timestamp::START.since(Timestamp::NEVER), Duration::ZERO);
    }
}
