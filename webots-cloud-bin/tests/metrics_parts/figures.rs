//! What the figures say.

use std::time::Duration;

use serde_json::json;

use crate::common::simulation::{Client, Simulation};
use crate::common::{assert_prometheus, metric, until_answered};

const WHILE: Duration = Duration::from_secs(60);

async fn becomes(simulation: &Simulation, series: &str, value: f64) {
    until_answered(series, WHILE, || async {
        let metrics = simulation.server.text("/metrics").await;
        metric(&metrics, &format!("webots_cloud_{series}")) == value
    })
    .await;
}

async fn left(client: Client) {
    client.socket.close().await.unwrap();
}

#[tokio::test]
async fn every_start_has_one_outcome_and_its_times() {
    let simulation = Simulation::with(json!({ "maxConnections": 1 })).await;
    let client = simulation.running().await;
    let mut refused = simulation.connect().await;
    refused.init("simple").await;
    becomes(
        &simulation,
        "sessions_ended_total{reached=\"nothing\",reason=\"no_slot\"}",
        1.0,
    )
    .await;
    left(client).await;
    becomes(
        &simulation,
        "sessions_ended_total{reached=\"running\",reason=\"left\"}",
        1.0,
    )
    .await;
    simulation.all_slots_free().await;
    let mut wrong = simulation.connect().await;
    wrong.init("there_is_no_such_project").await;
    becomes(
        &simulation,
        "sessions_ended_total{reached=\"start\",reason=\"project\"}",
        1.0,
    )
    .await;
    until_answered("a load sample", WHILE, || async {
        simulation.rows().await > 0
    })
    .await;
    let metrics = simulation.server.text("/metrics").await;
    assert_prometheus(&metrics);
    let figure = |series: &str| metric(&metrics, &format!("webots_cloud_{series}"));
    assert_eq!(figure("starts_total"), 3.0);
    for stage in ["fetching", "launching", "loading", "all"] {
        let count = format!("start_seconds_count{{stage=\"{stage}\"}}");
        assert_eq!(figure(&count), 1.0, "{stage}");
        let all = format!("start_seconds_bucket{{le=\"+Inf\",stage=\"{stage}\"}}");
        assert_eq!(figure(&all), 1.0, "{stage}");
        assert!(figure(&format!("start_seconds_sum{{stage=\"{stage}\"}}")) > 0.0);
    }
    assert_eq!(figure("end_seconds_count"), 1.0);
    assert!(figure("end_seconds_sum") < 6.0);
    assert!(figure("fetched_bytes_total") > 0.0);
    assert!(figure("load_sample_seconds_count") > 0.0);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_class_whatever_is_asked_for() {
    let simulation = Simulation::start().await;
    for path in ["/load", "/load", "/nowhere", "/%00", "/client"] {
        simulation.server.get(path).await;
    }
    let _socket = simulation.connect().await;
    let metrics = simulation.server.text("/metrics").await;
    for (route, status, count) in [
        ("/load", "2xx", 2.0),
        ("other", "4xx", 2.0),
        ("/client", "4xx", 1.0),
        ("/client", "1xx", 1.0),
    ] {
        let series =
            format!("webots_cloud_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        assert_eq!(metric(&metrics, &series), count, "{series}");
    }
    assert!(!metrics.contains("nowhere"));
}

#[tokio::test]
async fn the_process_is_that_of_the_server() {
    let simulation = Simulation::start().await;
    let metrics = simulation.server.text("/metrics").await;
    assert!(metric(&metrics, "process_resident_memory_bytes") > 1e6);
    let open = metric(&metrics, "process_open_fds");
    assert!(open > 3.0 && open < metric(&metrics, "process_max_fds"));
    let started = metric(&metrics, "process_start_time_seconds");
    let again = simulation.server.text("/metrics").await;
    assert_eq!(metric(&again, "process_start_time_seconds"), started);
    assert!(metric(&again, "process_cpu_seconds_total") >= 0.0);
}
