//! A registry for one answer: figures in, text out.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::histogram::Histogram;
use crate::web::view::{DoorView, ProcessView, ProgramView};

/// What every name begins with, but those that all programs have.
const PREFIX: &str = "webots_cloud";

/// One label and its values, each with a figure, in this order.
pub(super) type Series<T> = Vec<(String, T)>;

/// The metrics of one answer.
pub(super) struct Families(Registry);

impl Families {
    pub(super) fn new() -> Self {
        Self(Registry::default())
    }

    fn own(&mut self) -> &mut Registry {
        self.0.sub_registry_with_prefix(PREFIX)
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.own().register(name, help, ConstCounter::new(value));
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.own().register(name, help, ConstGauge::new(value));
    }

    pub(super) fn counters<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        series: Vec<([(&'static str, String); N], u64)>,
    ) {
        let all = labelled(series, Figure::Counter);
        let kind = MetricType::Counter;
        self.own().register(name, help, Family { kind, all });
    }

    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        series: Series<f64>,
    ) {
        let all = labelled(with_label(label, series), Figure::Gauge);
        let kind = MetricType::Gauge;
        self.own().register(name, help, Family { kind, all });
    }

    pub(super) fn histogram(&mut self, name: &str, help: &str, value: &Histogram) {
        let all = vec![(Vec::new(), Figure::Histogram(value.clone()))];
        let kind = MetricType::Histogram;
        self.own().register(name, help, Family { kind, all });
    }

    pub(super) fn histograms(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        series: Series<Histogram>,
    ) {
        let all = labelled(with_label(label, series), Figure::Histogram);
        let kind = MetricType::Histogram;
        self.own().register(name, help, Family { kind, all });
    }

    pub(super) fn notices(&mut self, count: impl Fn(&str) -> u64) {
        let kinds = crate::ports::Notice::KINDS;
        let kinds = kinds.map(|kind| ([("kind", kind.to_owned())], count(kind)));
        let help = "Notices for the administrator";
        self.counters("notices", help, kinds.to_vec());
    }

    pub(super) fn door(&mut self, door: &DoorView) {
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
            (
                "connections_stalled",
                "Connections dropped since the other end did not read",
                door.stalled,
            ),
            (
                "websockets_silent",
                "WebSockets dropped since nothing came, not even a pong",
                door.silent,
            ),
            (
                "messages_too_large",
                "WebSockets closed for a message that was too large",
                door.messages_too_large,
            ),
            (
                "messages_too_many",
                "WebSockets closed for too many messages in a second",
                door.messages_too_many,
            ),
        ] {
            self.counter(name, help, value);
        }
    }

    pub(super) fn program(&mut self, program: &ProgramView) {
        let labels = |route: &str, status: &str| {
            [("route", route.to_owned()), ("status", status.to_owned())]
        };
        let requests = program.requests.iter();
        let requests = requests.map(|it| (labels(it.route, it.status), it.count));
        self.counters("requests", "Requests answered", requests.collect());
        let mut deliveries = Vec::new();
        for it in &program.deliveries {
            let results = [
                ("delivered", it.delivered),
                ("failed", it.failed),
                ("lost", it.lost),
            ];
            deliveries.extend(results.map(|(result, count)| {
                let labels = [("by", it.what.to_owned()), ("result", result.to_owned())];
                (labels, count)
            }));
        }
        let help = "Attempts to deliver notices, and notices given up";
        self.counters("deliveries", help, deliveries);
        let waiting = program.deliveries.iter();
        let waiting = waiting.map(|it| (it.what.to_owned(), count(it.waiting)));
        let help = "Notices that wait to be delivered";
        self.gauges("deliveries_waiting", help, "by", waiting.collect());
        if let Some(process) = &program.process {
            self.process(process);
        }
    }

    /// By the names that all programs have.
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes and files need no 53 bits"
    )]
    fn process(&mut self, process: &ProcessView) {
        let cpu = process.cpu.as_secs_f64();
        self.0.register(
            "process_cpu_seconds",
            "Processor time of the server itself",
            ConstCounter::new(cpu),
        );
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Memory of the server itself",
                process.resident as f64,
            ),
            (
                "process_open_fds",
                "Open file descriptors",
                process.open_files as f64,
            ),
            (
                "process_max_fds",
                "The most file descriptors",
                process.most_files as f64,
            ),
            (
                "process_start_time_seconds",
                "When the server started, since 1970",
                process.started.as_secs_f64(),
            ),
        ] {
            self.0.register(name, help, ConstGauge::new(value));
        }
    }

    pub(super) fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.0);
        text
    }
}

pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[derive(Debug)]
enum Figure {
    Counter(u64),
    Gauge(f64),
    Histogram(Histogram),
}

type Labels = Vec<(&'static str, String)>;

/// Series of one name, in their order; the library's own family has none.
#[derive(Debug)]
struct Family {
    kind: MetricType,
    all: Vec<(Labels, Figure)>,
}

fn with_label<T>(label: &'static str, series: Series<T>) -> Vec<([(&'static str, String); 1], T)> {
    let with = |(value, figure)| ([(label, value)], figure);
    series.into_iter().map(with).collect()
}

fn labelled<T, const N: usize>(
    series: Vec<([(&'static str, String); N], T)>,
    figure: impl Fn(T) -> Figure,
) -> Vec<(Labels, Figure)> {
    let one = |(labels, value): ([_; N], T)| (labels.to_vec(), figure(value));
    series.into_iter().map(one).collect()
}

impl EncodeMetric for Family {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (labels, figure) in &self.all {
            if labels.is_empty() {
                figure.encode(&mut encoder)?;
            } else {
                figure.encode(&mut encoder.encode_family(labels)?)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        self.kind
    }

    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Figure {
    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        match self {
            Self::Counter(count) => encoder.encode_counter::<NoLabelSet, _, u64>(count, None),
            Self::Gauge(value) => encoder.encode_gauge(value),
            Self::Histogram(histogram) => {
                let buckets: Vec<_> = histogram.buckets().collect();
                let sum = histogram.sum().as_secs_f64();
                encoder.encode_histogram::<NoLabelSet>(sum, histogram.count(), &buckets, None)
            }
        }
    }
}
