//! Where the next client is sent.

use std::fmt::Debug;

use super::free::FreeServers;
use crate::id::ServerId;

/// Chooses among the free servers. Asked once for each session, so it should not look at all of them.
///
/// It may keep what it likes, a generator of random numbers for example; a machine with the same
/// placement, seed and inputs does the same again.
pub trait Placement: Debug + Send {
    /// The server for the next client. One that is not free is passed over, and the least loaded
    /// taken instead.
    fn choose(&mut self, free: &FreeServers) -> Option<ServerId>;
}

/// The least expected load, the earlier entry of two that are equal. The default.
///
/// With a `session_cost` of 0 it is the least load of the last sample, as the Python servers choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeastExpected;

impl Placement for LeastExpected {
    fn choose(&mut self, free: &FreeServers) -> Option<ServerId> {
        free.least()
    }
}
