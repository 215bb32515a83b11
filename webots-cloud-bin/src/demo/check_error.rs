//! A step of `demo --check` that did not do what it should.

use thiserror::Error;

use crate::client::ClientError;

/// A step that did not do what it should.
#[derive(Debug, Error)]
pub(super) enum CheckError {
    /// The connection to a server failed.
    #[error("FAILED {step}")]
    Client {
        /// Which step.
        step: &'static str,
        /// Why.
        source: ClientError,
    },
    /// A server said something else.
    #[error("FAILED {step}: {what}")]
    Unexpected {
        /// Which step.
        step: &'static str,
        /// What came instead.
        what: String,
    },
}

/// Names the step in a client's error.
pub(super) trait Step<T> {
    fn at(self, step: &'static str) -> Result<T, CheckError>;
}

impl<T> Step<T> for Result<T, ClientError> {
    fn at(self, step: &'static str) -> Result<T, CheckError> {
        self.map_err(|source| CheckError::Client { step, source })
    }
}

pub(super) fn unexpected(step: &'static str, what: impl Into<String>) -> CheckError {
    CheckError::Unexpected {
        step,
        what: what.into(),
    }
}
