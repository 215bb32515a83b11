//! What a stranger may use.

use std::time::Duration;

use webots_cloud_core::config::Connections;

/// How long a connection may take, and how much it may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the TLS handshake.
    pub handshake_time: Duration,
    /// For the head of a request, and between two requests of a connection.
    pub header_time: Duration,
    /// For taking some of what is sent.
    pub send_time: Duration,
    /// The head of a request. At least 8 KiB, hyper's own minimum.
    pub head_bytes: usize,
}

impl Limits {
    /// As configured, with heads of at most 16 KiB.
    pub const fn of(connections: &Connections) -> Self {
        Self {
            handshake_time: connections.handshake_time,
            header_time: connections.header_time,
            send_time: connections.send_time,
            head_bytes: 16 * 1024,
        }
    }
}
