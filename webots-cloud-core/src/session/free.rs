//! The free servers, in the order of what is expected of them.

use std::collections::BTreeSet;

use crate::id::ServerId;
use crate::load::Load;

/// The servers that may be offered now. Each question is answered without looking at all of them.
#[derive(Debug, Default)]
pub struct FreeServers {
    by_load: BTreeSet<(Bits, ServerId)>,
    /// In no particular order, to be drawn from.
    drawn: Vec<ServerId>,
    /// By server.
    listed: Vec<Option<Listed>>,
}

/// Loads are finite numbers from 0 up, which are in the order of their bits.
type Bits = u64;

#[derive(Clone, Copy, Debug)]
struct Listed {
    bits: Bits,
    /// The place in `drawn`.
    place: usize,
}

impl FreeServers {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.drawn.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.drawn.is_empty()
    }

    /// The one with the least expected load, the earlier entry of two that are equal.
    pub fn least(&self) -> Option<ServerId> {
        self.by_load.first().map(|(_, server)| *server)
    }

    /// One of them, by a number below [`len`](Self::len), in no particular order: for placements
    /// that draw lots.
    pub fn nth(&self, number: usize) -> Option<ServerId> {
        self.drawn.get(number).copied()
    }

    /// The load to be expected of a server once everybody who was sent there has arrived; `None` if
    /// it is not free.
    pub fn expected(&self, server: ServerId) -> Option<Load> {
        let listed = self.listed.get(index(server)?).copied().flatten()?;
        Load::from_percent(f64::from_bits(listed.bits))
    }

    /// Lists a server with what is now expected of it; `None` takes it off the list.
    pub(super) fn list(&mut self, server: ServerId, expected: Option<Load>) {
        let Some(at) = index(server) else {
            return;
        };
        if self.listed.len() <= at {
            self.listed.resize(at + 1, None);
        }
        let before = self.listed.get(at).copied().flatten();
        if let Some(before) = before {
            self.by_load.remove(&(before.bits, server));
        }
        let now = match (before, expected.map(|load| load.percent().to_bits())) {
            (Some(Listed { place, .. }), Some(bits)) => Some(Listed { bits, place }),
            (None, Some(bits)) => {
                self.drawn.push(server);
                let place = self.drawn.len() - 1;
                Some(Listed { bits, place })
            }
            (Some(Listed { place, .. }), None) => {
                self.drawn.swap_remove(place);
                self.moved(place);
                None
            }
            (None, None) => None,
        };
        if let Some(now) = now {
            self.by_load.insert((now.bits, server));
        }
        if let Some(listed) = self.listed.get_mut(at) {
            *listed = now;
        }
    }

    /// Whoever is at `place` now was somewhere else before.
    fn moved(&mut self, place: usize) {
        let server = self.drawn.get(place).and_then(|server| index(*server));
        if let Some(Some(listed)) = server.and_then(|at| self.listed.get_mut(at)) {
            listed.place = place;
        }
    }
}

fn index(server: ServerId) -> Option<usize> {
    usize::try_from(server.0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_listed_once_wherever_it_is_looked_for() {
        let mut free = FreeServers::default();
        let load = Load::from_percent;
        for (server, percent) in [(0, 30.0), (1, 10.0), (2, 20.0), (1, 40.0), (3, 20.0)] {
            free.list(ServerId(server), load(percent));
        }
        assert_eq!((free.len(), free.least()), (4, Some(ServerId(2))));
        free.list(ServerId(2), None);
        free.list(ServerId(0), None);
        free.list(ServerId(0), None);
        assert_eq!(free.least(), Some(ServerId(3)));
        assert_eq!(free.expected(ServerId(1)), load(40.0));
        assert_eq!(free.expected(ServerId(2)), None);
        let drawn: BTreeSet<_> = (0..3).filter_map(|number| free.nth(number)).collect();
        assert_eq!(drawn, BTreeSet::from([ServerId(1), ServerId(3)]));
    }
}
