//! Where the clients, the reaper and the killer of servers meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::watch;

use super::dice::Dice;
use super::house::House;
use super::session::{Outcome, Plan};
use super::tally::Tally;

/// The sessions of one sandbox.
#[derive(Debug)]
pub(crate) struct Stage {
    sessions: usize,
    dice: Dice,
    port: u16,
    projects: String,
    next: AtomicU64,
    /// Those that were cut short by the server's death count neither here nor there.
    begun: AtomicUsize,
    finished: watch::Sender<usize>,
    /// The server's pid, while clients may come.
    server: watch::Sender<Option<i32>>,
    everybody_was_struck: AtomicBool,
    outcomes: Arc<Tally<Outcome>>,
}

impl Stage {
    pub(crate) fn new(
        house: &House,
        sessions: usize,
        dice: Dice,
        outcomes: &Arc<Tally<Outcome>>,
    ) -> Self {
        Self {
            sessions,
            dice,
            port: house.port(),
            projects: house.projects(),
            next: AtomicU64::new(0),
            begun: AtomicUsize::new(0),
            finished: watch::Sender::new(0),
            server: watch::Sender::new(Some(house.server())),
            everybody_was_struck: AtomicBool::new(false),
            outcomes: Arc::clone(outcomes),
        }
    }

    /// One client after the other, until there were enough.
    pub(crate) async fn play(&self) {
        while self.begin() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let plan = Plan::of(&mut self.dice.split(number));
            let mut server = self.server.subscribe();
            let there = *server
                .wait_for(Option::is_some)
                .await
                .expect("never closed");
            let outcome = plan.play(self.port, &self.projects).await;
            if *server.borrow() != there && outcome.may_be_its_death() {
                self.outcomes.count(Outcome::ServerDied);
                self.begun.fetch_sub(1, Ordering::Relaxed);
            } else {
                self.outcomes.count(outcome);
                self.finished.send_modify(|count| *count += 1);
            }
        }
    }

    fn begin(&self) -> bool {
        let more = |begun| (begun < self.sessions).then_some(begun + 1);
        let begun = self
            .begun
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        // Some more for the reaper, but it may find nobody of a kind.
        let owes = !self.everybody_was_struck.load(Ordering::Relaxed);
        begun.is_ok() || owes && self.finished() < 3 * self.sessions
    }

    pub(crate) fn finished(&self) -> usize {
        *self.finished.borrow()
    }

    /// Waits for so many more sessions.
    pub(crate) async fn more(&self, sessions: usize) {
        let enough = self.finished() + sessions;
        let mut finished = self.finished.subscribe();
        let reached = finished.wait_for(|count| *count >= enough);
        reached.await.expect("never closed");
    }

    pub(crate) fn server(&self) -> Option<i32> {
        *self.server.borrow()
    }

    /// Without one, no client comes and nobody is struck.
    pub(crate) fn set_server(&self, pid: Option<i32>) {
        self.server.send_replace(pid);
    }

    pub(crate) fn everybody_was_struck(&self, is_so: bool) {
        self.everybody_was_struck.store(is_so, Ordering::Relaxed);
    }
}
