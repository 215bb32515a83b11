//! The lines of `demo --check`: a step, what came of it, and how long it took.

use std::time::{Duration, Instant};

/// A step may take so long; starting Webots may.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Prints steps as they happen.
#[derive(Debug)]
pub(super) struct Report {
    last: Instant,
    steps: usize,
}

impl Report {
    pub(super) fn start() -> Self {
        Self {
            last: Instant::now(),
            steps: 0,
        }
    }

    /// A step that did what it should.
    pub(super) fn done(&mut self, step: &str, what: impl std::fmt::Display) {
        let time = self.last.elapsed();
        println!("ok   {:>8}  {step:<34} {what}", milliseconds(time));
        self.steps += 1;
        self.last = Instant::now();
    }

    /// How many steps were done.
    pub(super) const fn steps(&self) -> usize {
        self.steps
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
