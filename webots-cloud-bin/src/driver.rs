//! The loop that feeds a machine and carries out its effects, generic over the machine.
//!
//! A machine answers in microseconds and never blocks, so it stands behind a plain mutex instead of
//! a task: whoever has an input feeds it, and the effects are carried out right there, in order,
//! before the next input. The lock is never held across an await. Work that takes time goes to
//! tasks of its own, which feed the answer.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud_core::machine::{Deadline, DeadlineReached, Machine};
use webots_cloud_core::time::Timestamp;

/// Carries out the effects of a machine.
pub trait CarryOut<M: Machine>: Sized + Send + 'static {
    /// Carries out one effect. Returns at once; must not feed the machine before it has returned:
    /// what takes time is [spawned](Worker::spawn).
    fn carry_out(&mut self, effect: M::Effect, worker: &Worker<M, Self>);
}

/// A machine at work. Clones are handles to the same one.
pub struct Driver<M: Machine, C> {
    shared: Arc<Shared<M, C>>,
}

struct Shared<M, C> {
    started: Instant,
    state: Mutex<State<M, C>>,
    /// The machine wants to be woken earlier than the alarm is set.
    earlier: Notify,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct State<M, C> {
    machine: M,
    carrier: C,
    alarm: Option<Timestamp>,
}

/// What a carrier may use while it carries out an effect.
pub struct Worker<M: Machine, C> {
    driver: Weak<Shared<M, C>>,
    tasks: TaskTracker,
}

impl<M: Machine, C> Clone for Driver<M, C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<M: Machine, C> fmt::Debug for Driver<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl<M: Machine, C> fmt::Debug for Worker<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl<M: Machine, C: CarryOut<M>> Worker<M, C>
where
    M: Send + 'static,
    M::Input: Send,
{
    /// Does `work` in a task of its own and feeds what comes of it.
    pub fn spawn(&self, work: impl Future<Output = Option<M::Input>> + Send + 'static) {
        let driver = Weak::clone(&self.driver);
        self.tasks.spawn(async move {
            if let (Some(input), Some(shared)) = (work.await, driver.upgrade()) {
                Driver { shared }.feed(input);
            }
        });
    }

    /// A handle for inputs that come by themselves. It does not keep the machine alive.
    pub fn inlet(&self) -> Inlet<M, C> {
        Inlet(Weak::clone(&self.driver))
    }
}

/// Feeds a machine as long as there is one.
pub struct Inlet<M: Machine, C>(Weak<Shared<M, C>>);

impl<M: Machine, C> fmt::Debug for Inlet<M, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inlet")
    }
}

impl<M: Machine, C: CarryOut<M>> Inlet<M, C>
where
    M: Send + 'static,
    M::Input: Send,
{
    /// Feeds one input; nothing happens if the machine is gone.
    pub fn feed(&self, input: M::Input) {
        if let Some(shared) = self.0.upgrade() {
            Driver { shared }.feed(input);
        }
    }
}

impl<M: Machine, C: CarryOut<M>> Driver<M, C>
where
    M: Send + 'static,
    M::Input: Send,
{
    /// Starts a machine: carries out what it orders at once, and wakes it at its deadlines until
    /// [`finish`](Self::finish). Needs a tokio runtime.
    pub fn start(machine: M, carrier: C) -> Self {
        let driver = Self {
            shared: Arc::new(Shared {
                started: Instant::now(),
                state: Mutex::new(State {
                    machine,
                    carrier,
                    alarm: None,
                }),
                earlier: Notify::new(),
                tasks: TaskTracker::new(),
                stop: CancellationToken::new(),
            }),
        };
        driver.settle(&mut driver.lock());
        driver.shared.tasks.spawn(driver.clone().keep_time());
        driver
    }

    /// Hands an input to the machine and carries out its effects.
    pub fn feed(&self, input: M::Input) {
        self.exchange(input, |_| ());
    }

    /// Hands an input to the machine, carries out its effects, and takes something out of the
    /// carrier before anything else can happen.
    pub fn exchange<T>(&self, input: M::Input, take: impl FnOnce(&mut C) -> T) -> T {
        let mut state = self.lock();
        let now = Timestamp::from_start(self.shared.started.elapsed());
        state.machine.handle(now, input);
        self.settle(&mut state);
        take(&mut state.carrier)
    }

    /// Looks at the machine. Keep it short: nobody feeds it meanwhile.
    pub fn look<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(&self.lock().machine)
    }

    /// Uses the carrier, without an input.
    pub fn carrier<T>(&self, with: impl FnOnce(&mut C) -> T) -> T {
        with(&mut self.lock().carrier)
    }

    /// Stops waking the machine and waits until its work has ended.
    ///
    /// Cancel safe: calling it again waits on.
    pub async fn finish(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// A panic in a carrier must not take everybody else down: the machine itself is whole.
    fn lock(&self) -> MutexGuard<'_, State<M, C>> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, state: &mut State<M, C>) {
        let worker = Worker {
            driver: Arc::downgrade(&self.shared),
            tasks: self.shared.tasks.clone(),
        };
        while let Some(effect) = state.machine.poll_effect() {
            state.carrier.carry_out(effect, &worker);
        }
        let wanted = state.machine.next_deadline().map(|deadline| deadline.at);
        let alarm = state.alarm.unwrap_or(Timestamp::NEVER);
        if wanted.is_some_and(|wanted| wanted < alarm) {
            self.shared.earlier.notify_one();
        }
    }

    async fn keep_time(self) {
        loop {
            let deadline = {
                let mut state = self.lock();
                let deadline = state.machine.next_deadline();
                state.alarm = deadline.map(|deadline| deadline.at);
                deadline
            };
            tokio::select! {
                () = self.shared.stop.cancelled() => return,
                () = self.shared.earlier.notified() => {}
                () = self.sleep_until(deadline) => self.feed(DeadlineReached.into()),
            }
        }
    }

    async fn sleep_until(&self, deadline: Option<Deadline>) {
        let at = deadline.and_then(|it| self.shared.started.checked_add(it.at.since_start()));
        match at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}
