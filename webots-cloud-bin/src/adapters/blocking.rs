//! Things that block, used without blocking those who ask.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Something whose methods block, and may hang: a driver, a disk.
///
/// One blocking thread at a time uses it, and who asks waits for a limited time. So however often a
/// thing that hangs is asked, it costs one thread.
#[derive(Debug)]
pub(crate) struct Blocking<T>(
    /// Not a lock over an await: the thread that uses the thing owns it meanwhile.
    Arc<Mutex<T>>,
);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum Unanswered {
    /// It takes too long, and may still be at it.
    #[error("it does not answer in time")]
    Late,
    /// It panicked, or the server is ending.
    #[error("it was ended")]
    Ended,
}

impl<T: Send + 'static> Blocking<T> {
    pub(crate) fn new(thing: T) -> Self {
        Self(Arc::new(Mutex::new(thing)))
    }

    /// Uses the thing on a blocking thread, as soon as nobody else does.
    ///
    /// # Cancel safety
    /// A dropped use that has begun ends in the background.
    pub(crate) async fn ask<R: Send + 'static>(
        &self,
        limit: Duration,
        ask: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Result<R, Unanswered> {
        let thing = Arc::clone(&self.0);
        let answer = async {
            let mut thing = thing.lock_owned().await;
            spawn_blocking(move || ask(&mut thing)).await
        };
        match timeout(limit, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Unanswered::Ended),
            Err(_) => Err(Unanswered::Late),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn what_hangs_costs_one_thread_and_is_asked_again_afterwards() {
        let thing = Blocking::new(0);
        let (go_on, wait) = mpsc::channel::<()>();
        let hang = move |count: &mut u32| {
            let _ = wait.recv();
            *count += 1;
        };
        assert_eq!(thing.ask(SHORT, hang).await, Err(Unanswered::Late));
        for _ in 0..3 {
            let add = |count: &mut u32| *count += 100;
            assert_eq!(thing.ask(SHORT, add).await, Err(Unanswered::Late));
        }
        drop(go_on);
        let count = thing.ask(LONG, |count| *count).await;
        assert_eq!(count, Ok(1), "those who gave up did not get their turn");
    }

    #[tokio::test]
    async fn a_panic_is_no_answer_and_the_next_one_is() {
        let thing = Blocking::new(());
        let panics = |(): &mut ()| panic!("on purpose");
        assert_eq!(thing.ask(LONG, panics).await, Err(Unanswered::Ended));
        assert_eq!(thing.ask(LONG, |()| 5).await, Ok(5));
    }
}
