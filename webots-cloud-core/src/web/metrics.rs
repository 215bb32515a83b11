//! `/metrics`: the figures of a view in the OpenMetrics text format, which Prometheus reads.
//!
//! Cardinality is fixed: one series for each simulation server of the configuration, each stage, each
//! part of the load and each GPU.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

use super::view::{DoorView, STATES, ServerView, SessionView, SimulationView};
use crate::load::{Gpu, GpuMemory, Gpus, Load};
use crate::session::Standing;

/// What every name begins with.
const PREFIX: &str = "webots_cloud";

/// The metrics of a session server.
pub fn session(view: &SessionView) -> String {
    let mut page = Page::new();
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
    page.family(
        "server_up",
        "1 while the server answers",
        "server",
        servers(up),
    );
    let load = |server: &ServerView| server.load.map(Load::percent);
    page.family(
        "server_load_percent",
        "The load it answered",
        "server",
        servers(load),
    );
    let reservations = |server: &ServerView| Some(f64::from(server.reservations));
    let help = "Sessions that are on their way there";
    page.family("server_reservations", help, "server", servers(reservations));
    page.door(&view.door);
    page.encode()
}

/// The metrics of a simulation server.
pub fn simulation(view: &SimulationView) -> String {
    let mut page = Page::new();
    let totals = &view.totals;
    page.counter("clients_connected", "Client sockets opened", totals.clients);
    page.counter("starts", "Simulations asked for", totals.starts);
    page.counter("starts_refused", "Simulations refused", totals.refused);
    page.counter(
        "starts_ready",
        "Simulations whose address was given",
        totals.ready,
    );
    page.counter(
        "starts_failed",
        "Simulations that failed before that",
        totals.failed,
    );
    page.counter(
        "ended_early",
        "Simulations that ended by themselves",
        totals.ended_early,
    );
    page.gauge("clients", "Open client sockets", count(view.clients));
    page.gauge(
        "slots",
        "Instances that may run at a time",
        f64::from(view.slots),
    );
    page.gauge(
        "slots_free",
        "Instances that may still be started",
        count(view.free_slots),
    );
    page.gauge("load_percent", "What /load answers", view.load.percent());
    page.gauge(
        "uptime_seconds",
        "Time since the start",
        view.uptime.as_secs_f64(),
    );
    let parts = &view.parts;
    let sent = parts.network_sent * 1e6;
    page.gauge(
        "network_sent_bytes_per_second",
        "Sent over the network",
        sent,
    );
    let received = parts.network_received * 1e6;
    page.gauge(
        "network_received_bytes_per_second",
        "Received over the network",
        received,
    );
    let stages = STATES
        .map(|stage| (stage.to_owned(), count(view.in_state(stage))))
        .to_vec();
    page.family(
        "instances",
        "Instances by the stage of their life",
        "stage",
        stages,
    );
    let figures = [
        ("cpu", parts.cpu),
        ("memory", parts.memory),
        ("swap", parts.swap),
        ("disk", parts.disk),
        ("gpu_compute", parts.gpu_compute),
        ("gpu_memory_load", parts.gpu_memory_load),
        ("gpu_memory", parts.gpu_memory),
        ("network", parts.network),
    ];
    let figures = figures
        .map(|(part, value)| (part.to_owned(), value))
        .to_vec();
    page.family(
        "load_part_percent",
        "What the machine is doing",
        "part",
        figures,
    );
    gpus(&mut page, &view.gpus);
    page.door(&view.door);
    page.encode()
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a GPU need no 53 bits")]
fn gpus(page: &mut Page, gpus: &Gpus) {
    let failing = f64::from(matches!(gpus, Gpus::Failing(_)));
    let help = "1 while there is an NVIDIA driver that fails";
    page.gauge("gpu_driver_failing", help, failing);
    let devices = gpus.devices();
    let each = |figure: &dyn Fn(&Gpu) -> Option<f64>| {
        let series = (0..).zip(devices);
        series
            .filter_map(|(number, gpu): (u32, &Gpu)| Some((number.to_string(), figure(gpu)?)))
            .collect()
    };
    let memory = |figure: fn(GpuMemory) -> u64| {
        each(&move |gpu| gpu.memory.map(|memory| figure(memory) as f64))
    };
    let families = [
        (
            "gpu_up",
            "1 while the GPU tells its figures",
            each(&|gpu| Some(f64::from(gpu.trouble.is_none()))),
        ),
        (
            "gpu_compute_percent",
            "Compute units in use",
            each(&|gpu| gpu.compute),
        ),
        (
            "gpu_memory_load_percent",
            "Memory bandwidth in use",
            each(&|gpu| gpu.memory_load),
        ),
        (
            "gpu_memory_used_bytes",
            "Memory in use",
            memory(|memory| memory.used),
        ),
        (
            "gpu_memory_total_bytes",
            "Memory in all",
            memory(|memory| memory.total),
        ),
    ];
    for (name, help, series) in families {
        page.family(name, help, "gpu", series);
    }
}

/// A registry for one answer.
struct Page(Registry);

impl Page {
    fn new() -> Self {
        Self(Registry::with_prefix(PREFIX))
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.0.register(name, help, ConstCounter::new(value));
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.0.register(name, help, ConstGauge::new(value));
    }

    fn family(&mut self, name: &str, help: &str, label: &'static str, series: Vec<(String, f64)>) {
        let family = Family::<[(&'static str, String); 1], Gauge<f64, AtomicU64>>::default();
        for (value, figure) in series {
            family.get_or_create(&[(label, value)]).set(figure);
        }
        self.0.register(name, help, family);
    }

    fn door(&mut self, door: &DoorView) {
        self.gauge("connections", "Open connections", count(door.open));
        for (name, help, value) in [
            (
                "connections_refused_full",
                "Connections closed at once since all places were taken",
                door.refused_full,
            ),
            (
                "connections_refused_crowded",
                "Connections closed at once since their address had too many",
                door.refused_crowded,
            ),
            (
                "tls_handshakes_failed",
                "TLS handshakes that failed",
                door.failed_handshakes,
            ),
            (
                "connections_late",
                "Connections closed since a handshake or the head of a request took too long",
                door.late,
            ),
        ] {
            self.counter(name, help, value);
        }
    }

    fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.0);
        text
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
