//! Ports that live in memory, for the tests of whoever embeds the machines.
//!
//! Nothing here waits and nothing touches the machine: [`FakeLauncher`] runs instances that are only
//! a [`Script`], [`MemoryFiles`] keeps workspaces, [`NoTime`] is the time in which all that happens.
//! They pass the [conformance suites](super::conformance) as far as these apply. For the other
//! ports there are twins in [`ports`](crate::ports): closures, and ports that do nothing.

mod files;
mod launcher;

pub use files::MemoryFiles;
pub use launcher::{FakeLauncher, Script, Then};

use std::time::Duration;

use super::conformance::Time;
use crate::ports::BoxFuture;

/// Time in which every wait is over at once: for ports that never wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTime;

impl Time for NoTime {
    fn sleep(&self, _duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
