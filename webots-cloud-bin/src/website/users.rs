//! Who the users are: what a site plugs its own accounts into.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use http::HeaderMap;
use thiserror::Error;
use webots_cloud_core::protocol::segment::{SegmentFault, check_argument};
use webots_cloud_core::secret::Secret;

/// The name of the file of users in `usersDir`, which no user may be called like.
pub(super) const FILE: &str = "users.json";

/// A future of a directory, written out so that the trait can be used as an object.
pub type UserFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The accounts of a site.
///
/// The website host bounds how many requests of one source ask at a time, and calls from many tasks
/// at once. Futures that are dropped mean that the request is gone.
pub trait UserDirectory: fmt::Debug + Send + Sync {
    /// Whose browser sent these headers (W4.2: its cookies say)? For uploads.
    ///
    /// # Errors
    /// Nobody that is known; the text is shown to the user.
    fn identify<'a>(
        &'a self,
        headers: &'a HeaderMap,
    ) -> UserFuture<'a, Result<UserId, Unidentified>>;

    /// Is `authentication`, which a page gave the simulation server as `user1Authentication`, really
    /// from this user (W2.3, W4.1)? For downloads; the simulation server has shown its key before.
    fn verify<'a>(&'a self, user: &'a UserId, authentication: &'a Secret) -> UserFuture<'a, bool>;
}

/// A user's id: also the name of their folder below `usersDir`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

/// The most bytes in an id.
const LONGEST: usize = 64;

impl UserId {
    /// Checks an id.
    ///
    /// # Errors
    /// It cannot be the name of a folder, or means something else already.
    pub fn new(id: impl Into<String>) -> Result<Self, UserIdError> {
        let id = id.into();
        check_argument(&id)?;
        match id.as_str() {
            "0" => Err(UserIdError::Nobody),
            id if id.len() > LONGEST => Err(UserIdError::TooLong),
            id if id.starts_with('.') || id == FILE => Err(UserIdError::Reserved),
            _ => Ok(Self(id)),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no user's id. `Display` continues a sentence: "the id …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UserIdError {
    /// It cannot be a folder's name.
    #[error(transparent)]
    Name(#[from] SegmentFault),
    /// `0`: nobody is logged in (W6).
    #[error("is 0, which means that nobody is logged in")]
    Nobody,
    /// More than 64 bytes.
    #[error("is longer than {LONGEST} bytes")]
    TooLong,
    /// A hidden name, or that of the file of users.
    #[error("begins with a dot or is {FILE}")]
    Reserved,
}

/// Nobody that is known. The text is shown to the user, after `Error: `.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Unidentified(String);

impl Unidentified {
    /// With this text, a sentence.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_names_of_folders_of_their_own() {
        for good in ["1", "42", "ann", "a@b.example", "00", "été"] {
            assert_eq!(UserId::new(good).expect("good").as_str(), good);
        }
        let long = "1".repeat(LONGEST + 1);
        for bad in [
            "", "0", ".", "..", ".1", "-1", "a/b", "a\\b", "a\0", "C:", FILE, &long,
        ] {
            assert!(UserId::new(bad).is_err(), "{bad:?}");
        }
    }
}
