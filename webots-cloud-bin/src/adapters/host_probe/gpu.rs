//! Where the figures of GPUs come from, and what is said when they cease to come.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use webots_cloud_core::load::{Gpu, Gpus};

use crate::adapters::blocking::{Blocking, Unanswered};

/// How long a sample waits for the driver: a load that is older than a second is of no use.
const LIMIT: Duration = Duration::from_millis(700);

/// A driver that needs longer than [`LIMIT`] may do so for this time: waking GPUs up takes seconds.
/// Meanwhile what it told before holds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Measures the GPUs. Blocks, as drivers do.
pub(crate) trait GpuProbe: fmt::Debug + Send {
    fn measure(&mut self) -> Gpus;
}

/// Asks a probe, and logs what becomes of the GPUs: each change once, however long it lasts.
#[derive(Debug)]
pub(super) struct GpuWatch {
    probe: Blocking<Box<dyn GpuProbe>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// `None` before the first answer.
    last: Option<Gpus>,
    late_since: Option<Instant>,
}

impl GpuWatch {
    pub(super) fn new(probe: Box<dyn GpuProbe>) -> Self {
        Self {
            probe: Blocking::new(probe),
            seen: Mutex::default(),
        }
    }

    /// What is known of the GPUs, after less than a second.
    pub(super) async fn look(&self) -> Gpus {
        let answer = self.probe.ask(LIMIT, |probe| probe.measure()).await;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take(answer, Instant::now())
    }
}

impl Seen {
    fn take(&mut self, answer: Result<Gpus, Unanswered>, now: Instant) -> Gpus {
        let gpus = match answer {
            Ok(gpus) => {
                self.late_since = None;
                gpus
            }
            Err(Unanswered::Late) => {
                let since = *self.late_since.get_or_insert(now);
                if now.duration_since(since) < PATIENCE {
                    return self.last.clone().unwrap_or_default();
                }
                Gpus::Failing(Unanswered::Late.to_string())
            }
            Err(error @ Unanswered::Ended) => Gpus::Failing(error.to_string()),
        };
        say(self.last.as_ref(), &gpus);
        self.last = Some(gpus.clone());
        gpus
    }
}

fn say(before: Option<&Gpus>, now: &Gpus) {
    match (before, now) {
        (Some(Gpus::Absent), Gpus::Absent) | (Some(Gpus::Failing(_)), Gpus::Failing(_)) => {}
        (_, Gpus::Absent) => tracing::info!("no NVIDIA driver: the figures of GPUs are 0"),
        (_, Gpus::Failing(why)) => {
            tracing::warn!(why, "the NVIDIA driver fails: the figures of GPUs are 0");
        }
        (Some(Gpus::Present(before)), Gpus::Present(now)) => say_of_each(before, now),
        (None | Some(Gpus::Absent | Gpus::Failing(_)), Gpus::Present(devices)) => {
            let names: Vec<&str> = devices.iter().map(|gpu| gpu.name.as_str()).collect();
            tracing::info!(gpus = names.join(", "), "the NVIDIA driver answers");
            say_of_each(&[], devices);
        }
    }
}

fn say_of_each(before: &[Gpu], now: &[Gpu]) {
    for (number, gpu) in now.iter().enumerate() {
        let before = before.get(number).and_then(|gpu| gpu.trouble.as_ref());
        match (before, &gpu.trouble) {
            (None, Some(why)) => tracing::warn!(number, gpu.name, why, "a GPU fails"),
            (Some(_), None) => tracing::info!(number, gpu.name, "a GPU works again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    for (number, gpu) in before.iter().enumerate().skip(now.len()) {
        tracing::warn!(number, gpu.name, "a GPU is no longer there");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_is_late_keeps_its_last_figures_for_a_while() {
        let mut seen = Seen::default();
        let start = Instant::now();
        let late = Err(Unanswered::Late);
        assert_eq!(seen.take(late.clone(), start), Gpus::Absent);
        let there = Gpus::Present(vec![Gpu::default()]);
        assert_eq!(seen.take(Ok(there.clone()), start), there);
        assert_eq!(seen.take(late.clone(), start), there);
        let soon = start + PATIENCE / 2;
        assert_eq!(seen.take(late.clone(), soon), there);
        let failing = seen.take(late.clone(), start + PATIENCE);
        assert!(matches!(failing, Gpus::Failing(_)), "{failing:?}");
        // Once it has answered, it may be late again.
        assert_eq!(seen.take(Ok(there.clone()), start + PATIENCE), there);
        assert_eq!(seen.take(late, start + PATIENCE), there);
    }
}
