//! What strangers may use of a server before anybody knows who they are.

use std::time::Duration;

use super::defaults;
use super::reader::Reader;

/// The bounds on connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// At a time.
    pub total: u64,
    /// At a time from one address, or from one network of IPv6; from the machine itself all.
    pub per_address: Option<u64>,
    /// For the TLS handshake.
    pub handshake_time: Duration,
    /// For the head of a request, and between two requests of a connection.
    pub header_time: Duration,
    /// For taking some of what is sent.
    pub send_time: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        defaults::CONNECTIONS
    }
}

pub(super) fn connections(r: &mut Reader<'_>) -> Connections {
    let default = defaults::CONNECTIONS;
    Connections {
        total: r
            .whole("connections.total", 1..=u64::MAX)
            .unwrap_or(default.total),
        per_address: r.whole_limit("connections.perAddress", 1, default.per_address),
        handshake_time: r
            .seconds("connections.handshakeTime", 0.001)
            .unwrap_or(default.handshake_time),
        header_time: r
            .seconds("connections.headerTime", 0.001)
            .unwrap_or(default.header_time),
        send_time: r
            .seconds("connections.sendTime", 0.001)
            .unwrap_or(default.send_time),
    }
}
