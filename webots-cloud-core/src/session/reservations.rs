//! What was handed out to one server and cannot be in its load yet.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Timestamp;

/// Reservations are counted in steps of this, so that a flood of requests takes no more memory
/// than a few.
const STEP: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, Default)]
pub(super) struct Reservations {
    /// The first moment of a step, and how many were made in it.
    steps: VecDeque<(Timestamp, u32)>,
    total: u32,
}

impl Reservations {
    pub(super) fn add(&mut self, now: Timestamp) {
        match self.steps.back_mut() {
            Some((since, count)) if now.since(*since) < STEP => *count = count.saturating_add(1),
            Some(_) | None => self.steps.push_back((now, 1)),
        }
        self.total = self.total.saturating_add(1);
    }

    /// Forgets those made before `moment`.
    pub(super) fn forget_before(&mut self, moment: Timestamp) {
        self.forget_while(|since| since < moment);
    }

    /// Forgets those that have lasted for `lifetime`.
    pub(super) fn forget_expired(&mut self, now: Timestamp, lifetime: Duration) {
        self.forget_while(|since| since.after(lifetime) <= now);
    }

    /// When the oldest will have lasted for `lifetime`.
    pub(super) fn first_expiry(&self, lifetime: Duration) -> Option<Timestamp> {
        self.steps.front().map(|(since, _)| since.after(lifetime))
    }

    fn forget_while(&mut self, old: impl Fn(Timestamp) -> bool) {
        while let Some((since, count)) = self.steps.front().copied() {
            if !old(since) {
                break;
            }
            self.steps.pop_front();
            self.total = self.total.saturating_sub(count);
        }
    }

    pub(super) const fn count(&self) -> u32 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_takes_a_few_steps_only_and_is_forgotten() {
        let at = |millis| Timestamp::from_start(Duration::from_millis(millis));
        let mut reservations = Reservations::default();
        for millis in 0..3000 {
            reservations.add(at(millis));
        }
        assert_eq!(reservations.count(), 3000);
        assert!(reservations.steps.len() <= 3, "{:?}", reservations.steps);
        reservations.forget_before(at(1500));
        assert_eq!(reservations.count(), 1000);
        reservations.forget_before(Timestamp::NEVER);
        assert_eq!(reservations.count(), 0);
    }
}
