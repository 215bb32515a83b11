//! Writing the entries of an archive, within the limits.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::error::ArchiveError;
use super::index::{Entry, Method};
use super::target::Target;
use super::{ExtractLimits, Extracted};

/// Bytes between two looks at the limits and at `cancelled`.
const PIECE: usize = 128 << 10;
/// Bytes that may come out before the ratio counts.
const FREE: u64 = 16 << 20;

/// An archive that is being unpacked.
pub(super) struct Unpacking<'a, R> {
    archive: R,
    target: Target,
    limits: &'a ExtractLimits,
    cancelled: &'a AtomicBool,
    done: Extracted,
    /// Bytes of the archive that were consumed.
    consumed: u64,
    piece: Vec<u8>,
}

impl<'a, R: Read + Seek> Unpacking<'a, R> {
    pub(super) fn new(
        archive: R,
        target: Target,
        limits: &'a ExtractLimits,
        cancelled: &'a AtomicBool,
    ) -> Self {
        Self {
            archive,
            target,
            limits,
            cancelled,
            done: Extracted::default(),
            consumed: 0,
            piece: vec![0; PIECE],
        }
    }

    pub(super) fn all(mut self, entries: &[Entry]) -> Result<Extracted, ArchiveError> {
        for entry in entries {
            self.look()?;
            if entry.name.folder {
                self.done.folders += self.target.folder(&entry.name)?;
            } else {
                let (file, folders) = self.target.file(&entry.name)?;
                self.done.files += 1;
                self.done.folders += folders;
                self.one(entry, file)?;
            }
        }
        self.look()?;
        Ok(self.done)
    }

    /// Whether to go on. Folders above an entry are made without an entry of their own, so that
    /// they are counted here.
    fn look(&self) -> Result<(), ArchiveError> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(ArchiveError::Cancelled);
        }
        let limit = self.limits.max_entries;
        if self.done.files + self.done.folders > limit {
            return Err(ArchiveError::TooMany { limit });
        }
        Ok(())
    }

    fn one(&mut self, entry: &Entry, mut file: impl Write) -> Result<(), ArchiveError> {
        self.archive.seek(SeekFrom::Start(entry.data))?;
        let before = self.consumed;
        let mut packed = Counted {
            cancelled: self.cancelled,
            inner: self.archive.by_ref().take(entry.packed),
            count: 0,
            failed: None,
        };
        let mut data = match entry.method {
            Method::Stored => Data::Stored(&mut packed),
            Method::Deflated => Data::Deflated(DeflateDecoder::new(&mut packed)),
        };
        let (mut size, mut checksum) = (0_u64, Crc::new());
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(ArchiveError::Cancelled);
            }
            let count = match data.read(&mut self.piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) if self.cancelled.load(Ordering::Relaxed) => {
                    return Err(ArchiveError::Cancelled);
                }
                Err(error) => return Err(data.packed().cause(entry, error)),
            };
            let piece = &self.piece[..count];
            self.consumed = before + data.packed().count;
            size += count as u64;
            self.done.bytes += count as u64;
            if self.done.bytes > self.limits.max_bytes {
                let limit = self.limits.max_bytes;
                return Err(ArchiveError::TooLarge { limit });
            }
            let ratio = self.limits.max_ratio;
            if self.done.bytes > FREE.saturating_add(self.consumed.saturating_mul(ratio)) {
                return Err(ArchiveError::Bomb { ratio });
            }
            if size > entry.size {
                return Err(entry.damaged("is larger than it says"));
            }
            checksum.update(piece);
            file.write_all(piece)?;
        }
        if size != entry.size {
            return Err(entry.damaged("is smaller than it says"));
        }
        if checksum.sum() != entry.checksum {
            return Err(entry.damaged("is not what its checksum says"));
        }
        Ok(())
    }
}

/// Counts what is read, and remembers whether the archive itself could not be read: the
/// decompression reports everything in the same way.
struct Counted<'a, R> {
    cancelled: &'a AtomicBool,
    inner: R,
    count: u64,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Here as well, because data can be made of which nothing ever comes out.
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Other.into());
        }
        match self.inner.read(buffer) {
            Ok(count) => {
                self.count += count as u64;
                Ok(count)
            }
            Err(error) => {
                let kind = error.kind();
                if kind != io::ErrorKind::Interrupted {
                    self.failed = Some(error);
                }
                Err(kind.into())
            }
        }
    }
}

impl<R> Counted<'_, R> {
    fn cause(&mut self, entry: &Entry, error: io::Error) -> ArchiveError {
        match self.failed.take() {
            Some(cause) => cause.into(),
            None if error.kind() == io::ErrorKind::UnexpectedEof => entry.damaged("ends too soon"),
            None => entry.damaged("cannot be decompressed"),
        }
    }
}

/// The data of an entry, unpacked.
enum Data<'a, 'c, R> {
    Stored(&'a mut Counted<'c, R>),
    Deflated(DeflateDecoder<&'a mut Counted<'c, R>>),
}

impl<'c, R: Read> Data<'_, 'c, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stored(data) => data.read(buffer),
            Self::Deflated(data) => data.read(buffer),
        }
    }

    fn packed(&mut self) -> &mut Counted<'c, R> {
        match self {
            Self::Stored(data) => data,
            Self::Deflated(data) => data.get_mut(),
        }
    }
}
