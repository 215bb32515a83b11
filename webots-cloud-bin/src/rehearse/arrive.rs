//! Sessions arrive, one after the other, at the rate that was asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::arguments::Plan;
use super::play::{self, Session};

/// Plays all sessions to their end; those that have not arrived when it is told to stop do not come.
pub(super) async fn all(
    plan: &Arc<Plan>,
    begun: Instant,
    stop: &CancellationToken,
) -> Vec<Session> {
    let first = Instant::now();
    let mut playing = JoinSet::new();
    let mut played = Vec::new();
    for number in 0..plan.sessions {
        let due = first + Duration::from_secs_f64(f64::from(number) / plan.rate);
        tokio::select! {
            () = stop.cancelled() => break,
            () = sleep_until(due) => {}
        }
        let (plan, stop) = (Arc::clone(plan), stop.clone());
        playing.spawn(async move { play::session(&plan, begun, &stop).await });
        while let Some(Ok(session)) = playing.try_join_next() {
            played.push(session);
        }
    }
    while let Some(session) = playing.join_next().await {
        played.extend(session);
    }
    played.sort_by(|one, other| one.arrived.total_cmp(&other.arrived));
    played
}
