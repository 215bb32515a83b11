//! Passwords against their hashes.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{self, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use webots_cloud_core::secret::Secret;

/// Each takes 19 MiB and a core for some tens of milliseconds: all others are to go on meanwhile.
const AT_A_TIME: usize = 2;

/// Makes a hash that can stand in the file of users: Argon2id with the crate's current parameters.
///
/// Takes some tens of milliseconds.
///
/// # Errors
/// The password is longer than 4 GiB, or the system has no random numbers.
pub fn hash_password(password: &Secret) -> Result<String, password_hash::Error> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.expose().as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Whether this is a hash that [`Passwords`] can compare with.
pub(super) fn is_hash(text: &str) -> bool {
    let parsed = PasswordHash::new(text);
    parsed.is_ok_and(|hash| {
        argon2::Algorithm::try_from(hash.algorithm).is_ok()
            && hash.hash.is_some()
            && argon2::Params::try_from(&hash).is_ok()
    })
}

/// Compares, a few at a time.
#[derive(Debug)]
pub(super) struct Passwords {
    slots: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Passwords {
    /// Whether the hash is of this password. Cancel safe; a comparison under way goes on.
    pub(super) async fn matches(&self, password: &Secret, hash: &Secret) -> bool {
        // Never closed.
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            return false;
        };
        let (password, hash) = (password.clone(), hash.clone());
        let compare = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let Ok(hash) = PasswordHash::new(hash.expose()) else {
                return false;
            };
            let password = password.expose().as_bytes();
            Argon2::default().verify_password(password, &hash).is_ok()
        });
        compare.await.unwrap_or(false)
    }
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
pub(super) fn same(one: &Secret, other: &Secret) -> bool {
    bool::from(one.expose().as_bytes().ct_eq(other.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_of_one_password() {
        let secret = |text: &str| Secret::new(text);
        let hash = hash_password(&secret("correct horse")).expect("a hash");
        assert!(is_hash(&hash) && hash.starts_with("$argon2id$"), "{hash}");
        let passwords = Passwords::default();
        assert!(
            passwords
                .matches(&secret("correct horse"), &secret(&hash))
                .await
        );
        assert!(
            !passwords
                .matches(&secret("correct hors"), &secret(&hash))
                .await
        );
        assert!(!passwords.matches(&secret(&hash), &secret(&hash)).await);
        for bad in [
            "",
            "plain",
            "$2y$10$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=1",
        ] {
            assert!(!is_hash(bad), "{bad}");
            assert!(!passwords.matches(&secret(bad), &secret(bad)).await);
        }
    }
}
