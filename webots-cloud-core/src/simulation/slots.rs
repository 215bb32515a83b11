//! The ports that instances listen on: one slot is one port.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::InstanceId;

/// Every slot is free, taken by one instance, or left alone because a stranger uses its port.
#[derive(Debug)]
pub(super) struct Slots {
    free: BTreeSet<u16>,
    taken: BTreeMap<u16, InstanceId>,
    total: u16,
}

impl Slots {
    /// The `count` ports after `port` (W2.8).
    pub(super) fn after(port: u16, count: u16) -> Self {
        let last = port.saturating_add(count);
        let free: BTreeSet<u16> = (port..=last).skip(1).collect();
        let total = u16::try_from(free.len()).unwrap_or(u16::MAX);
        Self {
            free,
            taken: BTreeMap::new(),
            total,
        }
    }

    pub(super) const fn total(&self) -> u16 {
        self.total
    }

    pub(super) fn free(&self) -> usize {
        self.free.len()
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.len()
    }

    /// The lowest free port, taken for this instance.
    pub(super) fn take(&mut self, instance: InstanceId) -> Option<u16> {
        let port = self.free.pop_first()?;
        self.taken.insert(port, instance);
        Some(port)
    }

    pub(super) fn release(&mut self, port: u16) {
        if self.taken.remove(&port).is_some() {
            self.free.insert(port);
        }
    }

    /// A stranger uses this port: whoever has it gives it up, and nobody gets it.
    pub(super) fn leave_alone(&mut self, port: u16) {
        self.taken.remove(&port);
    }

    /// The stranger may have gone.
    pub(super) fn try_again(&mut self, port: u16) {
        if !self.taken.contains_key(&port) {
            self.free.insert(port);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_the_ports_after_the_servers_own_lowest_first() {
        let mut slots = Slots::after(2000, 2);
        assert_eq!(slots.take(InstanceId(1)), Some(2001));
        assert_eq!(slots.take(InstanceId(2)), Some(2002));
        assert_eq!(slots.take(InstanceId(3)), None);
        slots.release(2001);
        assert_eq!(slots.take(InstanceId(3)), Some(2001));
    }

    #[test]
    fn a_port_that_a_stranger_uses_is_left_alone_until_tried_again() {
        let mut slots = Slots::after(2000, 1);
        assert_eq!(slots.take(InstanceId(1)), Some(2001));
        slots.leave_alone(2001);
        slots.release(2001);
        assert_eq!((slots.take(InstanceId(2)), slots.free()), (None, 0));
        slots.try_again(2001);
        assert_eq!(slots.take(InstanceId(2)), Some(2001));
        slots.try_again(2001);
        assert_eq!(slots.take(InstanceId(3)), None);
    }

    #[test]
    fn the_highest_port_is_the_last_slot() {
        assert_eq!(Slots::after(65_530, 100).total(), 5);
    }
}
