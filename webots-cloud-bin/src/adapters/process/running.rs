//! What a launcher knows of its instances.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::Network;

use super::lifeline::Orders;

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) running: Mutex<BTreeMap<InstanceId, Running>>,
    /// The locked marks of all workspaces, by name.
    pub(crate) marks: Mutex<BTreeMap<String, File>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) warden: i32,
    pub(crate) since: Instant,
    pub(crate) network: Network,
    pub(crate) orders: Arc<Orders>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The maps are never left half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
