//! Work that several wait for and that is done once.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::ports::PortError;

/// What is under way, by what it is for.
///
/// Each piece of work is a task of its own: it belongs to none of those who wait for it. It is
/// cancelled when the last of them has left.
#[derive(Debug)]
pub(crate) struct Flights<K: Ord, V> {
    all: Mutex<Table<K, V>>,
}

#[derive(Debug)]
struct Table<K: Ord, V> {
    next: u64,
    flights: BTreeMap<K, Flight<V>>,
}

#[derive(Debug)]
struct Flight<V> {
    id: u64,
    waiting: usize,
    cancel: CancellationToken,
    state: watch::Receiver<State<V>>,
}

#[derive(Clone, Debug)]
enum State<V> {
    /// So many bytes are there.
    UnderWay(u64),
    Done(Result<V, PortError>),
}

/// What the work is given.
#[derive(Debug)]
pub(crate) struct Crew<V> {
    /// Nobody waits any more: the work should end soon.
    pub(crate) cancel: CancellationToken,
    state: watch::Sender<State<V>>,
}

impl<V> Crew<V> {
    /// Tells all that wait how far it is.
    pub(crate) fn tell(&self, bytes: u64) {
        self.state.send_if_modified(|state| {
            let news = matches!(state, State::UnderWay(before) if *before != bytes);
            if news {
                *state = State::UnderWay(bytes);
            }
            news
        });
    }
}

/// Takes the place in the table back, whatever happens to the one who waits.
struct Seat<K: Ord, V> {
    flights: Arc<Flights<K, V>>,
    key: K,
    id: u64,
}

impl<K: Ord, V> Drop for Seat<K, V> {
    fn drop(&mut self) {
        self.flights.leave(&self.key, self.id);
    }
}

impl<K: Ord, V> Default for Flights<K, V> {
    fn default() -> Self {
        let table = Table {
            next: 0,
            flights: BTreeMap::new(),
        };
        Self {
            all: Mutex::new(table),
        }
    }
}

impl<K, V> Flights<K, V>
where
    K: Ord + Clone + Debug + Send + 'static,
    V: Clone + Debug + Send + Sync + 'static,
{
    /// Waits for the work for `key`, which `start` begins if it is not under way already. `progress`
    /// hears how far it is.
    ///
    /// # Errors
    /// The work's own, for all that wait for it.
    ///
    /// # Cancel safety
    /// To drop the future is to leave; the work goes on as long as anybody is left.
    pub(crate) async fn join<F>(
        self: &Arc<Self>,
        key: K,
        start: impl FnOnce(Arc<Crew<V>>) -> F,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<V, PortError>
    where
        F: Future<Output = Result<V, PortError>> + Send + 'static,
    {
        let (_seat, mut state) = self.board(key, start);
        loop {
            match state.borrow_and_update().clone() {
                State::UnderWay(bytes) => progress(bytes),
                State::Done(result) => return result,
            }
            if state.changed().await.is_err() {
                return Err(PortError::retry("the server is shutting down"));
            }
        }
    }

    fn board<F>(
        self: &Arc<Self>,
        key: K,
        start: impl FnOnce(Arc<Crew<V>>) -> F,
    ) -> (Seat<K, V>, watch::Receiver<State<V>>)
    where
        F: Future<Output = Result<V, PortError>> + Send + 'static,
    {
        let mut table = self.lock();
        let seat = |id| Seat {
            flights: Arc::clone(self),
            key: key.clone(),
            id,
        };
        if let Some(flight) = table.flights.get_mut(&key) {
            flight.waiting += 1;
            return (seat(flight.id), flight.state.clone());
        }
        let id = table.next;
        table.next += 1;
        let (sender, state) = watch::channel(State::UnderWay(0));
        let crew = Arc::new(Crew {
            cancel: CancellationToken::new(),
            state: sender,
        });
        let flight = Flight {
            id,
            waiting: 1,
            cancel: crew.cancel.clone(),
            state: state.clone(),
        };
        table.flights.insert(key.clone(), flight);
        let work = start(Arc::clone(&crew));
        let seat = seat(id);
        let (flights, key) = (Arc::clone(self), key);
        tokio::spawn(async move {
            let result = work.await;
            // First out of the table: who comes now starts anew, and does not get an old answer.
            flights.lock().remove(&key, id);
            crew.state.send_replace(State::Done(result));
        });
        (seat, state)
    }
}

impl<K: Ord, V> Flights<K, V> {
    fn lock(&self) -> MutexGuard<'_, Table<K, V>> {
        // The table is never left half changed.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, key: &K, id: u64) {
        let mut table = self.lock();
        let Some(flight) = table.flights.get_mut(key).filter(|flight| flight.id == id) else {
            return;
        };
        flight.waiting -= 1;
        if flight.waiting == 0 {
            flight.cancel.cancel();
            table.flights.remove(key);
        }
    }
}

impl<K: Ord, V> Table<K, V> {
    fn remove(&mut self, key: &K, id: u64) {
        if self.flights.get(key).is_some_and(|flight| flight.id == id) {
            self.flights.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[derive(Debug, Default)]
    struct Rig {
        flights: Arc<Flights<&'static str, usize>>,
        started: Arc<AtomicUsize>,
        cancelled: Arc<Notify>,
        gate: Arc<Notify>,
    }

    impl Rig {
        fn join(&self, key: &'static str) -> tokio::task::JoinHandle<Result<usize, PortError>> {
            let flights = Arc::clone(&self.flights);
            let (started, gate) = (Arc::clone(&self.started), Arc::clone(&self.gate));
            let cancelled = Arc::clone(&self.cancelled);
            tokio::spawn(async move {
                let work = |crew: Arc<Crew<usize>>| async move {
                    let number = started.fetch_add(1, Ordering::SeqCst);
                    tokio::select! {
                        () = gate.notified() => Ok(number),
                        () = crew.cancel.cancelled() => {
                            cancelled.notify_one();
                            Err(PortError::retry("cancelled"))
                        }
                    }
                };
                flights.join(key, work, &|_| {}).await
            })
        }

        async fn settled(&self, key: &str, waiting: usize) {
            loop {
                let now = self.flights.lock().flights.get(key).map(|it| it.waiting);
                if now.unwrap_or(0) == waiting {
                    return;
                }
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn many_wait_and_one_works() {
        let rig = Rig::default();
        let all: Vec<_> = (0..30).map(|_| rig.join("a")).collect();
        rig.settled("a", 30).await;
        // The first leaves, and the work goes on.
        all[0].abort();
        rig.settled("a", 29).await;
        rig.gate.notify_one();
        for one in all.into_iter().skip(1) {
            assert_eq!(one.await.expect("ran"), Ok(0));
        }
        assert_eq!(rig.started.load(Ordering::SeqCst), 1);
        rig.gate.notify_one();
        assert_eq!(rig.join("a").await.expect("ran"), Ok(1), "anew");
    }

    #[tokio::test]
    async fn the_last_to_leave_ends_the_work_and_newcomers_start_anew() {
        let rig = Rig::default();
        let (one, other) = (rig.join("a"), rig.join("a"));
        rig.settled("a", 2).await;
        one.abort();
        other.abort();
        rig.settled("a", 0).await;
        let newcomer = rig.join("a");
        rig.cancelled.notified().await;
        rig.settled("a", 1).await;
        rig.gate.notify_one();
        assert_eq!(newcomer.await.expect("ran"), Ok(1));
        assert!(rig.flights.lock().flights.is_empty());
    }

    #[tokio::test]
    async fn work_that_panics_keeps_nobody() {
        let flights = Arc::<Flights<u8, u8>>::default();
        let work = |_| async { panic!("on purpose") };
        let error = flights.join(1, work, &|_| {}).await.expect_err("gone");
        assert_eq!(error.message(), "the server is shutting down");
        let again = flights.join(1, |_| async { Ok(3) }, &|_| {}).await;
        assert_eq!(again, Ok(3));
    }
}
