//! The one error of all ports.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a port could not do what it was asked for.
///
/// `Display` shows the message only, which may be shown to the client: it is in words a user
/// understands and holds neither secrets nor paths of the machine. What only the operator should
/// see is the [source](Error::source).
#[derive(Clone, Debug)]
pub struct PortError {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// Whose turn it is after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked for is wrong or does not exist: the client has to ask for something else.
    BadRequest,
    /// Asking again later may help.
    Retry,
    /// Somebody has to mend something first.
    Permanent,
    /// The port that an instance was to listen on is in use by somebody else: another will do.
    PortTaken,
}

impl PortError {
    /// An error of this kind, with a message for the user.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// The client asked for something impossible.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    /// It may work later.
    pub fn retry(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Retry, message)
    }

    /// It will not work before somebody mends it.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Permanent, message)
    }

    /// With the cause, for the operator's eyes.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Whose turn it is.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message for the user.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// Two errors are equal if a user could not tell them apart.
impl PartialEq for PortError {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.message == other.message
    }
}
