//! The routes of the simulation server (contract, section 4).

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};

use super::view::{SimulationSite, SimulationView};
use super::{Answer, Draw, Socket, metrics, page, response};
use crate::protocol::session_id::SessionId;
use crate::simulation::{MonitorRow, SimulationMachine};

/// Tells a session server of ours how many instances this machine can run, with `/load`.
pub const SLOTS_HEADER: HeaderName = HeaderName::from_static("webots-cloud-slots");

/// What is served, and nothing else.
pub const ROUTES: &[&str] = &[
    "/client",
    "/load",
    "/status",
    "/monitor",
    "/monitor.css",
    "/monitor.js",
    "/monitor.json",
    "/metrics",
    "/healthz",
    "/readyz",
];

/// Answers the head of a request.
pub fn answer<B>(machine: &SimulationMachine, request: &Request<B>) -> Answer<SimulationView> {
    let path = request.uri().path();
    if path == "/client" && response::wants_websocket(request) {
        return match SessionId::in_query(request.uri().query()) {
            Ok(_) => Answer::Upgrade(Socket::Client),
            Err(error) => Answer::Respond(response::bad_request(&error.to_string())),
        };
    }
    if !ROUTES.contains(&path) {
        return Answer::Respond(response::not_found(ROUTES));
    }
    if let Some(refusal) = response::unless_read(request) {
        return Answer::Respond(refusal);
    }
    let draw = |what| Answer::Draw(what, Box::new(SimulationView::of(machine)));
    let not_ready = machine
        .is_stopping()
        .then_some("the simulation server is shutting down");
    match path {
        "/load" => Answer::Respond(load(machine)),
        "/status" => Answer::Respond(status(machine)),
        "/monitor" => draw(Draw::Page),
        "/monitor.json" => {
            let mut view = SimulationView::of(machine);
            view.history = rows_after(machine, request.uri().query());
            Answer::Draw(Draw::Update, Box::new(view))
        }
        "/monitor.css" => Answer::Respond(response::style(page::STYLE)),
        "/monitor.js" => Answer::Respond(response::script(page::SCRIPT)),
        "/metrics" => draw(Draw::Metrics),
        "/healthz" => Answer::Respond(response::health(None)),
        "/readyz" => Answer::Respond(response::health(not_ready)),
        _ => Answer::Respond(response::upgrade_required()),
    }
}

/// `after=MS`: what the page has already, as the time of its last row; anything else is nothing.
fn rows_after(machine: &SimulationMachine, query: Option<&str>) -> Vec<MonitorRow> {
    let after = query.and_then(|query| query.strip_prefix("after=")?.parse().ok());
    let is_new = |row: &&MonitorRow| after.is_none_or(|after: u64| page::milliseconds(row) > after);
    machine.history().filter(is_new).copied().collect()
}

fn load(machine: &SimulationMachine) -> Response<Bytes> {
    let mut response = response::text(StatusCode::OK, machine.load().to_string());
    response
        .headers_mut()
        .insert(SLOTS_HEADER, HeaderValue::from(machine.slots()));
    response
}

/// The load and what is admitted, as Python session servers to come ask for it
/// (<https://github.com/cyberbotics/webots-server/pull/37>).
fn status(machine: &SimulationMachine) -> Response<Bytes> {
    let repositories = &machine.rules().repositories;
    let allowed = repositories.allowed.iter().map(ToString::to_string);
    let status = serde_json::json!({
        "load": machine.load().percent(),
        "allowedRepositories": allowed.collect::<Vec<_>>(),
        "shareIdleTime": repositories.share_idle_time.percent(),
    });
    response::json(status.to_string())
}

impl SimulationView {
    /// The response that this view was taken for.
    pub fn draw(&self, what: Draw, site: &SimulationSite) -> Response<Bytes> {
        match what {
            Draw::Page => response::page(self.page(site)),
            Draw::Update => response::json(self.update(site)),
            Draw::Metrics => response::metrics(metrics::simulation(self)),
        }
    }
}
