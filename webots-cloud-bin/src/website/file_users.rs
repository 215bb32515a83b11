//! Users in a file, for sites that have no accounts of their own.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use serde::Deserialize;
use thiserror::Error;
use webots_cloud_core::secret::Secret;

use super::cookies::cookie;
use super::passwords::{self, Passwords, hash_password};
use super::users::{FILE, Unidentified, UserDirectory, UserFuture, UserId, UserIdError};

/// The users in `users.json` of a folder. The file is read again when it changes; without one there
/// are no users.
///
/// ```json
/// {"users": [{"id": 1, "email": "ann@example.org", "password": "$argon2id$v=19$…"}]}
/// ```
/// `password` is an Argon2 hash in the usual form (PHC); [`hash_password`] makes one, and so does
/// `webots-website-host --hash-password`.
///
/// - Uploads: the cookies `email` and `password` (W4.2), the latter with the password itself.
/// - Downloads: `user1Authentication` is what the site's page gave the browser (W2.3): the hash as it
///   stands in the file, as pages made by a server give it, or the password, as a static page with
///   nothing but cookies does. The hash is of no use for uploads, nor for downloads without the
///   host's key.
#[derive(Debug)]
pub struct FileUsers {
    file: PathBuf,
    read: Mutex<(Version, Arc<Users>)>,
    passwords: Passwords,
    /// The hash of nobody's password: to find no user takes as long as to find one.
    decoy: Secret,
}

/// Why the file of users cannot be used.
#[derive(Debug, Error)]
pub enum UsersError {
    /// It cannot be read.
    #[error("{FILE} cannot be read")]
    Unreadable(#[from] io::Error),
    /// Not JSON, or not of this form.
    #[error(
        "{FILE}, line {line}: not of the form \
         {{\"users\": [{{\"id\": 1, \"email\": \"…\", \"password\": \"…\"}}]}}"
    )]
    Form {
        /// Where. The parser's own words may hold what stands there.
        line: usize,
    },
    /// An id cannot be one.
    #[error("{FILE}: user number {number}: the id")]
    Id {
        /// Which user, from 1 on.
        number: usize,
        /// What is wrong with it.
        source: UserIdError,
    },
    /// An id or a mail address is there twice.
    #[error("{FILE}: user number {number} has the id or the email of another")]
    Twice {
        /// Which user, from 1 on.
        number: usize,
    },
    /// No hash.
    #[error("{FILE}: user number {number}: `password` is not an Argon2 hash like $argon2id$…")]
    NoHash {
        /// Which user, from 1 on.
        number: usize,
    },
    /// No hash can be made.
    #[error("no password can be hashed: {0}")]
    Hash(argon2::password_hash::Error),
}

#[derive(Debug, Default)]
struct Users {
    hashes: HashMap<UserId, Secret>,
    emails: HashMap<String, UserId>,
}

/// What changes when a file does: length, time, inode. `None` is no file.
type Version = Option<(u64, i64, i64, u64)>;

impl FileUsers {
    /// The users of this folder. Takes some tens of milliseconds.
    ///
    /// # Errors
    /// The file is there but cannot be used.
    pub fn in_folder(folder: &Path) -> Result<Self, UsersError> {
        let file = folder.join(FILE);
        let read = Mutex::new(read(&file)?);
        let decoy = hash_password(&Secret::new("nobody's")).map_err(UsersError::Hash)?;
        Ok(Self {
            file,
            read,
            passwords: Passwords::default(),
            decoy: Secret::new(decoy),
        })
    }

    /// The users as of now. Looks at the file, which takes microseconds.
    fn users(&self) -> Arc<Users> {
        let mut current = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match version(&self.file) {
            Ok(version) if version == current.0 => {}
            Ok(_) => match read(&self.file) {
                Ok(fresh) => *current = fresh,
                Err(error) => tracing::error!(
                    error = crate::main_loop::chain(&error),
                    "the users stay as they were"
                ),
            },
            Err(error) => tracing::error!(%error, "the users stay as they were"),
        }
        Arc::clone(&current.1)
    }

    async fn identified(&self, headers: &HeaderMap) -> Result<UserId, Unidentified> {
        let missing = |name| Unidentified::new(format!("Missing {name} cookie."));
        let email = cookie(headers, "email").ok_or_else(|| missing("email"))?;
        let password = cookie(headers, "password").ok_or_else(|| missing("password"))?;
        let users = self.users();
        let user = users.emails.get(&email);
        let hash = user.and_then(|user| users.hashes.get(user));
        let password = Secret::new(password);
        let right = self
            .passwords
            .matches(&password, hash.unwrap_or(&self.decoy))
            .await;
        let user = user.filter(|_| right);
        user.cloned()
            .ok_or_else(|| Unidentified::new("Wrong email or password."))
    }

    async fn verified(&self, user: &UserId, authentication: &Secret) -> bool {
        let users = self.users();
        let hash = users.hashes.get(user);
        if hash.is_some_and(|hash| passwords::same(hash, authentication)) {
            return true;
        }
        let right = self
            .passwords
            .matches(authentication, hash.unwrap_or(&self.decoy))
            .await;
        right && hash.is_some()
    }
}

impl UserDirectory for FileUsers {
    fn identify<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> UserFuture<'a, Result<UserId, Unidentified>> {
        Box::pin(self.identified(headers))
    }

    fn verify<'a>(&'a self, user: &'a UserId, authentication: &'a Secret) -> UserFuture<'a, bool> {
        Box::pin(self.verified(user, authentication))
    }
}

fn version(file: &Path) -> io::Result<Version> {
    match fs::metadata(file) {
        Ok(it) => Ok(Some((it.len(), it.mtime(), it.mtime_nsec(), it.ino()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(file: &Path) -> Result<(Version, Arc<Users>), UsersError> {
    // Before the file itself: what changes in between is seen the next time.
    let version = version(file)?;
    let users = match version {
        None => Users::default(),
        Some(_) => parse(&fs::read_to_string(file)?)?,
    };
    Ok((version, Arc::new(users)))
}

#[derive(Deserialize)]
struct UsersFile {
    users: Vec<UserEntry>,
}

#[derive(Deserialize)]
struct UserEntry {
    id: IdText,
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum IdText {
    Number(u64),
    Text(String),
}

fn parse(text: &str) -> Result<Users, UsersError> {
    let file: UsersFile =
        serde_json::from_str(text).map_err(|error| UsersError::Form { line: error.line() })?;
    let mut users = Users::default();
    for (number, entry) in (1..).zip(file.users) {
        let id = match entry.id {
            IdText::Number(id) => id.to_string(),
            IdText::Text(id) => id,
        };
        let id = UserId::new(id).map_err(|source| UsersError::Id { number, source })?;
        if !passwords::is_hash(&entry.password) {
            return Err(UsersError::NoHash { number });
        }
        let hash = users.hashes.insert(id.clone(), Secret::new(entry.password));
        let email = users.emails.insert(entry.email, id);
        if hash.is_some() || email.is_some() {
            return Err(UsersError::Twice { number });
        }
    }
    Ok(users)
}

#[cfg(test)]
#[path = "file_users_tests.rs"]
mod tests;
