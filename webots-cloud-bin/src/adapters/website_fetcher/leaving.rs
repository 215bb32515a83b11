//! Fetches under way, and how they are told to end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use webots_cloud_core::id::InstanceId;

/// Tells one fetch to end: the flag is for what blocks, the token for what waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Leave {
    pub(super) flag: Arc<AtomicBool>,
    pub(super) token: CancellationToken,
}

impl Leave {
    pub(super) fn now(&self) {
        self.flag.store(true, Ordering::Relaxed);
        self.token.cancel();
    }
}

/// All fetches under way.
#[derive(Debug, Default)]
pub(super) struct Leaving(Mutex<BTreeMap<InstanceId, Leave>>);

impl Leaving {
    fn all(&self) -> MutexGuard<'_, BTreeMap<InstanceId, Leave>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a fetch, until it is [forgotten](Self::forget).
    pub(super) fn enter(&self, instance: InstanceId) -> Leave {
        self.all().entry(instance).or_default().clone()
    }

    pub(super) fn forget(&self, instance: InstanceId) {
        self.all().remove(&instance);
    }

    /// Tells the fetch for this instance to end, if there is one.
    pub(super) fn abandon(&self, instance: InstanceId) {
        if let Some(leave) = self.all().get(&instance) {
            leave.now();
        }
    }
}
