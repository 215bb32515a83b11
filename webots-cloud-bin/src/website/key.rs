//! The key that simulation servers show (W4.1), and what becomes of those who guess.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;
use tokio::sync::Semaphore;
use webots_cloud_core::config::HostKey;
use webots_cloud_core::secret::Secret;

use super::keyed::KeyedLimit;
use super::source::Source;

/// How long the answer to a wrong key takes (W4.1).
pub(super) const DELAY: Duration = Duration::from_secs(1);

/// Wrong keys of one source that wait for their answer, and of all.
const WAITING_EACH: usize = 4;
const WAITING_IN_ALL: usize = 1024;

/// Sources that are remembered to have the right key.
const KNOWN: usize = 256;

/// Why the key cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Unreadable(#[from] io::Error),
    /// Its first line is empty.
    #[error("the first line of the file is empty")]
    Empty,
}

/// What came of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyCheck {
    /// It is the one.
    Right,
    /// It is not, and the delay is over.
    Wrong,
    /// Too many guesses from there wait already: this one was not looked at.
    TooMany,
}

/// Compares keys, and slows down those who guess.
///
/// A wrong key is answered after a delay in which nothing is held but a place in the bound of its
/// source. Who has no place left is refused before the comparison, or the speed of the refusal would
/// tell what the delay hides. A source that has shown the right key is always listened to: strangers
/// behind the same proxy cannot lock a simulation server out.
#[derive(Debug)]
pub(super) struct KeyGuard {
    origin: HostKey,
    key: Mutex<Secret>,
    delay: Duration,
    waiting: KeyedLimit<Source>,
    waiting_in_all: Arc<Semaphore>,
    known: Mutex<VecDeque<Source>>,
}

impl KeyGuard {
    /// # Errors
    /// The key is in a file that cannot be used.
    pub(super) fn new(origin: HostKey, delay: Duration) -> Result<Self, KeyError> {
        Ok(Self {
            key: Mutex::new(read(&origin)?),
            origin,
            delay,
            waiting: KeyedLimit::new(WAITING_EACH),
            waiting_in_all: Arc::new(Semaphore::new(WAITING_IN_ALL)),
            known: Mutex::default(),
        })
    }

    /// Reads the file again. Those who had the old key are strangers from then on.
    ///
    /// # Errors
    /// It cannot be used: the old key stays in force.
    pub(super) fn reload(&self) -> Result<(), KeyError> {
        let fresh = read(&self.origin)?;
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.known().clear();
        Ok(())
    }

    /// Looks at a key. Cancel safe.
    pub(super) async fn check(&self, given: &[u8], from: Source) -> KeyCheck {
        let place = self.waiting.try_enter(&from);
        let place = place.zip(Arc::clone(&self.waiting_in_all).try_acquire_owned().ok());
        if place.is_none() && !self.known().contains(&from) {
            return KeyCheck::TooMany;
        }
        if self.is_right(given) {
            self.remember(from);
            return KeyCheck::Right;
        }
        if place.is_none() {
            return KeyCheck::TooMany;
        }
        tokio::time::sleep(self.delay).await;
        KeyCheck::Wrong
    }

    /// In a time that depends on the length of what is given, and on nothing of the key.
    fn is_right(&self, given: &[u8]) -> bool {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key.expose().as_bytes();
        let there_is_one = Choice::from(u8::from(!key.is_empty()));
        let mut same = there_is_one & given.len().ct_eq(&key.len());
        for (at, byte) in given.iter().enumerate() {
            // Beyond the key's end the lengths differ anyway.
            let other = key.get(at % key.len().max(1)).copied().unwrap_or_default();
            same &= byte.ct_eq(&other);
        }
        bool::from(same)
    }

    fn remember(&self, source: Source) {
        let mut known = self.known();
        if !known.contains(&source) {
            known.truncate(KNOWN - 1);
            known.push_front(source);
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, VecDeque<Source>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key; empty if there is none, which is like no other.
fn read(origin: &HostKey) -> Result<Secret, KeyError> {
    match origin {
        HostKey::None => Ok(Secret::default()),
        HostKey::Key(key) => Ok(key.clone()),
        HostKey::File(file) => {
            let text = fs::read_to_string(file)?;
            // As simulation servers read theirs (W2.3).
            let key = text.lines().next().unwrap_or_default();
            if key.is_empty() {
                return Err(KeyError::Empty);
            }
            Ok(Secret::new(key))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn from(last: u8) -> Source {
        IpAddr::from([192, 0, 2, last]).into()
    }

    fn guard(key: &str, delay: Duration) -> Arc<KeyGuard> {
        let guard = KeyGuard::new(HostKey::Key(Secret::new(key)), delay);
        Arc::new(guard.expect("a key"))
    }

    #[tokio::test]
    async fn only_the_key_is_right() {
        let delay = Duration::from_millis(20);
        let guard = guard("secret", delay);
        assert_eq!(guard.check(b"secret", from(1)).await, KeyCheck::Right);
        for wrong in ["", "s", "secre", "Secret", "secretsecret", "secret\0"] {
            let start = std::time::Instant::now();
            let check = guard.check(wrong.as_bytes(), from(1)).await;
            assert_eq!(check, KeyCheck::Wrong, "{wrong:?}");
            assert!(start.elapsed() >= delay);
        }
        let none = KeyGuard::new(HostKey::None, delay).expect("none");
        assert_eq!(none.check(b"", from(1)).await, KeyCheck::Wrong);
    }

    #[tokio::test]
    async fn guessing_is_slow_and_blocks_nobody_else() {
        // Longer than any test: whoever gets an answer did not wait.
        let guard = guard("secret", Duration::from_secs(3600));
        assert_eq!(guard.check(b"secret", from(1)).await, KeyCheck::Right);
        let guess = |source| {
            let guard = Arc::clone(&guard);
            tokio::spawn(async move { guard.check(b"wrong", source).await })
        };
        let mut guesses: Vec<_> = (0..WAITING_EACH).map(|_| guess(from(1))).collect();
        guesses.extend((0..WAITING_EACH).map(|_| guess(from(2))));
        // There is one thread, and all of them have had it then.
        tokio::task::yield_now().await;
        // Even the right one is not looked at, from where only wrong ones came.
        assert_eq!(guard.check(b"secret", from(2)).await, KeyCheck::TooMany);
        assert_eq!(guard.check(b"wrong", from(1)).await, KeyCheck::TooMany);
        assert_eq!(guard.check(b"secret", from(1)).await, KeyCheck::Right);
        assert_eq!(guard.check(b"secret", from(3)).await, KeyCheck::Right);
        for guess in guesses {
            assert!(!guess.is_finished());
            guess.abort();
            let _ = guess.await;
        }
        assert_eq!(guard.check(b"secret", from(2)).await, KeyCheck::Right);
    }

    #[tokio::test]
    async fn the_first_line_of_a_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(&file, "first\r\nsecond\n").expect("written");
        let guard = KeyGuard::new(HostKey::File(file.path().into()), Duration::ZERO);
        let guard = guard.expect("a key");
        assert_eq!(guard.check(b"first", from(1)).await, KeyCheck::Right);
        fs::write(&file, "other\n").expect("written");
        guard.reload().expect("read");
        assert_eq!(guard.check(b"first", from(1)).await, KeyCheck::Wrong);
        fs::write(&file, "\nother\n").expect("written");
        assert!(matches!(guard.reload(), Err(KeyError::Empty)));
        assert_eq!(guard.check(b"other", from(1)).await, KeyCheck::Right);
        assert!(!format!("{guard:?}").contains("other"));
    }
}
