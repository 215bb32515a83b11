//! A web client without a browser: what `demo --check` and the tests talk to the servers with.

mod http;
mod socket;

use std::io;

use thiserror::Error;
use tokio_tungstenite::tungstenite;

pub use http::{Reply, get, request, request_with};
pub use socket::ClientSocket;

/// Why a client could not go on.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The URL is none, or not of this kind.
    #[error("{0} is no address that this client knows")]
    Address(String),
    /// Nothing came within the time allowed.
    #[error("{0} did not come in time")]
    TimeOut(String),
    /// The other side closed, with this code and reason.
    #[error("the connection was closed (code {0:?}) while waiting for {1}")]
    Closed(Option<u16>, String),
    /// The connection could not be made or broke.
    #[error("connection failed")]
    Io(#[from] io::Error),
    /// Not what the WebSocket protocol allows.
    #[error("WebSocket failed")]
    WebSocket(#[from] tungstenite::Error),
    /// Not what HTTP allows.
    #[error("HTTP failed")]
    Http(#[from] hyper::Error),
}
