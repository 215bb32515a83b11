//! Telling the service manager in time that the server lives.

use tokio::time::{Interval, MissedTickBehavior};

use crate::service_manager;

/// When the service manager is to hear again that the server lives.
pub(super) struct Watchdog(Option<Interval>);

impl Watchdog {
    pub(super) fn new() -> Self {
        Self(service_manager::watchdog().map(|period| {
            let mut interval = tokio::time::interval(period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        }))
    }

    /// Comes back when it is time; never if nobody wants to hear it.
    pub(super) async fn due(&mut self) {
        match &mut self.0 {
            Some(interval) => drop(interval.tick().await),
            None => std::future::pending().await,
        }
    }
}
