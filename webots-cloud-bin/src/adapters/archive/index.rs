//! The index of an archive: what is in it and where.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};

use super::ExtractLimits;
use super::end::{self, Directory, u16_at, u32_at, u64_at};
use super::error::{ArchiveError, shown};
use super::name::{self, SafeName};

/// The most bytes of the index: 50 000 entries with names of 300 bytes. What is kept of it in memory
/// is less.
const LONGEST: u64 = 16 << 20;
const HEADER: usize = 46;
const LOCAL_HEADER: usize = 30;

/// How an entry's data is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

/// A file or folder that is to be unpacked.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: SafeName,
    pub(super) method: Method,
    /// What is said of it; compared with what comes out.
    pub(super) checksum: u32,
    /// What is said of it; compared with what comes out.
    pub(super) size: u64,
    /// Bytes of packed data, inside the archive and shared with no other entry.
    pub(super) packed: u64,
    /// Where the packed data begins.
    pub(super) data: u64,
    /// Where the header before it begins.
    header: u64,
}

impl Entry {
    pub(super) fn damaged(&self, what: &'static str) -> ArchiveError {
        let name = shown(self.name.path.as_bytes());
        ArchiveError::CorruptEntry { name, what }
    }
}

/// Reads and checks the whole index.
pub(super) fn read(
    archive: &mut (impl Read + Seek),
    limits: &ExtractLimits,
    cancelled: &AtomicBool,
) -> Result<Vec<Entry>, ArchiveError> {
    let directory = end::find(archive)?;
    if directory.entries > limits.max_entries {
        let limit = limits.max_entries;
        return Err(ArchiveError::TooMany { limit });
    }
    if directory.end - directory.start > LONGEST {
        return Err(ArchiveError::IndexTooLarge);
    }
    archive.seek(SeekFrom::Start(directory.start))?;
    let bounded = archive.by_ref().take(directory.end - directory.start);
    let mut list = BufReader::new(bounded);
    // Grows as entries come: the number is only what the archive says.
    let mut entries = Vec::new();
    for _ in 0..directory.entries {
        entries.push(one(&mut list, &directory, limits)?);
    }
    if list.read(&mut [0])? != 0 {
        return Err(ArchiveError::Corrupt("it holds more entries than it says"));
    }
    no_duplicates(&entries)?;
    for entry in &mut entries {
        if cancelled.load(Ordering::Relaxed) {
            return Err(ArchiveError::Cancelled);
        }
        locate(archive, entry)?;
    }
    no_overlap(&entries, directory.start)?;
    Ok(entries)
}

/// Reads exactly so many bytes of the index.
fn exactly(list: &mut impl Read, bytes: &mut [u8]) -> Result<(), ArchiveError> {
    list.read_exact(bytes).map_err(|error| {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return ArchiveError::Corrupt("its list of files ends too soon");
        }
        error.into()
    })
}

fn one(
    list: &mut impl Read,
    directory: &Directory,
    limits: &ExtractLimits,
) -> Result<Entry, ArchiveError> {
    let mut header = [0; HEADER];
    exactly(list, &mut header)?;
    if !header.starts_with(b"PK\x01\x02") {
        return Err(ArchiveError::Corrupt("its list of files cannot be read"));
    }
    let mut raw = vec![0; u16_at(&header, 28).into()];
    exactly(list, &mut raw)?;
    let mut extra = vec![0; u16_at(&header, 30).into()];
    exactly(list, &mut extra)?;
    let mut comment = vec![0; u16_at(&header, 32).into()];
    exactly(list, &mut comment)?;

    let mut name = name::check(&raw, limits)?;
    name.folder |= kind(&raw, u32_at(&header, 38))?;
    let flags = u16_at(&header, 8);
    let method = method(&raw, flags, u16_at(&header, 10))?;
    let sizes = sizes(&header, &extra).ok_or(ArchiveError::Corrupt(
        "the sizes of an entry cannot be read",
    ))?;
    let header_at = sizes.offset.checked_add(directory.shift);
    let entry = Entry {
        name,
        method,
        checksum: u32_at(&header, 16),
        size: sizes.size,
        packed: sizes.packed,
        data: 0,
        header: header_at.ok_or(ArchiveError::Corrupt("an entry lies outside"))?,
    };
    if entry.name.folder && entry.size != 0 {
        return Err(entry.damaged("is a folder with data"));
    }
    if entry.method == Method::Stored && entry.size != entry.packed {
        return Err(entry.damaged("has two different sizes"));
    }
    Ok(entry)
}

/// Whether the attributes say that it is a folder. They are taken as those of Unix whatever system the
/// archive says it is from: others leave that half empty.
fn kind(raw: &[u8], attributes: u32) -> Result<bool, ArchiveError> {
    let name = || shown(raw);
    match (attributes >> 16) & 0o170_000 {
        0 | 0o100_000 => Ok(false),
        0o040_000 => Ok(true),
        0o120_000 => Err(ArchiveError::Link { name: name() }),
        _ => Err(ArchiveError::Device { name: name() }),
    }
}

fn method(raw: &[u8], flags: u16, method: u16) -> Result<Method, ArchiveError> {
    /// Encrypted; strongly; with the headers.
    const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
    const AES: u16 = 99;
    let name = shown(raw);
    if flags & ENCRYPTED != 0 || method == AES {
        return Err(ArchiveError::Encrypted { name });
    }
    match method {
        0 => Ok(Method::Stored),
        8 => Ok(Method::Deflated),
        _ => Err(ArchiveError::Method { name, method }),
    }
}

struct Sizes {
    size: u64,
    packed: u64,
    offset: u64,
}

/// The numbers of the header, or those of the extra field for large ones where the header has none.
fn sizes(header: &[u8; HEADER], extra: &[u8]) -> Option<Sizes> {
    let mut large = field(extra, 1).unwrap_or_default();
    let mut number = |at| {
        let small = u32_at(header, at);
        if small != u32::MAX {
            return Some(u64::from(small));
        }
        let (number, rest) = large.split_at_checked(8)?;
        large = rest;
        Some(u64_at(number, 0))
    };
    // In this order in the extra field.
    let (size, packed, offset) = (number(24)?, number(20)?, number(42)?);
    Some(Sizes {
        size,
        packed,
        offset,
    })
}

/// The extra field of this kind.
fn field(mut extra: &[u8], kind: u16) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (data, rest) = rest.split_at_checked(u16_at(head, 2).into())?;
        if u16_at(head, 0) == kind {
            return Some(data);
        }
        extra = rest;
    }
    None
}

fn no_duplicates(entries: &[Entry]) -> Result<(), ArchiveError> {
    let mut names: Vec<&str> = entries.iter().map(|entry| &*entry.name.path).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ArchiveError::Duplicate {
            name: shown(pair[0].as_bytes()),
        }),
        None => Ok(()),
    }
}

/// Finds the data of an entry behind its own header, which must say the same as the index.
fn locate(archive: &mut (impl Read + Seek), entry: &mut Entry) -> Result<(), ArchiveError> {
    let mut header = [0; LOCAL_HEADER];
    let missing = |_| ArchiveError::Corrupt("an entry lies outside");
    archive
        .seek(SeekFrom::Start(entry.header))
        .map_err(missing)?;
    archive.read_exact(&mut header).map_err(missing)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(entry.damaged("is not where it is said to be"));
    }
    let mut raw = vec![0; u16_at(&header, 26).into()];
    archive.read_exact(&mut raw).map_err(missing)?;
    let text = raw.strip_prefix(b"./").unwrap_or(&raw);
    let text = text.strip_suffix(b"/").unwrap_or(text);
    if text != entry.name.path.as_bytes() {
        return Err(entry.damaged("has two different names"));
    }
    if method(&raw, u16_at(&header, 6), u16_at(&header, 8))? != entry.method {
        return Err(entry.damaged("has two different methods"));
    }
    let before = (LOCAL_HEADER + raw.len()) as u64 + u64::from(u16_at(&header, 28));
    entry.data =
        (entry.header.checked_add(before)).ok_or(ArchiveError::Corrupt("an entry lies outside"))?;
    Ok(())
}

/// Each byte belongs to one entry at most, and none to an entry and the index.
fn no_overlap(entries: &[Entry], index: u64) -> Result<(), ArchiveError> {
    let mut ranges = Vec::with_capacity(entries.len());
    for entry in entries {
        let end = entry.data.checked_add(entry.packed);
        match end.filter(|end| *end <= index) {
            Some(end) => ranges.push((entry.header, end)),
            None => return Err(entry.damaged("reaches beyond the archive's data")),
        }
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(ArchiveError::Overlap);
    }
    Ok(())
}
