//! The reference page is what the servers answer; the dashboard and the alerts name nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::families::{Family, families, names};
use crate::common::fake::{FakeSimulation, dead_port};
use crate::common::session::Session;
use crate::common::simulation::Simulation;
use crate::common::until_answered;
use crate::fake::{FakeNvml, TWO};

const WHILE: Duration = Duration::from_secs(60);

const HEAD: &str = "# Metrics

`GET /metrics` of the session server and of the simulation server answers in the OpenMetrics text format, which
Prometheus reads. The number of series is fixed: it grows with the configured simulation servers, the routes and
the GPUs, and not with sessions, clients or what strangers ask for.

A histogram `X` is asked for as `X_bucket`, `X_sum` and `X_count`. `process_…` are those of the server itself, not
of what it starts; they are missing where the session server is a part of another program. `deliveries` are there
where mail or a webhook is configured, `gpu_…` where there is an NVIDIA driver.

[Monitoring](monitoring.md) says how to collect them, and has a dashboard and alerts.
";

/// Where `sessions_ended` says what.
const TAIL: &str = "
## How simulations end

Each start counts in `webots_cloud_starts_total`, and once it is over in exactly one series of
`webots_cloud_sessions_ended_total`. `reached` is `nothing` where the simulation was refused a slot, `start` where its
client never had its address, and `running` where it had.

| `reason` | |
|---|---|
| `no_slot` | all slots were taken |
| `not_admitted` | the repository is not admitted |
| `left` | the client left: the usual end |
| `bad_frame` | the client said what no client says |
| `shutdown` | the server shut down |
| `project` | the project could not be fetched |
| `launch` | it could not be started |
| `port` | it could not get its port |
| `ended` | it ended by itself, before its client left |
| `limit` | it went over a limit |
| `time` | a stage of its start, or the whole run, took too long |
";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// All that a session server can tell.
async fn of_session() -> BTreeMap<String, Family> {
    let fake = FakeSimulation::with_load(12.5).await;
    let webhook = format!("http://127.0.0.1:{}/", dead_port().await);
    let addresses = [fake.address()];
    let session = Session::with(&addresses, json!({ "webhook": webhook })).await;
    session.server.text("/load").await;
    families(&session.server.text("/metrics").await)
}

/// All that a simulation server can tell; `None`, which is said, without a compiler for its GPUs.
async fn of_simulation() -> Option<BTreeMap<String, Family>> {
    let nvml = FakeNvml::new(TWO)?;
    let webhook = format!("http://127.0.0.1:{}/", dead_port().await);
    let config = json!({ "webhook": webhook, "nvml": nvml.library() });
    let simulation = Simulation::with(config).await;
    until_answered("GPUs", WHILE, || async {
        simulation
            .server
            .text("/metrics")
            .await
            .contains("gpu=\"1\"")
    })
    .await;
    Some(families(&simulation.server.text("/metrics").await))
}

fn table(server: &str, families: &BTreeMap<String, Family>) -> String {
    let mut text = format!("\n## {server}\n\n| metric | type | labels | |\n|---|---|---|---|\n");
    for (name, family) in families {
        let labels: Vec<String> = family.labels.iter().map(|it| format!("`{it}`")).collect();
        let (kind, help) = (&family.kind, &family.help);
        writeln!(
            text,
            "| `{name}` | {kind} | {} | {help} |",
            labels.join(", ")
        )
        .unwrap();
    }
    text
}

#[tokio::test]
async fn the_books_page_is_what_the_servers_answer() {
    let Some(simulation) = of_simulation().await else {
        return;
    };
    let page = [
        HEAD.to_owned(),
        table("The session server", &of_session().await),
        table("The simulation server", &simulation),
        TAIL.to_owned(),
    ]
    .concat();
    let file = docs().join("src/metrics.md");
    if std::env::var_os("WEBOTS_CLOUD_WRITE_BOOK").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap();
    assert!(
        written == page,
        "docs/src/metrics.md is old: run this test with WEBOTS_CLOUD_WRITE_BOOK=1"
    );
}

/// The names of metrics in a text, wherever they stand.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c));
    words
        .filter(|word| word.starts_with("webots_cloud_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_name_metrics_that_exist() {
    let Some(mut all) = of_simulation().await else {
        return;
    };
    all.extend(of_session().await);
    let there = names(&all);
    for file in ["grafana/dashboard.json", "prometheus/alerts.yml"] {
        let text = fs::read_to_string(docs().join(file)).unwrap();
        let named = named(&text);
        assert!(named.len() >= 5, "{file} names {named:?}");
        let wrong: Vec<_> = named.difference(&there).collect();
        assert!(
            wrong.is_empty(),
            "{file} names what no server has: {wrong:?}"
        );
    }
}

#[test]
fn the_dashboard_is_one_and_no_panel_is_empty() {
    let text = fs::read_to_string(docs().join("grafana/dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        assert!(!panel["title"].as_str().unwrap().is_empty());
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert!(
                !named(target["expr"].as_str().unwrap()).is_empty(),
                "{target}"
            );
        }
    }
    let source = text.matches("\"uid\": \"${source}\"").count();
    assert!(
        source >= panels.len() - 4,
        "a source of data is chosen, not fixed"
    );
}
