//! Asks one server, and understands the answer, whatever kind of server it is.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use webots_cloud_core::protocol::text::{Lines, presentable};

use super::figures::Figures;
use super::targets::Target;
use crate::adapters::http_get::{GetError, get};
use crate::adapters::http_probe::Trust;

/// How long one may take to answer.
const TIME: Duration = Duration::from_secs(2);
/// The most bytes of figures: some hundred for each of thousands of simulation servers.
const LARGEST_FIGURES: usize = 4 << 20;
/// The most bytes of a load, or of what a website has there.
const LARGEST_LOAD: usize = 1 << 20;
/// The most characters of a name that another server told.
const LONGEST_NAME: usize = 200;

/// What a server answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// Nothing of use: why.
    None(String),
    /// It is a simulation server.
    Simulation { load: f64, slots: f64, free: f64 },
    /// It is a session server.
    Session {
        /// The mean load of those that it reaches.
        load: Option<f64>,
        available: bool,
        /// The simulation servers that it knows.
        knows: Vec<Known>,
    },
    /// It tells its load and nothing else.
    Load(f64),
    /// It answers, and has nothing to tell.
    Web,
}

/// What a session server knows of a simulation server.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) address: String,
    pub(super) up: bool,
    pub(super) load: Option<f64>,
    /// Sessions on their way there.
    pub(super) coming: f64,
}

/// Asks for the figures and for the load, at the same time.
pub(super) async fn ask(target: &Target, trust: Option<&Trust>) -> Answer {
    let (figures, load) = (target.page("metrics"), target.page("load"));
    let figures = get(&figures, trust, TIME, LARGEST_FIGURES);
    let load = get(&load, trust, TIME, LARGEST_LOAD);
    let (figures, load) = tokio::join!(figures, load);
    understand(figures, load)
}

type Got = Result<(StatusCode, String), GetError>;

fn understand(figures: Got, load: Got) -> Answer {
    let number = match &load {
        Ok((StatusCode::OK, text)) => text.trim().parse().ok().filter(|it: &f64| it.is_finite()),
        Ok(_) | Err(_) => None,
    };
    if let Ok((StatusCode::OK, text)) = &figures
        && let Some(answer) = with_figures(Figures(text), number)
    {
        return answer;
    }
    match (number, load) {
        (Some(load), _) => Answer::Load(load),
        // A proxy answers in the place of a server that does not.
        (None, Ok((status, _))) if status.is_server_error() => {
            Answer::None(format!("HTTP {}", status.as_u16()))
        }
        (None, Ok(_)) => Answer::Web,
        (None, Err(error)) => Answer::None(error.to_string()),
    }
}

fn with_figures(figures: Figures<'_>, load: Option<f64>) -> Option<Answer> {
    if let (Some(slots), Some(free)) = (figures.value("slots"), figures.value("slots_free")) {
        let load = load.or_else(|| figures.value("load_percent"))?;
        return Some(Answer::Simulation { load, slots, free });
    }
    Some(Answer::Session {
        available: figures.value("available")? > 0.0,
        load,
        knows: known(figures),
    })
}

fn known(figures: Figures<'_>) -> Vec<Known> {
    // Figures come in any order.
    let [up, loads, coming] = ["server_up", "server_load_percent", "server_reservations"]
        .map(|name| figures.series(name).collect::<BTreeMap<_, _>>());
    let known = up.into_iter().map(|(server, up)| Known {
        address: presentable(server, LONGEST_NAME, Lines::Join),
        up: up > 0.0,
        load: loads.get(server).copied(),
        coming: coming.get(server).copied().unwrap_or(0.0),
    });
    known.collect()
}
