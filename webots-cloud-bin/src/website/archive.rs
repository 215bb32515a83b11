//! A folder as a ZIP archive, sent while it is written.

use std::io::{self, Read, Write};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use webots_cloud_core::protocol::segment::check_segment;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::folder::{DEEPEST, Folder};
use super::save::UNFINISHED;

/// One piece of an archive, bytes. At most four of them wait to be sent, whatever the project's size.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 4;

/// How long a client may take for one piece before it counts as gone.
const STALLED: Duration = Duration::from_secs(60);

/// The most files and folders: the writer keeps a line of the table of contents of each.
const MOST_ENTRIES: usize = 100_000;

/// Why an archive ends early. The client sees that its connection breaks off.
#[derive(Debug, Error)]
enum ArchiveError {
    #[error("the project is too deep or has too many files")]
    TooLarge,
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The archive of what is in `folder`, in pieces. It is written by a thread that holds `slot`.
///
/// Files and folders come in the order of their names, without times, so that the same project is
/// always the same archive. Links, pipes and devices are left out, and so are names that no
/// simulation server would unpack.
pub(super) fn stream(folder: Folder, slot: OwnedSemaphorePermit) -> mpsc::Receiver<Bytes> {
    let (pieces, receiver) = mpsc::channel(PIECES);
    let pipe = Pipe {
        pieces,
        runtime: Handle::current(),
        piece: BytesMut::with_capacity(PIECE),
        broken: false,
    };
    tokio::task::spawn_blocking(move || {
        let _slot = slot;
        if let Err(error) = write(&folder, pipe) {
            // The pieces end without an end, which breaks the connection off.
            tracing::debug!(%error, "an archive was not sent to its end");
        }
    });
    receiver
}

fn write(folder: &Folder, pipe: Pipe) -> Result<(), ArchiveError> {
    let mut writer = Writer {
        zip: ZipWriter::new_stream(pipe),
        entries: 0,
    };
    writer.folder(folder, "", 0)?;
    let mut pipe = writer.zip.finish()?.into_inner();
    pipe.flush()?;
    // The empty piece is the end.
    Ok(pipe.send()?)
}

struct Writer {
    zip: ZipWriter<StreamWriter<Pipe>>,
    entries: usize,
}

impl Writer {
    fn folder(&mut self, folder: &Folder, path: &str, depth: usize) -> Result<(), ArchiveError> {
        if depth > DEEPEST {
            return Err(ArchiveError::TooLarge);
        }
        for entry in folder.entries()? {
            let Some(name) = entry.name.to_str().ok().filter(|name| fits(name)) else {
                tracing::debug!(name = ?entry.name, "left out of an archive");
                continue;
            };
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(ArchiveError::TooLarge);
            }
            let path = format!("{path}{name}");
            let options = SimpleFileOptions::default();
            if entry.is_folder {
                let path = path + "/";
                self.zip
                    .add_directory(path.as_str(), options.unix_permissions(0o755))?;
                self.folder(&folder.enter(name)?, &path, depth + 1)?;
            } else {
                let mode = if entry.executable { 0o755 } else { 0o644 };
                let options = options
                    .compression_method(CompressionMethod::Deflated)
                    .unix_permissions(mode)
                    // A little early: what is compressed may grow.
                    .large_file(entry.size >= u64::from(u32::MAX) / 2);
                let (file, _) = folder.file(name)?;
                self.zip.start_file(path, options)?;
                // Not beyond the size that was seen: somebody may be appending to it.
                io::copy(&mut file.take(entry.size), &mut self.zip)?;
            }
        }
        Ok(())
    }
}

fn fits(name: &str) -> bool {
    check_segment(name).is_ok() && !name.starts_with(UNFINISHED)
}

/// The end of the channel that is written into, from a thread that may wait.
#[derive(Debug)]
struct Pipe {
    pieces: mpsc::Sender<Bytes>,
    runtime: Handle,
    piece: BytesMut,
    broken: bool,
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        let piece = self.piece.split().freeze();
        let sent = self.pieces.send_timeout(piece, STALLED);
        if self.runtime.block_on(sent).is_err() {
            self.broken = true;
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.piece.reserve(PIECE);
        Ok(())
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The first failure was reported; `ZipWriter` would print those of its drop.
        if self.broken {
            return Ok(bytes.len());
        }
        let room = PIECE - self.piece.len();
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.piece.extend_from_slice(taken);
        if self.piece.len() == PIECE {
            self.send()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() || self.broken {
            return Ok(());
        }
        self.send()
    }
}
