/// What goes on at a server's door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoorView {
    /// Open connections.
    pub open: usize,
    /// Closed at once since all places were taken.
    pub refused_full: u64,
    /// Closed at once since their address had too many.
    pub refused_crowded: u64,
    /// TLS handshakes that failed.
    pub failed_handshakes: u64,
    /// Too slow with the handshake or the head of a request.
    pub late: u64,
    /// Dropped since they did not read what they were sent.
    pub stalled: u64,
    /// WebSockets dropped since nothing came from them, not even a pong.
    pub silent: u64,
    /// WebSockets closed for a message that was too large.
    pub messages_too_large: u64,
    /// WebSockets closed for too many messages in a second.
    pub messages_too_many: u64,
}
