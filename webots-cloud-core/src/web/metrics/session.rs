use super::families::{Families, count};
use crate::load::Load;
use crate::session::Standing;
use crate::web::view::{ServerView, SessionView};

/// The metrics of a session server.
pub fn session(view: &SessionView) -> String {
    let mut page = Families::new();
    let totals = &view.totals;
    page.counter(
        "sessions_placed",
        "Sessions that were given a server",
        totals.placed,
    );
    page.counter(
        "sessions_refused",
        "Sessions for which there was no room",
        totals.refused,
    );
    page.counter(
        "load_samples",
        "Load samples that came back",
        totals.samples,
    );
    page.counter(
        "load_samples_failed",
        "Load samples that did not",
        totals.failed_samples,
    );
    page.gauge(
        "availability_clients",
        "Open availability sockets",
        count(view.clients),
    );
    page.gauge(
        "available",
        "1 while there is room",
        f64::from(view.available),
    );
    page.gauge(
        "uptime_seconds",
        "Time since the start",
        view.uptime.as_secs_f64(),
    );
    let servers = |value: fn(&ServerView) -> Option<f64>| {
        let series = view
            .servers
            .iter()
            .map(move |server| (server.address.clone(), value(server)));
        series
            .filter_map(|(address, value)| Some((address, value?)))
            .collect()
    };
    let up = |server: &ServerView| match server.standing {
        Standing::Free | Standing::Full => Some(1.0),
        Standing::Unknown | Standing::Silent => Some(0.0),
    };
    page.gauges(
        "server_up",
        "1 while the server answers",
        "server",
        servers(up),
    );
    let load = |server: &ServerView| server.load.map(Load::percent);
    page.gauges(
        "server_load_percent",
        "The load it answered",
        "server",
        servers(load),
    );
    let reservations = |server: &ServerView| Some(f64::from(server.reservations));
    let help = "Sessions that are on their way there";
    page.gauges("server_reservations", help, "server", servers(reservations));
    let probes = [
        ("answered", totals.samples),
        ("late", view.figures.late),
        (
            "failed",
            totals.failed_samples.saturating_sub(view.figures.late),
        ),
    ];
    let probes = probes.map(|(result, count)| ([("result", result.to_owned())], count));
    page.counters(
        "probes",
        "Questions for loads, by what came of them",
        probes.to_vec(),
    );
    page.histogram(
        "probe_seconds",
        "Time until a server told its load, or until it was given up",
        &view.figures.probe,
    );
    page.notices(|kind| {
        let notices = view.figures.notices.get(kind);
        notices.copied().unwrap_or_default()
    });
    page.door(&view.door);
    page.program(&view.program);
    page.encode()
}
