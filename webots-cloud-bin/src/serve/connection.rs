//! One connection that came in.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::limits::Limits;
use super::places::{Place, Places};

/// What holds for it.
#[derive(Debug)]
pub(super) struct Connection {
    /// The other end.
    pub(super) peer: SocketAddr,
    pub(super) place: Place,
    pub(super) places: Arc<Places>,
    pub(super) limits: Limits,
    /// When the server ends.
    pub(super) stop: CancellationToken,
}
