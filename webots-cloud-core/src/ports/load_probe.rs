use std::fmt;

use super::{BoxFuture, PortError};
use crate::load::LoadSample;

/// Takes one sample of a machine's load: of this machine, or of another over HTTP.
///
/// # Errors
/// An error means that the load is not known: the session machine takes the server for silent, the
/// simulation machine keeps the last sample. A server that answers something that is not a load
/// ([`Load::from_percent`](crate::load::Load::from_percent)) is an error too.
///
/// # Cancel safety
/// The future may be dropped at any time and must leave nothing behind. It should end within the
/// time that its configuration allows; the session machine gives up on it by itself.
pub trait LoadProbe: fmt::Debug + Send + Sync {
    /// Measures once.
    fn sample(&self) -> BoxFuture<'_, Result<LoadSample, PortError>>;
}
