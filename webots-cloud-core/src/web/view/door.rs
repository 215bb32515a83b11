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
}
