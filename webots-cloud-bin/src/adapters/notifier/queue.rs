//! Things that wait to be delivered: a bounded queue, and whoever owns the task that empties it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use webots_cloud_core::ports::{Deliveries, Notice};
use webots_cloud_core::time::Timestamp;

use super::delivery::{Deliver, run};

/// Bounds of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRules {
    /// The most that waits: 256. Of more, the oldest goes.
    pub most: usize,
    /// The pause after the first failure: 5 s. It doubles with each further one.
    pub first_pause: Duration,
    /// The longest pause: 5 min.
    pub longest_pause: Duration,
    /// What is older goes: 6 h.
    pub keep: Duration,
    /// How long the end may take, in which everything that waits is tried once more: 5 s.
    pub at_end: Duration,
}

impl Default for QueueRules {
    fn default() -> Self {
        Self {
            most: 256,
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(300),
            keep: Duration::from_secs(6 * 3600),
            at_end: Duration::from_secs(5),
        }
    }
}

/// Makes of notices what is to be delivered. Its time is the queue's.
pub(super) trait Intake: Send + 'static {
    /// What is delivered.
    type Item: Send + Sync;

    /// What has to be delivered at once for this notice.
    fn take(&mut self, now: Timestamp, notice: Notice) -> Option<Self::Item>;

    /// What has to be delivered because of the time.
    fn due(&mut self, now: Timestamp) -> Vec<Self::Item>;

    /// When something may be due next.
    fn next(&self) -> Option<Timestamp>;

    /// The end: what is left.
    fn flush(&mut self, now: Timestamp) -> Vec<Self::Item>;
}

/// The queue, from the side of those who fill it. Dropping it ends its task.
pub(super) struct Queue<I: Intake> {
    shared: Arc<Shared<I>>,
    stop: CancellationToken,
    task: Mutex<Option<AbortOnDropHandle<()>>>,
}

/// What both sides of the queue know.
pub(super) struct Shared<I: Intake> {
    pub(super) rules: QueueRules,
    started: Instant,
    state: Mutex<State<I>>,
    changed: Notify,
}

struct State<I: Intake> {
    intake: I,
    waiting: VecDeque<Entry<I::Item>>,
    delivered: u64,
    failed: u64,
    lost: u64,
}

pub(super) struct Entry<T> {
    pub(super) item: T,
    since: Instant,
    pub(super) at: SystemTime,
}

impl<I: Intake> fmt::Debug for Queue<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.lock();
        f.debug_struct("Queue")
            .field("waiting", &state.waiting.len())
            .field("lost", &state.lost)
            .finish_non_exhaustive()
    }
}

impl<I: Intake> Queue<I> {
    /// Starts the task that delivers. Needs a tokio runtime.
    pub(super) fn start(intake: I, delivery: impl Deliver<I::Item>, rules: QueueRules) -> Self {
        let shared = Arc::new(Shared {
            rules,
            started: Instant::now(),
            state: Mutex::new(State {
                intake,
                waiting: VecDeque::new(),
                delivered: 0,
                failed: 0,
                lost: 0,
            }),
            changed: Notify::new(),
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(Arc::clone(&shared), delivery, stop.clone()));
        Self {
            shared,
            stop,
            task: Mutex::new(Some(AbortOnDropHandle::new(task))),
        }
    }

    /// Puts a notice into the queue. Returns at once.
    pub(super) fn put(&self, notice: Notice) {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        state.collect(now, self.shared.rules.most);
        if let Some(item) = state.intake.take(now, notice) {
            state.push(item, self.shared.rules.most);
        }
        drop(state);
        self.shared.changed.notify_one();
    }

    /// How many waited longest when there was no room, were too old, or were refused.
    pub(super) fn lost(&self) -> u64 {
        self.shared.lost()
    }

    /// How deliveries of this went so far.
    pub(super) fn figures(&self, what: &'static str) -> Deliveries {
        let state = self.shared.lock();
        Deliveries {
            what,
            delivered: state.delivered,
            failed: state.failed,
            lost: state.lost,
            waiting: state.waiting.len(),
        }
    }

    /// Tries everything that waits once more, within the limit, and ends the task. Does nothing the
    /// second time.
    ///
    /// # Cancel safety
    /// Dropping it ends the task; what waits is lost.
    pub(super) async fn finish(&self) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut task) = task else { return };
        self.stop.cancel();
        let limit = self.shared.rules.at_end;
        let in_time = tokio::time::timeout(limit, &mut task).await.is_ok();
        if !in_time {
            task.abort();
            // Cancelled, as was just asked for.
            let _ = task.await;
        }
        let mut state = self.shared.lock();
        // The one on its way may have arrived, but nobody said so.
        state.lost += state.waiting.len() as u64 + u64::from(!in_time);
        state.waiting.clear();
        let lost = state.lost;
        drop(state);
        if lost > 0 {
            tracing::warn!(lost, "not all notices were delivered");
        }
    }
}

impl<I: Intake> State<I> {
    /// Takes in what is due.
    fn collect(&mut self, now: Timestamp, most: usize) {
        for item in self.intake.due(now) {
            self.push(item, most);
        }
    }

    fn push(&mut self, item: I::Item, most: usize) {
        self.waiting.push_back(Entry {
            item,
            since: Instant::now(),
            at: SystemTime::now(),
        });
        self.shorten(most);
    }

    fn shorten(&mut self, most: usize) {
        while self.waiting.len() > most {
            self.waiting.pop_front();
            self.lost += 1;
        }
    }
}

impl<I: Intake> Shared<I> {
    fn now(&self) -> Timestamp {
        Timestamp::from_start(self.started.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to deliver, but not before `from`. Cancel safe.
    pub(super) async fn next(&self, from: Instant) -> Entry<I::Item> {
        loop {
            let wake = {
                let mut state = self.lock();
                state.collect(self.now(), self.rules.most);
                let ready = Instant::now() >= from;
                if ready && let Some(entry) = state.waiting.pop_front() {
                    return entry;
                }
                let due = state.intake.next();
                let due = due.and_then(|it| self.started.checked_add(it.since_start()));
                let retry = (!state.waiting.is_empty()).then_some(from);
                due.into_iter().chain(retry).min()
            };
            let alarm = async {
                match wake {
                    Some(wake) => tokio::time::sleep_until(wake).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = alarm => {}
            }
        }
    }

    /// Puts back what could not be delivered, unless it is too old.
    pub(super) fn put_back(&self, entry: Entry<I::Item>) {
        let mut state = self.lock();
        state.waiting.push_front(entry);
        let old = |it: &Entry<I::Item>| it.since.elapsed() > self.rules.keep;
        while state.waiting.front().is_some_and(old) {
            state.waiting.pop_front();
            state.lost += 1;
        }
        state.shorten(self.rules.most);
    }

    /// Counts an attempt.
    pub(super) fn count(&self, delivered: bool) {
        let mut state = self.lock();
        if delivered {
            state.delivered += 1;
        } else {
            state.failed += 1;
        }
    }

    pub(super) fn count_lost(&self) {
        self.lock().lost += 1;
    }

    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// The end: takes in what is left.
    pub(super) fn flush(&self) {
        let mut state = self.lock();
        for item in state.intake.flush(self.now()) {
            state.push(item, self.rules.most);
        }
    }

    /// The next, without waiting.
    pub(super) fn pop(&self) -> Option<Entry<I::Item>> {
        self.lock().waiting.pop_front()
    }
}
