//! Chance that can be repeated: the same seed gives the same plans, though not the same timing.

use std::time::Duration;

/// `SplitMix64`.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own for the `number`th session or task.
    pub(crate) fn split(&self, number: u64) -> Self {
        let mut dice = Self(self.0 ^ number.wrapping_mul(0xA24B_AED4_963E_E407));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("small");
        usize::try_from(self.next() % limit).expect("small")
    }

    pub(crate) fn in_100(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn millis(&mut self, from: usize, to: usize) -> Duration {
        let millis = from + self.below(to - from);
        Duration::from_millis(u64::try_from(millis).expect("small"))
    }
}
