//! Why an archive is not unpacked.

use std::io;

use thiserror::Error;

use super::name::NameFault;

/// Why an archive was not unpacked, in words for the user. What was unpacked until then stays: the
/// caller removes the folder.
///
/// Names of entries are made fit to be shown; no path of this machine is named.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Not a ZIP archive at all, or one whose end is missing.
    #[error("this is not a ZIP archive, or its end is missing")]
    NotAnArchive,
    /// The archive contradicts itself or the ZIP format.
    #[error("the archive is damaged: {0}")]
    Corrupt(&'static str),
    /// The data of one entry cannot be unpacked, or is not what its checksum says.
    #[error("the archive is damaged: `{name}` {what}")]
    CorruptEntry {
        /// The entry.
        name: String,
        /// What is wrong with it, continuing the sentence.
        what: &'static str,
    },
    /// In several files, or with an encrypted index.
    #[error("archives {0} are not supported: use a plain ZIP archive")]
    Unsupported(&'static str),
    /// Needs a password.
    #[error("`{name}` is encrypted: use an archive without a password")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// Neither stored nor deflated.
    #[error(
        "`{name}` is compressed by method {method}: use the usual ones, `stored` and `deflated`"
    )]
    Method {
        /// The entry.
        name: String,
        /// The method's number in the ZIP format.
        method: u16,
    },
    /// A name that may lead out of the folder, or that not every system can have.
    #[error("the name `{name}` in the archive {fault}")]
    Name {
        /// The name, shown as well as it can be.
        name: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// Two entries of the same name.
    #[error("the archive has two entries named `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// The entry is a symbolic link.
    #[error("`{name}` is a symbolic link: archives may hold files and folders only")]
    Link {
        /// The entry.
        name: String,
    },
    /// The entry is a device, a pipe or a socket.
    #[error("`{name}` is a device, pipe or socket: archives may hold files and folders only")]
    Device {
        /// The entry.
        name: String,
    },
    /// In the folder there is a link, or something else than a file or folder, where the entry
    /// belongs.
    #[error("`{name}` would be written through a link")]
    ThroughLink {
        /// The entry.
        name: String,
    },
    /// A file is where a folder is to be, or the other way round.
    #[error("`{name}` is both a file and a folder")]
    FileAndFolder {
        /// The entry.
        name: String,
    },
    /// Two entries share bytes of the archive, as bombs do.
    #[error("the archive's entries overlap")]
    Overlap,
    /// More files and folders than allowed.
    #[error("the archive has more than {limit} files and folders")]
    TooMany {
        /// How many are allowed.
        limit: u64,
    },
    /// The list of entries is too long to be held in memory.
    #[error("the archive's list of files is too long")]
    IndexTooLarge,
    /// More bytes than allowed.
    #[error("the archive holds more than {limit} bytes")]
    TooLarge {
        /// How many are allowed.
        limit: u64,
    },
    /// Unpacks to so many times its size that it can only be meant to do harm.
    #[error("the archive unpacks to more than {ratio} times its size")]
    Bomb {
        /// How many times are allowed.
        ratio: u64,
    },
    /// `cancelled` became true.
    #[error("unpacking was cancelled")]
    Cancelled,
    /// The archive could not be read or a file not be written.
    #[error("the archive could not be unpacked")]
    Io(#[from] io::Error),
}

impl From<rustix::io::Errno> for ArchiveError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Io(error.into())
    }
}

/// The most characters of a stranger's name in a message.
const SHOWN: usize = 80;

/// A name fit to be shown: without control characters and those that reorder text, not too long.
pub(super) fn shown(name: &[u8]) -> String {
    // Not all of a name of many kilobytes: four bytes are the longest character.
    let head = &name[..name.len().min(4 * (SHOWN + 1))];
    let text = String::from_utf8_lossy(head);
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '`')
    };
    let mut characters = text.chars();
    let mut shown: String = (characters.by_ref().take(SHOWN))
        .map(|c| if odd(c) { '\u{fffd}' } else { c })
        .collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}
