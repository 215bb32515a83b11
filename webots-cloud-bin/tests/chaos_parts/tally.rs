//! What happened how often.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;

/// Counts by kind; shared by tasks.
#[derive(Debug)]
pub(crate) struct Tally<K>(Mutex<BTreeMap<K, usize>>);

impl<K: Ord + Debug> Tally<K> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    pub(crate) fn count(&self, kind: K) {
        *self.0.lock().expect("no panic").entry(kind).or_default() += 1;
    }

    pub(crate) fn sum(&self, of: impl Fn(&K) -> bool) -> usize {
        let counts = self.0.lock().expect("no panic");
        let of_kind = counts.iter().filter(|(kind, _)| of(kind));
        of_kind.map(|(_, count)| count).sum()
    }

    pub(crate) fn print(&self, title: &str) {
        println!("  {title}: {}", self.sum(|_| true));
        for (kind, count) in self.0.lock().expect("no panic").iter() {
            println!("    {count:5}  {kind:?}");
        }
    }
}
