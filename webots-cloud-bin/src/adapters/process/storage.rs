//! The thread of a warden that watches what its instance stores. The warden itself must be quick,
//! and a look at a large workspace takes its time.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, park_timeout};
use std::time::{Duration, Instant};

use rustix::process::setpriority_process;

use super::hidden;
use super::limit::{Bounds, Reached};
use super::walk::{Tally, walk};

/// Between two looks, at least.
const PAUSE: Duration = Duration::from_secs(1);
/// And so many times what the last one took: one twentieth of a processor.
const SHARE: u32 = 20;

/// Ends its thread, and waits for it, when it is dropped.
#[derive(Debug)]
pub(crate) struct Storage {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    found: Receiver<Reached>,
}

impl Storage {
    /// Watches what the tree below `own` stores, in `workspace` and elsewhere; `None` if there is no
    /// limit of that, or no thread.
    pub(crate) fn watch(workspace: PathBuf, bounds: Bounds, own: i32) -> Option<Self> {
        if bounds.disk.is_none() && bounds.files.is_none() {
            return None;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, found) = sync_channel(1);
        let look = Look {
            workspace,
            bounds,
            own,
            stop: Arc::clone(&stop),
        };
        let thread = std::thread::Builder::new()
            .name("storage".to_owned())
            .spawn(move || look.again_and_again(&sender));
        Some(Self {
            stop,
            thread: Some(thread.ok()?),
            found,
        })
    }

    /// The limit that was reached, once.
    pub(crate) fn reached(&self) -> Option<Reached> {
        self.found.try_recv().ok()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

struct Look {
    workspace: PathBuf,
    bounds: Bounds,
    own: i32,
    stop: Arc<AtomicBool>,
}

impl Look {
    fn again_and_again(&self, to: &SyncSender<Reached>) {
        // Not as urgent as its warden: on Linux this is the thread's own.
        let _ = setpriority_process(None, 0);
        while !self.is_stopped() {
            let start = Instant::now();
            if let Some(reached) = self.look() {
                let _ = to.send(reached);
                return;
            }
            let next = Instant::now() + PAUSE.max(start.elapsed() * SHARE);
            while !self.is_stopped() && Instant::now() < next {
                park_timeout(next.saturating_duration_since(Instant::now()));
            }
        }
    }

    fn look(&self) -> Option<Reached> {
        let stop = || self.is_stopped();
        let mut tally = Tally::new(self.bounds);
        walk(&mut tally, &self.workspace, &stop)
            .or_else(|| hidden::add(&mut tally, self.own, &stop))
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::process::limit::Resource;

    #[test]
    fn it_tells_once_and_its_thread_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_owned();
        assert!(Storage::watch(path.clone(), Bounds::default(), 1).is_none());
        let bounds = Bounds {
            files: Some(1),
            ..Bounds::default()
        };
        let own = i32::try_from(std::process::id()).expect("small");
        let storage = Storage::watch(path, bounds, own).expect("a thread");
        for name in ["a", "b", "c"] {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let reached = storage.found.recv_timeout(Duration::from_secs(60));
        assert_eq!(reached, Ok(Resource::Files.above(1)));
        assert_eq!(storage.reached(), None);
    }
}
