//! The comparison's short form runs, and measures something in each part.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::process::{Command, Stdio};

#[test]
fn the_short_form_measures_each_part_of_all_servers() {
    let output = Command::new(env!("CARGO_BIN_EXE_compare"))
        .arg("--quick")
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    let table = String::from_utf8(output.stdout).expect("text");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    if said.contains("skipped: nginx") {
        println!("nginx is not installed: not compared with");
    }
    for row in [
        "| `/session`, 8 connections: a second |",
        "| `/monitor`, 1 connections: CPU each, µs |",
        "| simulation `/load`, 8 connections: p99, ms |",
        "| 100 clients: handshakes a second |",
        "| 100 clients: CPU a notification, µs |",
        "| sessions, 2 at a time: started and ended a second |",
    ] {
        let line = table.lines().find(|line| line.starts_with(row));
        let line = line.unwrap_or_else(|| panic!("{row} is not in\n{table}"));
        let ours = line
            .split('|')
            .nth(2)
            .and_then(|cell| cell.split_whitespace().next());
        let ours: f64 = ours.expect("a cell").parse().expect("a number");
        assert!(ours > 0.0, "{line}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_compare"))
        .args(["--session", "python=nowhere"])
        .output()
        .expect("it starts");
    assert_eq!(refused.status.code(), Some(2));
}
