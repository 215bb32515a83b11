//! When clients come.

use super::Arrivals;
use super::random::Random;

/// How busy each hour from 7 o'clock is: lessons in the morning and the afternoon, a lunch break, an evening.
const HOURS: [u32; 12] = [2, 6, 10, 11, 9, 4, 8, 10, 9, 6, 4, 3];

const HOUR: u64 = 3_600_000;

impl Arrivals {
    /// The moments, in order.
    pub(super) fn moments(self, random: &mut Random) -> Vec<u64> {
        let mut moments: Vec<u64> = match self {
            Self::Within(count, time) => (0..count)
                .map(|_| random.between(0.0, time as f64) as u64)
                .collect(),
            Self::Day(count) => (0..count).map(|_| moment_of_day(random)).collect(),
        };
        moments.sort_unstable();
        moments
    }

    /// When the last has come.
    pub(super) fn end(self) -> u64 {
        match self {
            Self::Within(_, time) => time,
            Self::Day(_) => HOURS.len() as u64 * HOUR,
        }
    }
}

fn moment_of_day(random: &mut Random) -> u64 {
    let all: u32 = HOURS.iter().sum();
    let mut at = random.between(0.0, f64::from(all));
    let mut begin = 0;
    for weight in HOURS.map(f64::from) {
        if at < weight {
            return begin + (at / weight * HOUR as f64) as u64;
        }
        at -= weight;
        begin += HOUR;
    }
    begin
}
