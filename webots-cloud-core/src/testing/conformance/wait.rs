//! Waiting without a runtime.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::ports::BoxFuture;

/// Time that passes: the one thing that a suite cannot have by itself.
///
/// With tokio it is one line, `Box::pin(tokio::time::sleep(duration))`.
pub trait Time: fmt::Debug + Send + Sync {
    /// Ends after so long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// What `work` comes to if it ends within `limit`; it is dropped if not. What is ready at once
/// counts, however short the limit.
pub async fn within<T>(
    time: &(impl Time + ?Sized),
    limit: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    let mut alarm = time.sleep(limit);
    poll_fn(|context| {
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        alarm.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// Does all of `work` at the same time.
pub async fn together<T>(work: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut work: Vec<Result<T, BoxFuture<'_, T>>> = work.into_iter().map(Err).collect();
    poll_fn(|context| {
        for slot in &mut work {
            if let Err(future) = slot
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Ok(value);
            }
        }
        if work.iter().any(Result::is_err) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    work.into_iter().filter_map(Result::ok).collect()
}

/// Begins a piece of work, lets it run until it first waits, and drops it there.
pub(super) async fn begin_and_drop<T>(work: BoxFuture<'_, T>) {
    let mut work = work;
    poll_fn(|context| {
        let _ = work.as_mut().poll(context).is_ready();
        Poll::Ready(())
    })
    .await;
}
