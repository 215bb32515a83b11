//! The routes of the session server (contract, section 3).

use bytes::Bytes;
use http::header::ACCESS_CONTROL_EXPOSE_HEADERS;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::view::{SessionSite, SessionView};
use super::{Answer, Draw, Socket, metrics, page, response};
use crate::load::Load;
use crate::protocol::session::{NO_ROOM, availability_text, session_reply};
use crate::protocol::session_id::SessionId;
use crate::session::SessionMachine;

/// The session's name in the logs, with `/session`. A client may repeat it: `/client?session=NAME`.
pub const SESSION_HEADER: HeaderName = HeaderName::from_static("webots-cloud-session");

/// What is served, and nothing else.
pub const ROUTES: &[&str] = &[
    "/",
    "/session",
    "/load",
    "/monitor",
    "/monitor.css",
    "/monitor.js",
    "/monitor.json",
    "/metrics",
    "/healthz",
    "/readyz",
];

/// Answers the head of a request. `clients` is the number of availability sockets.
pub fn answer<B>(
    machine: &SessionMachine,
    clients: usize,
    request: &Request<B>,
) -> Answer<SessionView> {
    let path = request.uri().path();
    let websocket = response::wants_websocket(request);
    if path == "/session" {
        return if websocket {
            Answer::Upgrade(Socket::Session)
        } else {
            session(request.method())
        };
    }
    if path == "/" && websocket {
        return Answer::Upgrade(Socket::Availability);
    }
    if !ROUTES.contains(&path) {
        return Answer::Respond(response::not_found(ROUTES));
    }
    if let Some(refusal) = response::unless_read(request) {
        return Answer::Respond(refusal);
    }
    let draw = |what| Answer::Draw(what, Box::new(SessionView::of(machine, clients)));
    match path {
        "/load" => Answer::Respond(response::text(StatusCode::OK, load_text(machine.load()))),
        "/monitor" => draw(Draw::Page),
        "/monitor.json" => draw(Draw::Update),
        "/monitor.css" => Answer::Respond(response::style(page::STYLE)),
        "/monitor.js" => Answer::Respond(response::script(page::SCRIPT)),
        "/metrics" => draw(Draw::Metrics),
        "/healthz" => Answer::Respond(response::health(None)),
        "/readyz" => Answer::Respond(response::health(not_ready(machine))),
        _ => {
            let text = availability_text(machine.available());
            Answer::Respond(response::text(StatusCode::OK, text))
        }
    }
}

fn session(method: &Method) -> Answer<SessionView> {
    match *method {
        Method::GET | Method::HEAD | Method::POST => Answer::Place,
        Method::OPTIONS => Answer::Respond(response::with_cors(response::nothing())),
        _ => {
            let refusal = response::wrong_method("GET, HEAD, POST, OPTIONS");
            Answer::Respond(response::with_cors(refusal))
        }
    }
}

fn not_ready(machine: &SessionMachine) -> Option<&'static str> {
    match (machine.is_stopping(), machine.is_open()) {
        (true, _) => Some("the session server is shutting down"),
        (false, false) => Some("the first round of load samples has not ended"),
        (false, true) => None,
    }
}

/// What comes of [`Answer::Place`]: the address of the chosen server, or that there is none; always
/// with status 200, for clients ignore the others (W1.10). The header names the session, if there is
/// one; pages of other sites may read it.
pub fn placed(address: Option<&str>, site: &SessionSite, session: &SessionId) -> Response<Bytes> {
    let text = response::text(StatusCode::OK, placed_text(address, site));
    let mut response = response::with_cors(text);
    if let (Some(_), Ok(name)) = (address, HeaderValue::from_str(session.as_str())) {
        let headers = response.headers_mut();
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_name(SESSION_HEADER),
        );
        headers.insert(SESSION_HEADER, name);
    }
    response
}

/// The same as the one frame of the `/session` WebSocket.
pub fn placed_text(address: Option<&str>, site: &SessionSite) -> String {
    match address {
        Some(address) => session_reply(site.secure, address),
        None => NO_ROOM.to_owned(),
    }
}

/// The mean load, `-1` if no server answers (W1.2).
fn load_text(load: Option<Load>) -> String {
    load.map_or_else(|| "-1".to_owned(), |load| load.to_string())
}

impl SessionView {
    /// The response that this view was taken for.
    pub fn draw(&self, what: Draw, site: &SessionSite) -> Response<Bytes> {
        match what {
            Draw::Page => response::page(self.page(site)),
            Draw::Update => response::json(self.update(site)),
            Draw::Metrics => response::metrics(metrics::session(self)),
        }
    }
}
