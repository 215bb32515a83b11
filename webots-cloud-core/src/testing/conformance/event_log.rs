//! An event sink that can be waited for.
#![expect(
    clippy::disallowed_types,
    reason = "machines are owned and need no lock; a sink is shared between a launcher's tasks and a test"
)]

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::id::InstanceId;
use crate::ports::{EventSink, Exit, InstanceEvent};

/// Keeps what one instance did, and wakes whoever waits for something.
#[derive(Debug)]
pub struct EventLog {
    instance: InstanceId,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<InstanceEvent>,
    of_others: Vec<InstanceId>,
    waiting: Vec<Waker>,
}

impl EventLog {
    /// An empty log for this instance.
    pub fn new(instance: InstanceId) -> Self {
        Self {
            instance,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // The lists are never left half changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happened so far, in order.
    ///
    /// # Panics
    /// If something was told of another instance.
    pub fn events(&self) -> Vec<InstanceEvent> {
        let kept = self.kept();
        assert!(
            kept.of_others.is_empty(),
            "events are told under the name of their instance, but {:?} were told to the sink of {}",
            kept.of_others,
            self.instance
        );
        kept.events.clone()
    }

    /// The lines so far, in order.
    pub fn lines(&self) -> Vec<String> {
        let line = |event| match event {
            InstanceEvent::Line(line) => Some(line),
            InstanceEvent::Ended(_) | InstanceEvent::Gone => None,
        };
        self.events().into_iter().filter_map(line).collect()
    }

    /// How the first process ended, if it was told.
    pub fn exit(&self) -> Option<Exit> {
        self.events().into_iter().find_map(|event| match event {
            InstanceEvent::Ended(exit) => Some(exit),
            InstanceEvent::Line(_) | InstanceEvent::Gone => None,
        })
    }

    /// Whether nothing of the instance is left.
    pub fn is_gone(&self) -> bool {
        self.events().contains(&InstanceEvent::Gone)
    }

    /// Waits until `is_so`; it is asked at once, and again after each event.
    ///
    /// Cancel safe: dropping it forgets nothing but the waiting.
    pub async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        poll_fn(|context| {
            // Before looking, or an event in between would wake nobody.
            self.kept().waiting.push(context.waker().clone());
            if is_so(self) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

impl EventSink for EventLog {
    fn event(&self, instance: InstanceId, event: InstanceEvent) {
        let waiting = {
            let mut kept = self.kept();
            if instance == self.instance {
                kept.events.push(event);
            } else {
                kept.of_others.push(instance);
            }
            std::mem::take(&mut kept.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}
