//! Archives a byte at a time, so that they can be wrong in any place.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// One entry; every field goes into the archive as it is.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: Vec<u8>,
    /// The name before the data, if it is another.
    pub local_name: Option<Vec<u8>>,
    pub flags: u16,
    pub method: u16,
    pub local_method: Option<u16>,
    pub checksum: u32,
    pub packed: u32,
    pub size: u32,
    pub attributes: u32,
    pub extra: Vec<u8>,
    pub comment: Vec<u8>,
    /// Where the index says it is, if not where it is.
    pub offset: Option<u32>,
    pub data: Vec<u8>,
}

pub fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

pub fn checksum(data: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(data);
    crc.sum()
}

fn length(data: &[u8]) -> u32 {
    data.len().try_into().expect("small")
}

impl Entry {
    pub fn stored(name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            local_name: None,
            flags: 0,
            method: 0,
            local_method: None,
            checksum: checksum(data),
            packed: length(data),
            size: length(data),
            attributes: 0,
            extra: Vec::new(),
            comment: Vec::new(),
            offset: None,
            data: data.to_vec(),
        }
    }

    pub fn deflated(name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        let packed = deflated(data);
        Self {
            method: 8,
            packed: length(&packed),
            data: packed,
            ..Self::stored(name, data)
        }
    }

    pub fn mode(self, mode: u32) -> Self {
        Self {
            attributes: mode << 16,
            ..self
        }
    }

    pub fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn local(&self) -> Vec<u8> {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let mut header = b"PK\x03\x04\x14\0".to_vec();
        header.extend(self.flags.to_le_bytes());
        header.extend(self.local_method.unwrap_or(self.method).to_le_bytes());
        header.extend([0; 4]);
        for number in [self.checksum, self.packed, self.size] {
            header.extend(number.to_le_bytes());
        }
        header.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        header.extend([0; 2]);
        header.extend(name);
        header.extend(&self.data);
        header
    }

    fn central(&self, at: u32) -> Vec<u8> {
        let mut header = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        header.extend(self.flags.to_le_bytes());
        header.extend(self.method.to_le_bytes());
        header.extend([0; 4]);
        for number in [self.checksum, self.packed, self.size] {
            header.extend(number.to_le_bytes());
        }
        for part in [&self.name, &self.extra, &self.comment] {
            header.extend(u16::try_from(part.len()).expect("short").to_le_bytes());
        }
        header.extend([0; 4]);
        header.extend(self.attributes.to_le_bytes());
        header.extend(self.offset.unwrap_or(at).to_le_bytes());
        for part in [&self.name, &self.extra, &self.comment] {
            header.extend(part);
        }
        header
    }
}

/// What stands after the entries.
#[derive(Clone, Debug, Default)]
pub struct End {
    pub entries: Option<u16>,
    pub size: Option<u32>,
    pub offset: Option<u32>,
    pub disk: u16,
    pub comment: Vec<u8>,
    /// Between the index and the end.
    pub before: Vec<u8>,
}

pub fn archive(entries: &[Entry]) -> Vec<u8> {
    archive_with(entries, &End::default())
}

pub fn archive_with(entries: &[Entry], end: &End) -> Vec<u8> {
    let (mut bytes, mut index) = (Vec::new(), Vec::new());
    for entry in entries {
        index.extend(entry.central(length(&bytes)));
        bytes.extend(entry.local());
    }
    let offset = end.offset.unwrap_or(length(&bytes));
    let size = end.size.unwrap_or(length(&index));
    bytes.extend(index);
    bytes.extend(&end.before);
    bytes.extend(b"PK\x05\x06");
    bytes.extend(end.disk.to_le_bytes());
    bytes.extend(end.disk.to_le_bytes());
    let count = end
        .entries
        .unwrap_or(entries.len().try_into().expect("few"));
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend(
        u16::try_from(end.comment.len())
            .expect("short")
            .to_le_bytes(),
    );
    bytes.extend(&end.comment);
    bytes
}

/// The records of a large archive that go before the end.
pub fn large_end(entries: u64, size: u64, offset: u64, parts: u32) -> Vec<u8> {
    let mut bytes = b"PK\x06\x06".to_vec();
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 3, 45, 0]);
    bytes.extend([0; 8]);
    for number in [entries, entries, size, offset] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07");
    bytes.extend([0; 4]);
    bytes.extend(offset.wrapping_add(size).to_le_bytes());
    bytes.extend(parts.to_le_bytes());
    bytes
}
