//! `monitor.csv` of the simulation server (W2.15).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::simulation::Simulation;
use common::{SOON, listing, until, until_answered, until_so};
use serde_json::json;

/// A few rows, on a busy machine.
const WHILE: Duration = Duration::from_secs(60);
const HEADER: &str = "Timestamp, Webots running, Webots idle, CPU load, CPU memory, \
     GPU load compute, GPU load memory, GPU memory, Swap, Disk, Network sent, Network received";

fn file(simulation: &Simulation) -> PathBuf {
    simulation.folder.path().join("simulation/monitor.csv")
}

/// The whole lines that are there.
fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole.map(|line| line.trim_end().to_owned()).collect()
}

/// The last row once it fits.
async fn row(file: &Path, what: &str, fits: impl Fn(&[f64]) -> bool) -> Vec<f64> {
    until(what, WHILE, || {
        let lines = lines(file);
        let last = lines.get(1..)?.last()?;
        let fields = last.split(", ").map(|field| field.parse().expect(last));
        Some(fields.collect::<Vec<f64>>()).filter(|row| fits(row))
    })
    .await
}

#[tokio::test]
async fn a_line_a_second_in_the_form_of_the_older_servers() {
    let simulation = Simulation::start().await;
    let file = file(&simulation);
    let rows = until("five rows", WHILE, || {
        Some(lines(&file)).filter(|lines| lines.len() > 5)
    })
    .await;
    assert_eq!(rows[0], HEADER);
    let mut last = 0;
    for row in &rows[1..] {
        let fields: Vec<&str> = row.split(", ").collect();
        assert_eq!(fields.len(), 12, "{row}");
        let time: u64 = fields[0].parse().unwrap();
        assert!(time >= last, "{rows:?}");
        last = time;
        for whole in [1, 2, 5, 6] {
            assert!(fields[whole].parse::<u32>().is_ok(), "{whole} of {row}");
        }
        for fraction in [3, 4, 8, 9, 10, 11] {
            assert!(
                fields[fraction].contains('.') || fields[fraction].contains("e-"),
                "{row}"
            );
        }
        for percent in &fields[3..=9] {
            let value: f64 = percent.parse().unwrap();
            assert!((0.0..=100.0).contains(&value), "{percent} of {row}");
        }
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert!(last <= now && now - last < 100, "{last} {now}");
}

#[tokio::test]
async fn clients_are_counted_as_idle_or_running() {
    let simulation = Simulation::start().await;
    let file = file(&simulation);
    row(&file, "nobody", |row| row[1..3] == [0.0, 0.0]).await;
    let waiting = simulation.connect().await;
    row(&file, "one without Webots", |row| row[1..3] == [0.0, 1.0]).await;
    drop(waiting);
    row(&file, "nobody again", |row| row[1..3] == [0.0, 0.0]).await;
}

#[tokio::test]
async fn what_an_earlier_run_wrote_is_put_aside() {
    let folder = common::simulation::folder_with_projects();
    let logs = folder.path().join("simulation");
    fs::create_dir(&logs).unwrap();
    let old = format!("{HEADER}\n1, 2, 3, 4.0, 5.0, 6, 7, 0, 8.0, 9.0, 0.0, 0.0\n");
    fs::write(logs.join("monitor.csv"), &old).unwrap();
    let simulation = Simulation::in_folder(folder, json!({})).await;
    let file = file(&simulation);
    let aside = logs.join("monitor.csv.1");
    until_so("the old file aside", SOON, || aside.exists()).await;
    row(&file, "a row", |row| row[0] > 1.0).await;
    assert_eq!(lines(&file)[0], HEADER);
    assert_eq!(fs::read_to_string(aside).unwrap(), old);
}

#[tokio::test]
async fn it_is_not_written_where_it_is_not_wanted() {
    let simulation = Simulation::with(json!({ "monitorLogEnabled": false })).await;
    until_answered("two samples", WHILE, || async {
        simulation.rows().await >= 2
    })
    .await;
    let logs = listing(&simulation.folder.path().join("simulation"));
    assert!(!logs.contains(&"monitor.csv".to_owned()), "{logs:?}");
}

#[tokio::test]
async fn a_disk_that_takes_nothing_is_warned_of_once_and_disturbs_nobody() {
    let folder = common::simulation::folder_with_projects();
    // Whoever runs the tests may write everywhere, but not into a folder as if it were a file; and
    // this one cannot be moved out of the way.
    let logs = folder.path().join("simulation");
    for name in ["monitor.csv", "monitor.csv.9"] {
        fs::create_dir_all(logs.join(name)).unwrap();
    }
    fs::write(logs.join("monitor.csv.10"), "").unwrap();
    let simulation = Simulation::in_folder(folder, json!({})).await;
    until_answered("three samples", WHILE, || async {
        simulation.rows().await >= 3
    })
    .await;
    let warnings = || {
        let said = simulation.server.stderr();
        said.iter()
            .filter(|line| line.contains("monitor.csv are lost"))
            .count()
    };
    assert_eq!(warnings(), 1);
    simulation.running().await;
    // As soon as there is room, it goes on.
    for name in ["monitor.csv", "monitor.csv.9"] {
        fs::remove_dir(logs.join(name)).unwrap();
    }
    row(&file(&simulation), "a row", |_| true).await;
    assert_eq!(lines(&file(&simulation))[0], HEADER);
    let again = || {
        let said = simulation.server.stderr();
        said.iter().any(|line| line.contains("is written again"))
    };
    until_so("the news", SOON, again).await;
    assert_eq!(warnings(), 1);
}
