//! The limit of starting anything: a process, to its first line and its end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// Starts `count` processes in each of `lanes` threads; how long each took to its first line, and all
/// of them.
pub(crate) fn start(lanes: usize, count: usize) -> Outcome<(Vec<Duration>, Duration)> {
    let begun = Instant::now();
    let lane = || {
        (0..count)
            .map(|_| one())
            .collect::<std::io::Result<Vec<_>>>()
    };
    let mut times = Vec::new();
    thread::scope(|scope| {
        let started: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        for lane in started {
            times.extend(lane.join().map_err(|_| "a thread panicked")??);
        }
        Outcome::Ok(())
    })?;
    Ok((times, begun.elapsed()))
}

fn one() -> std::io::Result<Duration> {
    let begun = Instant::now();
    let mut child = Command::new("/bin/echo")
        .arg("open")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let time = begun.elapsed();
    child.wait()?;
    Ok(time)
}
