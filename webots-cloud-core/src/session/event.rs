//! What the session machine hears and what it orders.

use crate::id::{ProbeId, RequestId, ServerId};
use crate::load::LoadSample;
use crate::machine::DeadlineReached;
use crate::ports::{Notice, PortError};

/// A fact for the session machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A client asks for a place. Answered at once by [`Effect::Offer`].
    SessionRequested {
        /// Names the request in the answer.
        request: RequestId,
    },
    /// The answer to [`Work::SampleLoad`].
    LoadSampled {
        /// The server that was asked.
        server: ServerId,
        /// The number of the order.
        probe: ProbeId,
        /// What came of it.
        result: Result<LoadSample, PortError>,
    },
    /// The moment named by the machine has come.
    DeadlineReached,
    /// The session server is to end: it has no room any more.
    ShutdownRequested,
}

impl From<DeadlineReached> for Input {
    fn from(DeadlineReached: DeadlineReached) -> Self {
        Self::DeadlineReached
    }
}

/// An order of the session machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Something that takes time.
    Work(Work),
    /// The answer to a client's request for a place.
    Offer {
        /// The request.
        request: RequestId,
        /// Where there is room; `None` if nowhere.
        server: Option<ServerId>,
    },
    /// Tell every client whether there is room. Given only when it changed; who comes later is told
    /// [`SessionMachine::available`](super::SessionMachine::available).
    Announce {
        /// Whether there is room.
        available: bool,
    },
    /// The first round of samples has ended: the port may be opened. Given once.
    Open,
}

/// Work that the session machine orders.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Ask a server for its load; answered by [`Input::LoadSampled`].
    SampleLoad {
        /// The server.
        server: ServerId,
        /// To be repeated in the answer.
        probe: ProbeId,
    },
    /// Tell the administrator. Not answered.
    Notify(Notice),
}
