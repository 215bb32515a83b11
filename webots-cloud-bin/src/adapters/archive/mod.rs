//! Unpacking ZIP archives of strangers.
//!
//! The archive comes from a website that somebody named (W2.4, 6; W5, 7), so everything in it is
//! suspected. Three things make the difference to a general ZIP library, which is why the format is
//! read here and only the decompression is a library's:
//! - The index is read in bounded memory, and in one way only: an archive that two readers could
//!   understand differently (two ends, entries beside the index, names that differ between the two
//!   places where they stand, overlaps, duplicates) is refused.
//! - Limits hold for what really comes out, while it comes out. No header is believed.
//! - Files are made relative to open folders, one part of the path at a time, and through no link,
//!   so that nothing outside is written even if the folder holds links already.
//!
//! Names must be safe on every system ([`NameFault`]), because projects travel. Stored modes and
//! times are ignored (W2.4, 7): files and folders whose name ends in `.py` or has no extension get
//! 0775, other files 0644, and other folders 0755, as 0644 would lock everybody out of them.

mod end;
mod error;
mod index;
mod name;
mod target;
mod unpack;

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::atomic::AtomicBool;

pub use error::ArchiveError;
pub use name::NameFault;

/// How much an archive may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtractLimits {
    /// Entries, and files and folders made.
    pub max_entries: u64,
    /// Bytes of all files together.
    pub max_bytes: u64,
    /// How many bytes one byte of the archive may become, on the average of what was unpacked so
    /// far. The first 16 MiB are free: small empty textures compress better than any ratio allows.
    pub max_ratio: u64,
    /// Bytes of one name with its folders.
    pub max_name: usize,
    /// Parts of one name.
    pub max_depth: usize,
}

impl ExtractLimits {
    /// These limits, a ratio of 200, names of 1024 bytes and 32 parts.
    pub const fn new(max_entries: u64, max_bytes: u64) -> Self {
        Self {
            max_entries,
            max_bytes,
            max_ratio: 200,
            max_name: 1024,
            max_depth: 32,
        }
    }
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Files written.
    pub files: u64,
    /// Folders made; those that were there already do not count.
    pub folders: u64,
    /// Bytes in the files.
    pub bytes: u64,
}

/// Unpacks a ZIP archive into the folder `into`, over what is there: files are replaced, folders
/// joined. Blocks; needs some 20 MiB of memory at most, for an index of 16 MiB.
///
/// Nothing is written before the whole index has been checked.
///
/// # Errors
/// See [`ArchiveError`]. What was unpacked until then stays inside `into`, which the caller removes.
///
/// # Cancelling
/// Ends with [`ArchiveError::Cancelled`] within a few hundred kilobytes of `cancelled` becoming true.
pub fn extract(
    mut archive: impl Read + Seek,
    into: &Path,
    limits: &ExtractLimits,
    cancelled: &AtomicBool,
) -> Result<Extracted, ArchiveError> {
    let entries = index::read(&mut archive, limits, cancelled)?;
    let target = target::Target::open(into)?;
    unpack::Unpacking::new(archive, target, limits, cancelled).all(&entries)
}
