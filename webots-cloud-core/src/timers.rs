//! The moments at which a machine wants to be woken, each under a name.

use std::collections::{BTreeMap, BTreeSet};

use crate::time::Timestamp;

/// At most one moment for each key; setting, cancelling and asking for the earliest are
/// logarithmic, so a thousand waiting instances cost no scan.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    by_key: BTreeMap<K, Timestamp>,
    by_time: BTreeSet<(Timestamp, K)>,
}

impl<K: Ord + Copy> Timers<K> {
    pub(crate) const fn new() -> Self {
        Self {
            by_key: BTreeMap::new(),
            by_time: BTreeSet::new(),
        }
    }

    /// Sets the moment for `key`, instead of the one it had.
    pub(crate) fn set(&mut self, key: K, at: Timestamp) {
        if let Some(before) = self.by_key.insert(key, at) {
            self.by_time.remove(&(before, key));
        }
        self.by_time.insert((at, key));
    }

    pub(crate) fn cancel(&mut self, key: K) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
        }
    }

    pub(crate) fn earliest(&self) -> Option<(Timestamp, K)> {
        self.by_time.first().copied()
    }

    /// Takes the earliest key whose moment has come.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        let (at, key) = self.earliest()?;
        if at > now {
            return None;
        }
        self.cancel(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_set_again_has_only_its_new_moment() {
        let at = |seconds| Timestamp::from_start(Duration::from_secs(seconds));
        let mut timers = Timers::new();
        timers.set("a", at(1));
        timers.set("b", at(2));
        timers.set("a", at(3));
        assert_eq!(timers.pop_due(at(1)), None);
        assert_eq!(timers.pop_due(at(9)), Some("b"));
        assert_eq!(timers.pop_due(at(9)), Some("a"));
        assert_eq!(timers.earliest(), None);
    }
}
