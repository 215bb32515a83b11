//! The task that empties a queue: one delivery at a time, with pauses after failures.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::ports::{BoxFuture, ErrorKind, PortError};

use super::queue::{Intake, Shared};

/// Delivers one thing. Ends within a time limit of its own.
pub(super) trait Deliver<T>: Send + Sync + 'static {
    /// What is delivered, for the log.
    const WHAT: &'static str;

    /// `at` is when it came into the queue. What fails with [`ErrorKind::Retry`] is tried again.
    fn deliver<'a>(&'a self, item: &'a T, at: SystemTime) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Empties the queue until `stop`, and then tries what is left once.
pub(super) async fn run<I: Intake, D: Deliver<I::Item>>(
    shared: Arc<Shared<I>>,
    delivery: D,
    stop: CancellationToken,
) {
    let mut health = Health::default();
    let mut from = Instant::now();
    let mut pause = shared.rules.first_pause;
    loop {
        let entry = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            entry = shared.next(from) => entry,
        };
        let delivered = delivery.deliver(&entry.item, entry.at).await;
        shared.count(delivered.is_ok());
        match delivered {
            Ok(()) => {
                health.works(D::WHAT, shared.lost());
                pause = shared.rules.first_pause;
            }
            Err(error) => {
                health.fails(D::WHAT, &error);
                match error.kind() {
                    ErrorKind::Retry => shared.put_back(entry),
                    ErrorKind::Permanent | ErrorKind::BadRequest | ErrorKind::PortTaken => {
                        shared.count_lost();
                    }
                }
                // Also before the next one: who refused this one may do so because of us.
                from = Instant::now() + pause;
                pause = pause.saturating_mul(2).min(shared.rules.longest_pause);
            }
        }
    }
    last_chance(&shared, &delivery, &mut health).await;
}

/// Tries everything once.
async fn last_chance<I: Intake, D: Deliver<I::Item>>(
    shared: &Shared<I>,
    delivery: &D,
    health: &mut Health,
) {
    shared.flush();
    while let Some(entry) = shared.pop() {
        let delivered = delivery.deliver(&entry.item, entry.at).await;
        shared.count(delivered.is_ok());
        if let Err(error) = delivered {
            health.fails(D::WHAT, &error);
            shared.count_lost();
        }
    }
}

/// Whether deliveries work: said once when it changes.
#[derive(Debug, Default)]
struct Health {
    failing: bool,
}

impl Health {
    fn works(&mut self, what: &'static str, lost: u64) {
        if std::mem::take(&mut self.failing) {
            tracing::info!(lost, "{what} is delivered again");
        }
    }

    fn fails(&mut self, what: &'static str, error: &PortError) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        if std::mem::replace(&mut self.failing, true) {
            tracing::debug!(%error, cause, "{what} is still not delivered");
        } else {
            tracing::warn!(%error, cause, "{what} cannot be delivered");
        }
    }
}
