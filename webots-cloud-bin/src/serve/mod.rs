//! Sockets: accepting connections, HTTP, and WebSockets, with a bound on everything.
//!
//! The accept loop is our own and not a framework's, since the limits are the point: connections,
//! the time for a TLS handshake and for a request's head, and the size of buffers.

pub mod accept;
mod client_socket;
mod connection;
mod content;
mod http;
mod limits;
pub mod mount;
mod performed;
mod places;
mod rate;
mod request_counts;
mod sending;
pub mod session;
mod session_log;
pub mod simulation;
pub mod tls;
pub mod websocket;

pub use accept::{Door, Entrance};
pub use client_socket::ClientLimits;
pub use content::Content;
pub use http::Service;
pub use limits::Limits;
