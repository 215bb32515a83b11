//! Which projects are there, and which of them go when there are too many.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Key;
use super::entry::Entry;
use super::folders::{Folders, Work};

/// The cached projects.
#[derive(Debug)]
pub(super) struct Shelf {
    limit: u64,
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    /// Counts the uses.
    now: u64,
    entries: BTreeMap<Key, Place>,
}

#[derive(Debug)]
struct Place {
    entry: Arc<Entry>,
    used: u64,
}

impl Shelf {
    pub(super) fn new(limit: u64, mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(Entry::used);
        let mut places = Places::default();
        for entry in entries {
            places.put(entry);
        }
        Self {
            limit,
            places: Mutex::new(places),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // The table is never left half changed.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The project, which stays as long as the answer is held.
    pub(super) fn take(&self, key: &Key) -> Option<Arc<Entry>> {
        let mut places = self.lock();
        places.now += 1;
        let now = places.now;
        let place = places.entries.get_mut(key)?;
        place.used = now;
        Some(Arc::clone(&place.entry))
    }

    /// Moves a finished project to its place. What was there goes. Blocks.
    pub(super) fn keep(
        &self,
        entry: Entry,
        work: &Work,
        folders: &Folders,
    ) -> io::Result<Arc<Entry>> {
        // Moves are made with the lock held, so that what is on the disk is what is in the table;
        // what is taken away is removed without it.
        let mut places = self.lock();
        let old = folders.take_away(entry.path())?;
        let moved = std::fs::rename(&work.path, entry.path());
        if moved.is_err() {
            places.entries.remove(entry.key());
        }
        let kept = moved.map(|()| places.put(entry));
        drop(places);
        drop(old);
        kept
    }

    /// Removes this project, if it has not been replaced meanwhile. Blocks.
    pub(super) fn forget(&self, entry: &Arc<Entry>, folders: &Folders) {
        let mut places = self.lock();
        let same = |place: &Place| Arc::ptr_eq(&place.entry, entry);
        let away = if places.entries.get(entry.key()).is_some_and(same) {
            places.remove(entry.key(), folders)
        } else {
            None
        };
        drop(places);
        drop(away);
    }

    /// Removes what was not used for the longest time until the rest is not too much. Blocks.
    pub(super) fn trim(&self, folders: &Folders) {
        loop {
            let mut places = self.lock();
            let Some(oldest) = places.oldest_beyond(self.limit) else {
                return;
            };
            let away = places.remove(&oldest, folders);
            drop(places);
            drop(away);
        }
    }
}

impl Places {
    fn put(&mut self, entry: Entry) -> Arc<Entry> {
        self.now += 1;
        let place = Place {
            entry: Arc::new(entry),
            used: self.now,
        };
        let entry = Arc::clone(&place.entry);
        self.entries.insert(entry.key().clone(), place);
        entry
    }

    /// Takes it out of the table and away from its place.
    fn remove(&mut self, key: &Key, folders: &Folders) -> Option<Work> {
        let place = self.entries.remove(key)?;
        let path = place.entry.path();
        folders.take_away(path).unwrap_or_else(|error| {
            tracing::warn!(%error, path = %path.display(), "cannot be removed");
            None
        })
    }

    /// What goes first, if all together is more than `limit` and anything is idle.
    fn oldest_beyond(&self, limit: u64) -> Option<Key> {
        let all = self.entries.values();
        let weight: u64 = all.map(|place| place.entry.weight()).sum();
        if weight <= limit {
            return None;
        }
        // Whoever copies one holds it as well.
        let idle = self.entries.values();
        let idle = idle.filter(|place| Arc::strong_count(&place.entry) == 1);
        let oldest = idle.min_by_key(|place| place.used)?;
        Some(oldest.entry.key().clone())
    }
}
