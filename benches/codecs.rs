//! How long it takes to understand what clients and instances say, and to say what servers say.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench codecs
//! ```
#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use webots_cloud_core::protocol::client::{ControllerFile, decode};
use webots_cloud_core::protocol::instance::InstanceLine;
use webots_cloud_core::protocol::server::ServerMessage;

fn client_frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode a client's frame");
    let long = format!("{{\"init\":[{}", "[".repeat(8_000));
    let frames = [
        (
            "init",
            r#"{"init":["https://robotbenchmark.net","benchmark/pit_escape","pit_escape.wbt","12","A. User","5f4dcc3b5aa765d61d8327deb882cf99","0","","data"]}"#,
        ),
        (
            "start",
            r#"{"start":{"url":"https://github.com/cyberbotics/webots/blob/R2022b/projects/languages/python/worlds/example.wbt","mode":"x3d"}}"#,
        ),
        ("reset", r#"{"reset controller":"drive/drive.py"}"#),
        ("8 kB of brackets", &long),
    ];
    for (name, frame) in frames {
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| decode(black_box(frame)).is_ok());
        });
    }
    group.finish();
}

fn server_frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a server's frame, there and back");
    let file = ControllerFile {
        directory: "drive".to_owned(),
        file: "drive.py".to_owned(),
    };
    let frames = [
        (
            "loading",
            ServerMessage::Loading("fetching the project".to_owned()),
        ),
        (
            "shutdownTimeout",
            ServerMessage::ShutdownTimeout(Duration::from_secs(7200)),
        ),
        (
            "webots",
            ServerMessage::Webots("wss://host.example.org:2001/".to_owned()),
        ),
        ("heartbeat", ServerMessage::Heartbeat),
        ("reset", ServerMessage::ControllerReset(file)),
        (
            "error of 100 kB",
            ServerMessage::Error("no room ".repeat(12_800)),
        ),
    ];
    for (name, message) in frames {
        group.bench_function(name, |bencher| {
            bencher.iter(|| ServerMessage::decode(&black_box(&message).encode()));
        });
    }
    group.finish();
}

fn instance_lines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("understand an instance's line");
    for (name, line) in [
        ("heartbeat", "."),
        (
            "other",
            "INFO: epuck: Starting controller: python3 -u drive.py",
        ),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| InstanceLine::parse(black_box(line)));
        });
    }
    group.finish();
}

criterion_group!(benches, client_frames, server_frames, instance_lines);
criterion_main!(benches);
