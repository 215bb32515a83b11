//! What the session server's page and metrics show.

use std::time::Duration;

use super::{DoorView, ProgramView};
use crate::load::Load;
use crate::session::{Peer, SessionFigures, SessionMachine, SessionTotals, Standing};

/// What the monitor page and the metrics show, taken out of the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// The simulation servers.
    pub servers: Vec<ServerView>,
    /// The mean load of those that answer.
    pub load: Option<Load>,
    /// Whether there is room.
    pub available: bool,
    /// Availability sockets.
    pub clients: usize,
    /// What happened since the start.
    pub totals: SessionTotals,
    /// The same by reason, and how long it took.
    pub figures: SessionFigures,
    /// How long the server runs.
    pub uptime: Duration,
    /// The server's door, if whoever drives the machine has one.
    pub door: DoorView,
    /// The server's program, likewise.
    pub program: ProgramView,
}

/// One simulation server.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerView {
    /// The entry in `simulationServers`.
    pub address: String,
    /// How it stands.
    pub standing: Standing,
    /// For how long.
    pub since: Duration,
    /// Its load, while it answers.
    pub load: Option<Load>,
    /// Its slots, if it tells them.
    pub slots: Option<u32>,
    /// Sessions that are on their way there.
    pub reservations: u32,
    /// What came instead of an answer, while it is silent.
    pub trouble: Option<String>,
}

impl SessionView {
    /// Takes a look.
    pub fn of(machine: &SessionMachine, clients: usize) -> Self {
        let server = |peer: &Peer| ServerView {
            address: peer.address().to_owned(),
            standing: peer.standing(),
            since: machine.now().since(peer.since()),
            load: peer.sample().map(|sample| sample.load),
            slots: peer.sample().and_then(|sample| sample.slots),
            reservations: peer.reservations(),
            trouble: peer.trouble().map(str::to_owned),
        };
        Self {
            servers: machine.peers().iter().map(server).collect(),
            load: machine.load(),
            available: machine.available(),
            clients,
            totals: machine.totals(),
            figures: machine.figures().clone(),
            uptime: machine.now().since_start(),
            door: DoorView::default(),
            program: ProgramView::default(),
        }
    }
}

/// What the session server has besides its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSite {
    /// The name shown on the monitor page.
    pub host: String,
    /// Whether clients are sent to `wss` and pages to `https` (`ssl`, W1.2).
    pub secure: bool,
}
