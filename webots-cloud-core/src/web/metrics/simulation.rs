use super::families::{Families, count};
use crate::load::{Gpu, GpuMemory, Gpus};
use crate::web::view::{SimulationView, UsageView};

/// The metrics of a simulation server.
pub fn simulation(view: &SimulationView) -> String {
    let mut page = Families::new();
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
    let stages = view.states();
    let stages = stages.map(|(stage, number)| (stage.to_owned(), count(number)));
    page.gauges(
        "instances",
        "Instances by the stage of their life",
        "stage",
        stages.to_vec(),
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
    page.gauges(
        "load_part_percent",
        "What the machine is doing",
        "part",
        figures,
    );
    gpus(&mut page, &view.gpus);
    lives(&mut page, view);
    usage(&mut page, view);
    page.door(&view.door);
    page.program(&view.program);
    page.encode()
}

/// What becomes of simulations, and how long it takes.
fn lives(page: &mut Families, view: &SimulationView) {
    let figures = &view.figures;
    let outcomes = figures.outcomes().map(|(reached, reason, count)| {
        let labels = [
            ("reached", reached.name().to_owned()),
            ("reason", reason.name().to_owned()),
        ];
        (labels, count)
    });
    page.counters(
        "sessions_ended",
        "Simulations that ended or were refused, by how far they came and why",
        outcomes.collect(),
    );
    let stages = [
        ("fetching", &figures.fetching),
        ("launching", &figures.launching),
        ("loading", &figures.loading),
        ("all", &figures.start),
    ];
    let stages = stages.map(|(stage, times)| (stage.to_owned(), times.clone()));
    page.histograms(
        "start_seconds",
        "Time of each stage of a start, and of all together",
        "stage",
        stages.to_vec(),
    );
    page.histogram(
        "end_seconds",
        "Time from the order to end until the slot was free",
        &figures.end,
    );
    page.histogram(
        "load_sample_seconds",
        "Time that a load sample took",
        &figures.sample,
    );
    page.counter(
        "load_samples_failed",
        "Load samples that did not come",
        figures.failed_samples,
    );
    page.counter(
        "fetched_bytes",
        "Bytes of projects put into workspaces",
        figures.fetched_bytes,
    );
    for (name, help, value) in [
        (
            "cache_hits",
            "Projects that were in the cache",
            view.cache.hits,
        ),
        (
            "cache_misses",
            "Projects that had to be fetched into the cache",
            view.cache.misses,
        ),
    ] {
        page.counter(name, help, value);
    }
    page.notices(|kind| figures.notices.get(kind).copied().unwrap_or_default());
}

/// What all instances use together: one series for each would be one for each session.
#[expect(clippy::cast_precision_loss, reason = "bytes need no 53 bits")]
fn usage(page: &mut Families, view: &SimulationView) {
    let sum = |figure: fn(UsageView) -> f64| {
        let used = view.instances.iter().filter_map(|it| it.usage);
        // The sum of none is a negative zero, which reads oddly.
        0.0 + used.map(figure).sum::<f64>()
    };
    for (name, help, value) in [
        (
            "instances_processors",
            "Processors that all simulations use",
            sum(|usage| usage.cpu / 100.0),
        ),
        (
            "instances_memory_bytes",
            "Memory that all simulations use",
            sum(|usage| usage.memory as f64),
        ),
        (
            "instances_gpu_memory_bytes",
            "GPU memory that all simulations use, where a driver tells",
            sum(|usage| usage.gpu_memory.unwrap_or(0) as f64),
        ),
    ] {
        page.gauge(name, help, value);
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a GPU need no 53 bits")]
fn gpus(page: &mut Families, gpus: &Gpus) {
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
        page.gauges(name, help, "gpu", series);
    }
}
