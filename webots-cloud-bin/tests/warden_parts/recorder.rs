//! What instances told, and when.

use std::sync::Mutex;
use std::time::Instant;

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{EventSink, Exit, InstanceEvent};

use super::{ALL_GONE, UP, until};

/// Keeps what it hears.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<(Instant, InstanceEvent)>>);

impl EventSink for Recorder {
    fn event(&self, _instance: InstanceId, event: InstanceEvent) {
        self.0
            .lock()
            .expect("no panic")
            .push((Instant::now(), event));
    }
}

impl Recorder {
    pub(crate) fn events(&self) -> Vec<InstanceEvent> {
        self.0
            .lock()
            .expect("no panic")
            .iter()
            .map(|(_, event)| event.clone())
            .collect()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.events().into_iter().filter_map(|event| match event {
            InstanceEvent::Line(line) => Some(line),
            InstanceEvent::Ended(_) | InstanceEvent::Gone => None,
        });
        lines.collect()
    }

    pub(crate) fn exit(&self) -> Option<Exit> {
        self.events().into_iter().find_map(|event| match event {
            InstanceEvent::Ended(exit) => Some(exit),
            InstanceEvent::Line(_) | InstanceEvent::Gone => None,
        })
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.events().contains(&InstanceEvent::Gone)
    }

    pub(crate) fn when(&self, wanted: impl Fn(&InstanceEvent) -> bool) -> Option<Instant> {
        let all = self.0.lock().expect("no panic");
        all.iter()
            .find(|(_, event)| wanted(event))
            .map(|(at, _)| *at)
    }

    pub(crate) async fn line(&self, wanted: &str) {
        until(wanted, UP, || {
            self.lines().iter().any(|line| line == wanted)
        })
        .await;
    }

    /// Waits for `Gone`, and checks that what was told is what may be told.
    pub(crate) async fn gone(&self) -> Vec<InstanceEvent> {
        until("gone", ALL_GONE, || self.is_gone()).await;
        let events = self.events();
        let ended: Vec<usize> = (0..events.len())
            .filter(|at| matches!(events[*at], InstanceEvent::Ended(_)))
            .collect();
        assert!(ended.len() <= 1, "{events:?}");
        let is_gone = |event: &&InstanceEvent| **event == InstanceEvent::Gone;
        assert_eq!(events.iter().filter(is_gone).count(), 1, "{events:?}");
        assert_eq!(events.last(), Some(&InstanceEvent::Gone), "{events:?}");
        assert!(ended.iter().all(|at| at + 2 == events.len()), "{events:?}");
        events
    }
}
