//! `monitor.csv`: the figures of a simulation server, a line a second (W2.15).

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::simulation::{MONITOR_CSV_HEADER, MonitorRow};

use super::blocking::Blocking;
use super::rotating_file::RotatingFile;

/// The most bytes of one file: about two hours.
pub const MOST_BYTES: u64 = 500_000;

/// How many full files are kept beside the one that is written: about a day.
pub const KEPT: u32 = 10;

/// How long a disk may take. Rows that come meanwhile wait in the channel.
const LIMIT: Duration = Duration::from_secs(2);

/// The most rows that are written at once.
const AT_ONCE: usize = 60;

/// A row and when it was measured.
pub type TimedRow = (SystemTime, MonitorRow);

/// Where the file is, below the parent folder of the logs (`logDir`).
pub fn monitor_file(log_dir: &Path) -> PathBuf {
    log_dir.join("simulation").join("monitor.csv")
}

/// Writes `rows` to `file` until `stop` or the end of the rows. The file begins anew; the one of an
/// earlier run is put aside as a full one is, as `monitor.csv.1` ([`MOST_BYTES`], [`KEPT`]).
///
/// A disk that is full, read-only or hangs costs rows and is warned of once; that it takes rows again
/// is logged, too.
///
/// # Cancel safety
/// Rows that were taken out of the channel may be lost.
pub async fn write_monitor_log(
    file: PathBuf,
    mut rows: mpsc::Receiver<TimedRow>,
    stop: CancellationToken,
) {
    let log = RotatingFile::new(file.clone(), MONITOR_CSV_HEADER, MOST_BYTES, KEPT);
    let log = Blocking::new(log);
    let mut outcome = Outcome {
        file,
        failing: false,
    };
    outcome.note(log.ask(LIMIT, |log| log.begin()).await);
    let mut waiting = Vec::new();
    loop {
        let taken = tokio::select! {
            biased;
            () = stop.cancelled() => 0,
            taken = rows.recv_many(&mut waiting, AT_ONCE) => taken,
        };
        if taken == 0 {
            return;
        }
        let lines: String = waiting.drain(..).map(line).collect();
        outcome.note(log.ask(LIMIT, move |log| log.append(&lines)).await);
    }
}

/// What is said of the disk.
struct Outcome {
    file: PathBuf,
    failing: bool,
}

impl Outcome {
    fn note<E: ToString>(&mut self, written: Result<io::Result<()>, E>) {
        let failure = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let file = self.file.display();
        match (self.failing, &failure) {
            (false, Some(why)) => tracing::warn!(%file, why, "rows of monitor.csv are lost"),
            (true, None) => tracing::info!(%file, "monitor.csv is written again"),
            (false, None) | (true, Some(_)) => {}
        }
        self.failing = failure.is_some();
    }
}

fn line((time, row): TimedRow) -> String {
    // 0 on a machine whose clock is before 1970.
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    row.csv_line(since.map_or(0, |since| since.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seconds: u64, running: u32) -> TimedRow {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 999);
        let row = MonitorRow {
            running,
            ..MonitorRow::default()
        };
        (time, row)
    }

    async fn write(file: &Path, all: Vec<TimedRow>) {
        let (rows, receiver) = mpsc::channel(all.len());
        for row in all {
            rows.try_send(row).expect("room");
        }
        drop(rows);
        write_monitor_log(file.to_owned(), receiver, CancellationToken::new()).await;
    }

    #[tokio::test]
    async fn the_file_begins_with_the_header_and_each_row_has_its_own_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = monitor_file(folder.path());
        write(&file, vec![row(1_600_000_000, 0), row(1_600_000_001, 7)]).await;
        let text = std::fs::read_to_string(&file).expect("written");
        assert_eq!(
            text,
            "Timestamp, Webots running, Webots idle, CPU load, CPU memory, GPU load compute, \
             GPU load memory, GPU memory, Swap, Disk, Network sent, Network received\n\
             1600000000, 0, 0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0\n\
             1600000001, 7, 0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0\n"
        );
    }

    #[tokio::test]
    async fn it_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = monitor_file(folder.path());
        let most = usize::try_from(MOST_BYTES).expect("small");
        for _ in 0..2 {
            let rows = (0..12_000).map(|second| row(second, 0)).collect();
            write(&file, rows).await;
        }
        let names = ["monitor.csv", "monitor.csv.1", "monitor.csv.2"];
        for name in names {
            let text = std::fs::read_to_string(file.with_file_name(name)).expect(name);
            assert!(text.len() <= most, "{name} has {} bytes", text.len());
            assert!(text.starts_with(MONITOR_CSV_HEADER), "{name}");
            assert_eq!(text.matches("Timestamp").count(), 1, "{name}");
        }
    }

    #[tokio::test]
    async fn it_ends_when_told_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_rows, receiver) = mpsc::channel(1);
        let stop = CancellationToken::new();
        stop.cancel();
        write_monitor_log(monitor_file(folder.path()), receiver, stop).await;
    }

    #[test]
    fn trouble_is_said_once() {
        let mut outcome = Outcome {
            file: PathBuf::new(),
            failing: false,
        };
        let full = || Ok::<_, String>(Err(io::ErrorKind::StorageFull.into()));
        for (written, failing) in [(full(), true), (full(), true), (Ok(Ok(())), false)] {
            outcome.note(written);
            assert_eq!(outcome.failing, failing);
        }
    }
}
