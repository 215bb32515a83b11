//! The end of an archive, which says where its index is.

use std::io::{Read, Seek, SeekFrom};

use super::error::ArchiveError;

const END: &[u8; 4] = b"PK\x05\x06";
const LARGE_END: &[u8; 4] = b"PK\x06\x06";
const LARGE_LOCATOR: &[u8; 4] = b"PK\x06\x07";
/// Bytes of the end record without its comment.
const END_BYTES: usize = 22;
const LARGE_END_BYTES: u64 = 56;
const LARGE_LOCATOR_BYTES: u64 = 20;

/// Where the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Its first byte, from the beginning of the file.
    pub(super) start: u64,
    /// The first byte after it.
    pub(super) end: u64,
    /// Entries in it.
    pub(super) entries: u64,
    /// How many bytes stand before the archive proper: offsets in it count from there. Self-extracting
    /// archives have such, and web pages that print a warning first.
    pub(super) shift: u64,
}

/// The number at `at`. The caller has made sure that it is there.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// The number at `at`. The caller has made sure that it is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

/// The number at `at`. The caller has made sure that it is there.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Finds the index.
pub(super) fn find(archive: &mut (impl Read + Seek)) -> Result<Directory, ArchiveError> {
    let length = archive.seek(SeekFrom::End(0))?;
    let window = length.min(END_BYTES as u64 + u64::from(u16::MAX));
    archive.seek(SeekFrom::Start(length - window))?;
    let mut tail = Vec::new();
    archive.by_ref().take(window).read_to_end(&mut tail)?;
    let end = the_only_end(&tail)?;
    let position = length - window + end as u64;
    let record = &tail[end..];
    let (disk, index_disk) = (u16_at(record, 4), u16_at(record, 6));
    let (here, entries) = (u16_at(record, 8), u16_at(record, 10));
    let (size, offset) = (u32_at(record, 12), u32_at(record, 16));
    if (entries == u16::MAX || size == u32::MAX || offset == u32::MAX)
        && let Some(directory) = large(archive, position)?
    {
        return Ok(directory);
    }
    if disk != 0 || index_disk != 0 || here != entries {
        return Err(ArchiveError::Unsupported("in several parts"));
    }
    directory(position, size.into(), offset.into(), entries.into())
}

/// The record whose comment ends where the file ends. Two of them would be two archives in one.
fn the_only_end(tail: &[u8]) -> Result<usize, ArchiveError> {
    let fits = |at: &usize| {
        tail[*at..].starts_with(END)
            && at + END_BYTES + usize::from(u16_at(tail, at + 20)) == tail.len()
    };
    let mut ends = (0..(tail.len() + 1).saturating_sub(END_BYTES)).filter(fits);
    match (ends.next(), ends.next()) {
        (Some(end), None) => Ok(end),
        (Some(_), Some(_)) => Err(ArchiveError::Corrupt("it has two ends")),
        (None, _) => Err(ArchiveError::NotAnArchive),
    }
}

/// The record for large archives, which stands right before its locator, and that before the end.
fn large(archive: &mut (impl Read + Seek), end: u64) -> Result<Option<Directory>, ArchiveError> {
    const BYTES: u64 = LARGE_END_BYTES + LARGE_LOCATOR_BYTES;
    let Some(position) = end.checked_sub(BYTES) else {
        return Ok(None);
    };
    let mut bytes = [0; BYTES as usize];
    archive.seek(SeekFrom::Start(position))?;
    archive.read_exact(&mut bytes)?;
    let (record, locator) = bytes.split_at(LARGE_END_BYTES as usize);
    if !locator.starts_with(LARGE_LOCATOR) {
        return Ok(None);
    }
    if !record.starts_with(LARGE_END) {
        return Err(ArchiveError::Corrupt(
            "the end record is not where it is said to be",
        ));
    }
    let parts = (u32_at(locator, 4), u32_at(locator, 16));
    if parts.0 != 0 || parts.1 > 1 || u32_at(record, 16) != 0 || u32_at(record, 20) != 0 {
        return Err(ArchiveError::Unsupported("in several parts"));
    }
    let (entries, size, offset) = (u64_at(record, 32), u64_at(record, 40), u64_at(record, 48));
    directory(position, size, offset, entries).map(Some)
}

fn directory(end: u64, size: u64, offset: u64, entries: u64) -> Result<Directory, ArchiveError> {
    let outside = ArchiveError::Corrupt("its list of files is not where it is said to be");
    let start = end.checked_sub(size);
    let shift = start.and_then(|start| start.checked_sub(offset));
    match (start, shift) {
        (Some(start), Some(shift)) => Ok(Directory {
            start,
            end,
            entries,
            shift,
        }),
        _ => Err(outside),
    }
}
