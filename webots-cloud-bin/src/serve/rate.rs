//! How often a client may say something.

use std::time::Duration;

use tokio::time::Instant;

/// Counts what comes within a second.
#[derive(Debug)]
pub(super) struct Rate {
    limit: u32,
    second: Instant,
    count: u32,
}

impl Rate {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            second: Instant::now(),
            count: 0,
        }
    }

    /// One more; `false` if that is too much.
    pub(super) fn allows(&mut self) -> bool {
        if self.second.elapsed() >= Duration::from_secs(1) {
            *self = Self::new(self.limit);
        }
        self.count = self.count.saturating_add(1);
        self.count <= self.limit
    }
}
