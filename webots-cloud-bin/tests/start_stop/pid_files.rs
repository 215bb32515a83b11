//! A pid file names one process for ever.

use std::fs;
use std::io::Write;

use rustix::process::Signal;

use super::common::{send_signal, until_so};
use super::rig::*;

#[tokio::test]
async fn the_pid_file_of_a_killed_server_is_removed_and_that_is_said() {
    let site = Site::new();
    site.done(&["start"]).await;
    let pids = ["session", "simulation"].map(|server| site.pid(server).unwrap());
    for pid in pids {
        send_signal(pid, Signal::KILL);
        until_so("the death", SOON, || !runs(pid)).await;
    }
    let said = site.done(&["stop"]).await;
    let session = format!(
        "Removed log/session-local.pid: local session server ({}) is gone",
        pids[0]
    );
    assert_eq!(said[0], session);
    assert!(
        said[1].starts_with("Removed log/simulation-local.pid: "),
        "{said:?}"
    );
    assert_eq!(site.pid_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stranger_that_has_the_pid_of_a_dead_server_is_never_signalled() {
    let site = Site::new();
    let mut stranger = Stranger::new();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let start: u64 = stat(stranger.pid()).unwrap()[19].parse().unwrap();
    fs::create_dir(site.path("log")).unwrap();
    // The same pid, but started at another time, or before the machine was.
    for (start, boot) in [(start - 1, boot.trim()), (start, "an-earlier-boot")] {
        let content = format!("pid {}\nstart {start}\nboot {boot}\n", stranger.pid());
        for command in ["stop", "restart"] {
            fs::write(site.pid_file("simulation"), &content).unwrap();
            let said = site.done(&[command]).await;
            let gone = format!("local simulation server ({}) is gone", stranger.pid());
            assert!(said.iter().any(|line| line.ends_with(&gone)), "{said:?}");
            assert!(stranger.0.try_wait().unwrap().is_none(), "it was ended");
        }
        site.done(&["stop"]).await;
    }
    // It is as well as before.
    let mut input = stranger.0.stdin.take().unwrap();
    input.write_all(b"still there\n").unwrap();
}

#[tokio::test]
async fn what_is_no_pid_file_is_left_alone() {
    let site = Site::new();
    let stranger = Stranger::new();
    fs::create_dir(site.path("log")).unwrap();
    let only_a_number = format!("{}\n", stranger.pid());
    for content in [
        only_a_number.as_str(),
        "",
        "pid 1\n",
        "pid -1\nstart x\nboot y\n",
    ] {
        fs::write(site.pid_file("session"), content).unwrap();
        for command in ["start", "stop", "restart"] {
            let (code, said) = site.failed(&[command]).await;
            assert_eq!(code, 1, "{content:?}: {said}");
            assert!(
                said.contains("log/session-local.pid is no pid file of ours"),
                "{said}"
            );
        }
        assert!(runs(stranger.pid()));
        assert_eq!(
            fs::read_to_string(site.pid_file("session")).unwrap(),
            content
        );
    }
}
