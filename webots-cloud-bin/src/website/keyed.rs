//! A bound for each of many: so many at a time for each user, for each address.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Below this many keys, those that nobody uses are not looked for.
const FEW: usize = 1024;

/// A number of slots for each key.
#[derive(Debug)]
pub(super) struct KeyedLimit<K> {
    each: usize,
    keys: Mutex<Keys<K>>,
}

#[derive(Debug)]
struct Keys<K> {
    slots: HashMap<K, Arc<Semaphore>>,
    sweep_at: usize,
}

impl<K: Clone + Debug + Eq + Hash> KeyedLimit<K> {
    pub(super) fn new(each: usize) -> Self {
        let keys = Keys {
            slots: HashMap::new(),
            sweep_at: FEW,
        };
        Self {
            each,
            keys: Mutex::new(keys),
        }
    }

    /// Waits for a slot of this key. Cancel safe.
    pub(super) async fn enter(&self, key: &K) -> Option<OwnedSemaphorePermit> {
        // None of the semaphores is ever closed.
        self.slots(key).acquire_owned().await.ok()
    }

    /// A slot of this key, if there is one now.
    pub(super) fn try_enter(&self, key: &K) -> Option<OwnedSemaphorePermit> {
        self.slots(key).try_acquire_owned().ok()
    }

    fn slots(&self, key: &K) -> Arc<Semaphore> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.slots.len() >= keys.sweep_at {
            // Whoever holds or awaits a slot holds the semaphore as well.
            keys.slots.retain(|_, slots| Arc::strong_count(slots) > 1);
            keys.sweep_at = FEW.max(2 * keys.slots.len());
        }
        let slots = keys.slots.entry(key.clone());
        Arc::clone(slots.or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_slots_and_none_is_kept_for_nobody() {
        let limit = KeyedLimit::new(2);
        let held = [limit.try_enter(&0), limit.try_enter(&0)];
        assert!(held.iter().all(Option::is_some));
        assert!(limit.try_enter(&0).is_none());
        for other in 1..10_000 {
            assert!(limit.try_enter(&other).is_some());
        }
        let kept = limit.keys.lock().expect("not poisoned").slots.len();
        assert!(kept <= FEW, "{kept}");
        assert!(limit.try_enter(&0).is_none(), "what is held is kept");
        drop(held);
        assert!(limit.try_enter(&0).is_some());
    }
}
