//! A simulation server, as the model has it.

use std::collections::VecDeque;

use webots_cloud_core::load::{Load, LoadSample};

/// A load is the mean of so many milliseconds (contract, 4).
const MEAN_OF: u64 = 5000;

#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) slots: u32,
    pub(super) taken: u32,
    /// How many sessions were ever sent here.
    pub(super) sent: u32,
    load: f64,
    /// What the load was from this moment on; the first is at or before the mean's beginning.
    changes: VecDeque<(u64, f64)>,
}

impl Host {
    pub(super) fn new(slots: u32) -> Self {
        Self {
            slots,
            taken: 0,
            sent: 0,
            load: 0.0,
            changes: VecDeque::from([(0, 0.0)]),
        }
    }

    /// What its simulations use now, percent.
    pub(super) const fn load(&self) -> f64 {
        self.load
    }

    /// A session takes a slot and some of the machine; `false` if there is no slot.
    pub(super) fn takes(&mut self, now: u64, cost: f64) -> bool {
        if self.taken == self.slots {
            return false;
        }
        self.taken += 1;
        self.change(now, cost);
        true
    }

    pub(super) fn frees(&mut self, now: u64, cost: f64) {
        self.taken -= 1;
        self.change(now, -cost);
    }

    fn change(&mut self, now: u64, by: f64) {
        self.load = (self.load + by).max(0.0);
        self.changes.push_back((now, self.load));
        self.forget(now);
    }

    fn forget(&mut self, now: u64) {
        while let Some((at, _)) = self.changes.get(1)
            && at + MEAN_OF <= now
        {
            self.changes.pop_front();
        }
    }

    /// What `/load` answers.
    pub(super) fn sample(&mut self, now: u64) -> LoadSample {
        self.forget(now);
        let load = if self.taken == self.slots {
            Load::FULL
        } else {
            Load::from_percent(self.mean(now)).unwrap_or(Load::FULL)
        };
        LoadSample {
            slots: Some(self.slots),
            ..LoadSample::of(load)
        }
    }

    fn mean(&self, now: u64) -> f64 {
        let since = now.saturating_sub(MEAN_OF);
        let ends = self.changes.iter().skip(1).map(|(at, _)| *at).chain([now]);
        let parts = self.changes.iter().zip(ends);
        let sum: f64 = parts
            .map(|((at, load), end)| (end - (*at).max(since).min(end)) as f64 * load)
            .sum();
        // Sums of floats may end a little below nothing.
        (sum / (now - since).max(1) as f64).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_the_mean_of_five_seconds_and_full_is_full() {
        let mut host = Host::new(2);
        assert!(host.takes(10_000, 20.0));
        assert_eq!(host.sample(11_000).load.percent(), 4.0);
        assert_eq!(host.sample(15_000).load.percent(), 20.0);
        assert!(host.takes(15_000, 20.0) && !host.takes(15_000, 20.0));
        assert_eq!(host.sample(15_000).load, Load::FULL);
        host.frees(16_000, 20.0);
        assert_eq!(host.sample(16_000).load.percent(), 24.0);
        assert_eq!(host.sample(99_000).load.percent(), 20.0);
    }
}
