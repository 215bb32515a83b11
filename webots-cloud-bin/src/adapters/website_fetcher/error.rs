//! Why a project was not fetched from a website.

use std::error::Error;
use std::io;
use std::time::Duration;

use thiserror::Error;
use webots_cloud_core::ports::PortError;

use crate::adapters::archive::ArchiveError;

/// Why there is no project. `Display` is for the user: no secrets, no paths of this machine.
#[derive(Debug, Error)]
pub(super) enum FetchError {
    #[error("projects of a user are fetched from addresses like https://example.org only")]
    NotAWebsite,
    #[error("projects of users are not fetched from {host}: this server has no key for it")]
    NoKey { host: String },
    #[error("the key for {host} cannot be used: ask the operator of this server")]
    BadKey { host: String, source: io::Error },
    #[error("projects are not fetched from {host}: it is not a public address")]
    Private { host: String },
    #[error("{host} does not exist")]
    NoSuchHost { host: String, source: io::Error },
    #[error("this server has no certificates to tell who {host} is: ask its operator")]
    NoTrust { host: String },
    #[error("{host} does not answer: {cause}")]
    Unreachable { host: String, cause: String },
    #[error("{host} broke off the download: {cause}")]
    BrokeOff { host: String, cause: String },
    #[error("{host} answered with HTTP {status} instead of a project")]
    Status { host: String, status: u16 },
    #[error("{host} says that the project is somewhere else, and this server does not follow")]
    Elsewhere { host: String },
    #[error("{host} sent the project in an encoding that was not asked for")]
    Encoding { host: String },
    #[error("the project is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("{host} says: {text}")]
    Refused { host: String, text: String },
    #[error("the project that {host} sent cannot be used: {source}")]
    Archive { host: String, source: ArchiveError },
    #[error("the project could not be written down")]
    Io(#[from] io::Error),
    #[error("{host} did not send the project within {} s", limit.as_secs_f64())]
    Late { host: String, limit: Duration },
    #[error("nobody waits for the project any more")]
    Left,
    #[error("{0}")]
    Base(PortError),
}

/// What is wrong, and whose turn it is.
impl From<FetchError> for PortError {
    fn from(error: FetchError) -> Self {
        let message = error.to_string();
        match error {
            FetchError::Base(error) => error,
            FetchError::NotAWebsite
            | FetchError::NoKey { .. }
            | FetchError::Private { .. }
            | FetchError::Elsewhere { .. }
            | FetchError::Encoding { .. }
            | FetchError::TooLarge { .. }
            | FetchError::Refused { .. } => Self::bad_request(message),
            FetchError::Status { status, .. } if (400..429).contains(&status) => {
                Self::bad_request(message)
            }
            FetchError::Archive { source, .. } => of_archive(message, source),
            FetchError::BadKey { source, .. } => Self::permanent(message).because(source),
            FetchError::NoTrust { .. } => Self::permanent(message),
            FetchError::NoSuchHost { source, .. } | FetchError::Io(source) => {
                Self::retry(message).because(source)
            }
            FetchError::Unreachable { .. }
            | FetchError::BrokeOff { .. }
            | FetchError::Status { .. }
            | FetchError::Late { .. }
            | FetchError::Left => Self::retry(message),
        }
    }
}

/// The archive stays the same when it is asked for again; the disk may not.
fn of_archive(message: String, error: ArchiveError) -> PortError {
    if matches!(error, ArchiveError::Cancelled) {
        FetchError::Left.into()
    } else if matches!(error, ArchiveError::Io(_)) {
        PortError::retry(message).because(error)
    } else {
        PortError::bad_request(message)
    }
}

/// The innermost reason, which says most. What it says is about connections and never holds what
/// went over them.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
