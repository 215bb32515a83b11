//! What came of an attempt: one line of JSON.

use std::io;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::errno;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// The probe could do it.
    Could,
    /// It was refused, or ended for it.
    CouldNot,
    /// There is nothing of this kind on this machine, or in this configuration.
    NothingToTry,
    /// The probe did not answer.
    Unknown,
}

/// The same, with how it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(super) found: Found,
    /// Short: the name of an error, a path, a number.
    pub(super) detail: String,
}

impl Answer {
    fn new(found: Found, detail: impl Into<String>) -> Self {
        Self {
            found,
            detail: detail.into(),
        }
    }

    pub(super) fn could(detail: impl Into<String>) -> Self {
        Self::new(Found::Could, detail)
    }

    pub(super) fn could_not(detail: impl Into<String>) -> Self {
        Self::new(Found::CouldNot, detail)
    }

    pub(super) fn nothing(detail: impl Into<String>) -> Self {
        Self::new(Found::NothingToTry, detail)
    }

    pub(super) fn unknown(detail: impl Into<String>) -> Self {
        Self::new(Found::Unknown, detail)
    }

    pub(super) fn refused(error: &io::Error) -> Self {
        Self::could_not(errno::name_of(error))
    }

    /// Of a system call that is the whole attempt.
    pub(super) fn of(called: Result<(), Errno>) -> Self {
        called.map_or_else(
            |error| Self::could_not(errno::name(error)),
            |()| Self::could(""),
        )
    }

    /// The line that tells it.
    pub(super) fn line(self, attempt: &str) -> String {
        let line = Line {
            attempt: attempt.to_owned(),
            answer: self,
        };
        // Texts only: cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// An answer, and to what.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) attempt: String,
    #[serde(flatten)]
    pub(super) answer: Answer,
}

impl Line {
    /// `None` for what else a sandbox prints.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
