//! HTTP without a socket: `http::Request` in, `http::Response` out (contract, sections 3 and 4).
//!
//! [`session::answer`] and [`simulation::answer`] look at the request's head only; no route has a
//! body that matters. Where more than looking is needed, the [`Answer`] says what:
//! a place for a session, a page to be drawn, or a WebSocket.

pub mod escape;
pub mod metrics;
mod page;
mod response;
pub mod session;
pub mod simulation;
pub mod view;

use bytes::Bytes;
use http::Response;

/// What to do with a request.
#[derive(Debug)]
pub enum Answer<View> {
    /// Send this.
    Respond(Response<Bytes>),
    /// Send what [`Draw`] makes of the view: taken from the machine now, drawn at leisure.
    Draw(Draw, Box<View>),
    /// Ask the session machine for a place and send what [`session::placed`] makes of it.
    Place,
    /// Make the connection a WebSocket, and serve this on it.
    Upgrade(Socket),
}

/// What is made of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// `/monitor`.
    Page,
    /// `/monitor.json`: what an open page asks for again and again.
    Update,
    /// `/metrics`.
    Metrics,
}

/// What a WebSocket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    /// `/` of the session server: availability.
    Availability,
    /// `/session` of the session server: one frame, then a close.
    Session,
    /// `/client` of the simulation server.
    Client,
}
