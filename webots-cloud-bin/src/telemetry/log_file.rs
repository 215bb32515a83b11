//! The log file: rotated by size, written by a thread of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};

use super::patient;

/// A file is rotated when it has so many bytes (W1.9).
const FULL: usize = 500_000;
/// So many old files are kept, `output.log.1` the youngest (W1.9).
const KEPT: usize = 10;
/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("Log file '{}' cannot be created", path.display())]
pub struct LogFileError {
    path: PathBuf,
    source: io::Error,
}

/// Opens `folder/output.log` at its end, and makes the folder if need be. Lines are written until the
/// guard is dropped, which waits for those that wait.
pub(super) fn open(folder: &Path) -> Result<(NonBlocking, WorkerGuard), LogFileError> {
    let path = folder.join("output.log");
    let tried = fs::create_dir_all(folder).and_then(|()| {
        let mut options = fs::OpenOptions::new();
        options.append(true).create(true).open(&path)
    });
    if let Err(source) = tried {
        return Err(LogFileError { path, source });
    }
    let file = FileRotate::new(
        path,
        AppendCount::new(KEPT),
        ContentLimit::BytesSurpassed(FULL),
        Compression::None,
        None,
    );
    Ok(patient(file))
}
