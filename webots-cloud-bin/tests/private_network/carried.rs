//! What goes through the port.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use webots_cloud_core::ports::Network;

use super::house::House;
use super::rig::warden_of;
use super::setting::{LIMIT, Served, echoes, is_closed, sandboxes};

/// So many connections at a time.
const MOST: usize = 64;

/// Bytes of all values, without a pattern that a shift would keep.
fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[tokio::test]
async fn megabytes_come_back_as_they_were_and_ends_are_told_one_by_one() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::new(&house, &*sandbox).await;
        let browser = served.browser();
        let sent = noise(8 << 20, 5);
        let (mut writer, bytes) = (browser.try_clone().expect("a copy"), sent.clone());
        let writing = std::thread::spawn(move || {
            writer.write_all(&bytes).expect("sent");
            writer.shutdown(Shutdown::Write).expect("shut");
        });
        let mut got = Vec::new();
        (&browser).read_to_end(&mut got).expect("to its end");
        writing.join().expect("no panic");
        assert!(got.ends_with(b"<end>"), "said after it heard of the end");
        assert!(got[..got.len() - 5] == sent, "{}", sandbox.name());
        served.end().await;
    }
}

#[tokio::test]
async fn many_are_carried_and_one_too_many_is_closed() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::new(&house, &*sandbox).await;
        let threads = (0..20_u64).map(|seed| {
            let mut browser = served.browser();
            std::thread::spawn(move || {
                let sent = noise(50_000, seed);
                let mut got = vec![0; sent.len()];
                browser.write_all(&sent).expect("sent");
                browser.read_exact(&mut got).expect("read");
                assert!(got == sent);
            })
        });
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .for_each(|it| it.join().expect("no panic"));

        // Those before may still be counted for a moment.
        let begun = Instant::now();
        let mut open = Vec::new();
        while open.len() < MOST {
            assert!(begun.elapsed() < LIMIT);
            let mut browser = served.browser();
            if echoes(&mut browser) {
                open.push(browser);
            }
        }
        assert!(is_closed(&mut served.browser()), "one too many");
        assert!(open.iter_mut().all(echoes), "the others go on");
        open.pop();
        while !echoes(&mut served.browser()) {
            assert!(begun.elapsed() < LIMIT);
        }
        served.end().await;
    }
}

/// Resident memory in KiB.
fn memory(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let line = line.expect("a process").trim().trim_end_matches(" kB");
    line.parse().expect("a number")
}

#[tokio::test]
async fn who_does_not_read_stops_the_instance_and_fills_no_memory() {
    let house = House::new();
    for sandbox in sandboxes(&house, Network::Private) {
        let served = Served::new(&house, &*sandbox).await;
        let warden = warden_of(&house.rig.mark).expect("a warden");
        let before = memory(warden);
        let mut browser = served.browser();
        browser.write_all(b"F").expect("sent");
        let file = served.run.workspace.path.join("sent");
        let sent = || -> usize {
            let text = fs::read_to_string(&file).unwrap_or_default();
            text.parse().unwrap_or(0)
        };
        let (begun, mut last) = (Instant::now(), (0, Instant::now()));
        while last.0 == 0 || last.1.elapsed() < Duration::from_secs(1) {
            assert!(begun.elapsed() < LIMIT, "it never stops: {last:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = sent();
            if now != last.0 {
                last = (now, Instant::now());
            }
        }
        let (stopped_at, grown) = (last.0, memory(warden).saturating_sub(before));
        println!("{}: {stopped_at} bytes, {grown} KiB", sandbox.name());
        // What the kernel holds for the four sockets on the way, and half a MiB of ours.
        assert!(stopped_at < 64 << 20, "{stopped_at}");
        assert!(grown < 4 << 10, "{grown} KiB more");
        let mut left = vec![0; 1 << 20];
        for _ in 0..(stopped_at >> 20) + 8 {
            browser.read_exact(&mut left).expect("it goes on");
        }
        drop(browser);
        served.end().await;
    }
}
