//! Through the simulation server.

use std::time::Duration;

use serde_json::json;

use super::fake::{FakeNvml, GPU_IS_LOST, TWO};
use crate::common::simulation::{Simulation, processes};
use crate::common::{assert_prometheus, metric, until_answered};

/// Five samples, the pause after a failure, and a busy machine.
const WHILE: Duration = Duration::from_secs(60);

async fn shows(simulation: &Simulation, path: &str, what: &str) {
    until_answered(what, WHILE, || async {
        simulation.server.text(path).await.contains(what)
    })
    .await;
}

#[tokio::test]
async fn load_page_and_metrics_tell_of_every_gpu_and_of_their_failures() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let simulation = Simulation::with(json!({ "nvml": fake.library() })).await;
    shows(&simulation, "/monitor", "Fake GPU Two").await;
    let page = simulation.server.text("/monitor").await;
    for part in [
        "Fake GPU One",
        ">30%<",
        ">12%<",
        "25.0% of 8.0 GiB",
        "87.5% of 16.0 GiB",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    until_answered("the load of the fuller GPU", WHILE, || async {
        simulation.load().await >= 87.5
    })
    .await;
    let metrics = simulation.server.text("/metrics").await;
    assert_prometheus(&metrics);
    for (series, value) in [
        ("gpu_driver_failing", 0.0),
        ("gpu_up{gpu=\"0\"}", 1.0),
        ("gpu_compute_percent{gpu=\"0\"}", 30.0),
        ("gpu_compute_percent{gpu=\"1\"}", 7.0),
        ("gpu_memory_load_percent{gpu=\"1\"}", 3.0),
        ("gpu_memory_used_bytes{gpu=\"0\"}", 2_147_483_648.0),
        ("gpu_memory_total_bytes{gpu=\"1\"}", 17_179_869_184.0),
        ("load_part_percent{part=\"gpu_compute\"}", 30.0),
        ("load_part_percent{part=\"gpu_memory\"}", 87.5),
    ] {
        assert_eq!(
            metric(&metrics, &format!("webots_cloud_{series}")),
            value,
            "{series}"
        );
    }

    // One falls off the bus.
    fake.answer(&format!("{TWO}1.code {GPU_IS_LOST}\n"));
    shows(&simulation, "/metrics", "webots_cloud_gpu_up{gpu=\"1\"} 0").await;
    shows(&simulation, "/monitor", "fell off the bus").await;
    // Then the driver fails, and comes back.
    fake.answer("init 999\ncount.code 999\n");
    shows(&simulation, "/metrics", "webots_cloud_gpu_driver_failing 1").await;
    shows(&simulation, "/monitor", "The NVIDIA driver fails").await;
    let metrics = simulation.server.text("/metrics").await;
    assert!(!metrics.contains("gpu=\""), "{metrics}");
    fake.answer(TWO);
    shows(&simulation, "/metrics", "webots_cloud_gpu_up{gpu=\"1\"} 1").await;

    let said = simulation.server.stderr();
    let count = |text: &str| said.iter().filter(|line| line.contains(text)).count();
    assert_eq!(count("a GPU fails"), 1, "{said:?}");
    assert_eq!(count("the NVIDIA driver fails"), 1, "{said:?}");
    assert_eq!(count("the NVIDIA driver answers"), 2, "{said:?}");
}

#[tokio::test]
async fn the_memory_on_gpus_is_told_of_the_simulation_that_uses_it() {
    let Some(fake) = FakeNvml::new(TWO) else {
        return;
    };
    let simulation = Simulation::with(json!({ "nvml": fake.library() })).await;
    let client = simulation.running().await;
    shows(&simulation, "/monitor", "<td class=\"number\">0 MiB</td>").await;
    let workspace = simulation.workspaces().pop().expect("one");
    let gib = 1_u64 << 30;
    until_answered("the memory on both GPUs", WHILE, || async {
        // Asked again, as the last one may be one that soon ends.
        let process = processes(&workspace).await.pop().expect("at least one");
        let on_both = format!(
            "0.computes {process}\n0.computes.used {gib}\n1.draws {process}\n1.draws.used {gib}\n"
        );
        fake.answer(&format!("{TWO}{on_both}"));
        let page = simulation.server.text("/monitor").await;
        page.contains("<td class=\"number\">2.0 GiB</td>")
    })
    .await;
    drop(client);
}

#[tokio::test]
async fn a_machine_without_a_driver_says_so_once() {
    let Some(fake) = FakeNvml::new("init 9\n") else {
        return;
    };
    let simulation = Simulation::with(json!({ "nvml": fake.library() })).await;
    shows(&simulation, "/monitor", "Not recognized").await;
    let rows = simulation.folder.path().join("simulation/monitor.csv");
    until_answered("three more samples", WHILE, || async {
        std::fs::read_to_string(&rows).is_ok_and(|text| text.lines().count() >= 4)
    })
    .await;
    let said = simulation.server.stderr();
    let lines = said.iter().filter(|line| line.contains("NVIDIA"));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 1, "{said:?}");
    assert!(lines[0].contains("INFO"), "{lines:?}");
}
