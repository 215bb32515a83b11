use sysinfo::{NetworkData, Networks};

use super::bounded;

/// The capacity of a network whose cards do not tell: one gigabit a second, in MB/s.
pub const DEFAULT_CAPACITY: f64 = 125.0;

/// Bits a second in one MB/s.
const BITS: f64 = 8e6;

/// Bytes in one MB.
const MEGA: f64 = 1e6;

/// Interfaces whose traffic never leaves the machine, or is counted at the card as well.
const INNER: [&str; 5] = ["ifb", "veth", "docker", "virbr", "br-"];

/// The machine's network cards.
#[derive(Debug)]
pub(super) struct Network {
    cards: Networks,
    capacity: f64,
}

/// What went over the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Traffic {
    /// MB/s.
    pub(super) sent: f64,
    /// MB/s.
    pub(super) received: f64,
    /// The busier direction, of the capacity.
    pub(super) percent: f64,
}

impl Network {
    pub(super) fn new(capacity: Option<f64>) -> Result<Self, sysinfo::Error> {
        let cards = Networks::new_with_refreshed_list()?;
        let given = capacity.filter(|capacity| capacity.is_finite() && *capacity > 0.0);
        let capacity = given
            .or_else(|| fastest(outer(&cards).filter_map(NetworkData::transmit_link_speed)))
            .unwrap_or(DEFAULT_CAPACITY);
        Ok(Self { cards, capacity })
    }

    /// The traffic of the last `seconds`, which must be the time since the last call.
    pub(super) fn measure(&mut self, seconds: f64) -> Traffic {
        // Cards that were pulled out go; new ones begin at nothing.
        self.cards.refresh(true);
        let sent: u64 = outer(&self.cards).map(NetworkData::transmitted).sum();
        let received: u64 = outer(&self.cards).map(NetworkData::received).sum();
        traffic(sent, received, seconds, self.capacity)
    }
}

fn outer(cards: &Networks) -> impl Iterator<Item = &NetworkData> {
    cards
        .iter()
        .filter(|(name, _)| leaves_the_machine(&name.to_string_lossy()))
        .map(|(_, card)| card)
}

fn leaves_the_machine(name: &str) -> bool {
    name != "lo" && !INNER.iter().any(|inner| name.starts_with(inner))
}

/// The fastest and not the sum: two cards seldom share the work, and a load that is too high by
/// half only makes a server less willing.
#[expect(clippy::cast_precision_loss, reason = "a speed needs no 53 bits")]
fn fastest(bits: impl Iterator<Item = u64>) -> Option<f64> {
    let fastest = bits.filter(|bits| *bits > 0).max()?;
    Some(fastest as f64 / BITS)
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no 53 bits")]
fn traffic(sent: u64, received: u64, seconds: f64, capacity: f64) -> Traffic {
    let rate = |bytes: u64| {
        if seconds > 0.0 {
            bytes as f64 / MEGA / seconds
        } else {
            0.0
        }
    };
    let (sent, received) = (rate(sent), rate(received));
    Traffic {
        sent,
        received,
        percent: bounded(sent.max(received) / capacity * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_the_machine_counts() {
        for (name, counts) in [
            ("eth0", true),
            ("enp3s0", true),
            ("wlan0", true),
            ("bond0", true),
            ("lo", false),
            ("ifb0", false),
            ("veth12ab", false),
            ("docker0", false),
            ("virbr0", false),
            ("br-4f", false),
            ("br0", true),
        ] {
            assert_eq!(leaves_the_machine(name), counts, "{name}");
        }
    }

    #[test]
    fn the_busier_direction_in_percent_of_the_capacity() {
        let traffic = traffic(25_000_000, 50_000_000, 2.0, 100.0);
        assert_eq!(
            traffic,
            Traffic {
                sent: 12.5,
                received: 25.0,
                percent: 25.0
            }
        );
        assert_eq!(super::traffic(1 << 40, 0, 1.0, 100.0).percent, 100.0);
        assert_eq!(super::traffic(1, 1, 0.0, 100.0).percent, 0.0);
    }

    #[test]
    fn the_card_tells_its_speed() {
        assert_eq!(
            fastest([0, 1_000_000_000, 100_000_000].into_iter()),
            Some(125.0)
        );
        assert_eq!(fastest([0].into_iter()), None);
    }
}
