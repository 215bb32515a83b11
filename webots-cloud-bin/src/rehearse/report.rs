//! What a rehearsal showed, as numbers and as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::figures::{Figures, Look};
use super::play::Session;
use super::watch::Availability;

/// Everything that was seen. Times in seconds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) server: String,
    /// Sessions a second, as was asked for.
    pub(super) rate: f64,
    pub(super) interrupted: bool,
    /// How long it took.
    pub(super) seconds: f64,
    pub(super) sessions: Vec<Session>,
    pub(super) availability: Availability,
    pub(super) processes: Figures,
}

/// The name of a stage, and when a session reached it.
type Stage = (&'static str, fn(&Session) -> Option<f64>);

/// What is timed of a session.
pub(super) const STAGES: [Stage; 6] = [
    ("placed", |session| session.placed),
    ("connected", |session| session.connected),
    ("address", |session| session.started),
    ("world", |session| session.loaded),
    ("running", |session| session.running),
    ("end", |session| session.ending),
];

impl Report {
    /// Whether every session and every client did what it should.
    pub(super) fn is_good(&self) -> bool {
        self.failures().is_empty() && self.availability.failures.is_empty()
    }

    /// How many sessions failed, by why.
    pub(super) fn failures(&self) -> BTreeMap<&str, u32> {
        let mut failures = BTreeMap::new();
        for failure in self.sessions.iter().filter_map(|it| it.failure.as_deref()) {
            *failures.entry(failure).or_default() += 1;
        }
        failures
    }

    /// For each stage that some session reached: its name, the count, and the 50th, 90th, 99th and
    /// 100th percentile in milliseconds.
    pub(super) fn stages(&self) -> Vec<(&'static str, usize, [f64; 4])> {
        let row = |(name, of): Stage| {
            let mut times: Vec<f64> = self.sessions.iter().filter_map(of).collect();
            times.sort_by(f64::total_cmp);
            let percent = |percent: usize| {
                let rank = (times.len() * percent).div_ceil(100).max(1);
                times.get(rank - 1).copied().map(|seconds| seconds * 1e3)
            };
            let [Some(a), Some(b), Some(c), Some(d)] = [50, 90, 99, 100].map(percent) else {
                return None;
            };
            Some((name, times.len(), [a, b, c, d]))
        };
        STAGES.into_iter().filter_map(row).collect()
    }

    /// One line of what happened.
    pub(super) fn summary(&self) -> String {
        let ran = self
            .sessions
            .iter()
            .filter(|it| it.running.is_some())
            .count();
        let failed: u32 = self.failures().values().sum();
        let end = if self.interrupted {
            ", interrupted"
        } else {
            ""
        };
        format!(
            "{} sessions arrived at {} a second, {ran} ran, {failed} failed; {:.1} s{end}",
            self.sessions.len(),
            self.rate,
            self.seconds
        )
    }

    /// The clients that wait, and what they heard, a line each.
    pub(super) fn clients(&self) -> Vec<String> {
        let heard = &self.availability;
        let mut lines = vec![format!(
            "{} clients waited, all connected after {:.2} s",
            heard.connected, heard.connecting
        )];
        for change in &heard.changes {
            lines.push(format!(
                "{} at {:.1} s: {} clients were told, the last {:.1} ms after the first",
                if change.available { "room" } else { "no room" },
                change.first,
                change.told,
                (change.last - change.first) * 1e3
            ));
        }
        lines
    }

    /// What the servers used, a line each.
    pub(super) fn used(&self) -> Vec<String> {
        let line = |(name, looks): (&String, &Vec<Look>)| {
            let (first, last) = (looks.first()?, looks.last()?);
            let cpu = last.cpu - first.cpu;
            let most = looks.iter().map(|look| look.memory).max()?;
            Some(format!(
                "{name}: {cpu:.2} s of processor time, {:.1} % of one core; memory {:.1} MiB at first, \
                 {:.1} at most, {:.1} at last",
                cpu / (last.at - first.at).max(1e-3) * 100.0,
                mebibytes(first.memory),
                mebibytes(most),
                mebibytes(last.memory)
            ))
        };
        self.processes.iter().filter_map(line).collect()
    }

    /// Everything that failed, a line each.
    pub(super) fn failed(&self) -> Vec<String> {
        let sessions = self.failures();
        let sessions = sessions
            .iter()
            .map(|(why, count)| format!("{count} sessions: {why}"));
        let clients = self.availability.failures.iter();
        let clients = clients.map(|(why, count)| format!("{count} clients: {why}"));
        sessions.chain(clients).collect()
    }

    /// The report for a terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.server, self.summary());
        let _ = writeln!(
            text,
            "{:<10} {:>8} {:>9} {:>9} {:>9} {:>9}",
            "ms until", "sessions", "p50", "p90", "p99", "max"
        );
        for (name, count, [a, b, c, d]) in self.stages() {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{name:<10} {count:>8} {a:>9.1} {b:>9.1} {c:>9.1} {d:>9.1}"
            );
        }
        for lines in [self.clients(), self.used(), self.failed()] {
            if !lines.is_empty() {
                let _ = writeln!(text, "\n{}", lines.join("\n"));
            }
        }
        text
    }
}

pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_counts_what_ran_and_what_failed_and_why() {
        let session = |running, failure: Option<&str>| Session {
            running,
            failure: failure.map(str::to_owned),
            ..Session::default()
        };
        let looks = [(0.0, 1.0), (2.0, 1.5)].map(|(at, cpu)| Look {
            at,
            cpu,
            memory: 1 << 20,
        });
        let report = Report {
            server: "lab:1999".to_owned(),
            rate: 2.0,
            interrupted: false,
            seconds: 3.0,
            sessions: vec![
                session(Some(0.5), None),
                session(Some(0.25), None),
                session(None, Some("no room")),
                session(None, Some("no room")),
            ],
            availability: Availability::default(),
            processes: Figures::from([("session server".to_owned(), looks.to_vec())]),
        };
        let text = report.text();
        assert!(!report.is_good());
        for part in [
            "4 sessions arrived at 2 a second, 2 ran, 2 failed",
            "2 sessions: no room",
            "0.50 s of processor time, 25.0 % of one core",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(
            report.stages(),
            [("running", 2, [250.0, 500.0, 500.0, 500.0])]
        );
    }
}
