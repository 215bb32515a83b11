//! The names of entries: which may become paths.

use thiserror::Error;
use webots_cloud_core::protocol::segment::MAX_SEGMENT;

use super::ExtractLimits;
use super::error::{ArchiveError, shown};

/// Why a name in an archive is refused. `Display` continues a sentence: "the name … in the
/// archive …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Nothing, or two `/` in a row.
    #[error("is empty or has an empty part")]
    Empty,
    /// Not UTF-8, whatever the entry says of its encoding.
    #[error("is not UTF-8 text")]
    NotUtf8,
    /// Begins with `/`.
    #[error("begins with a slash")]
    Absolute,
    /// `.` or `..` as a part.
    #[error("has a part `.` or `..`")]
    Dots,
    /// `\`, a separator on Windows.
    #[error("contains a backslash")]
    Backslash,
    /// `:`, which names drives and streams on Windows.
    #[error("contains a colon")]
    Colon,
    /// NUL, line ends and the like.
    #[error("contains a control character")]
    Control,
    /// `NUL`, `com1.txt`: a device on Windows.
    #[error("is the name of a device on Windows")]
    Device,
    /// A part ends in `.` or a space, which Windows drops: another name in disguise.
    #[error("has a part that ends in a dot or a space")]
    Trailing,
    /// Too many bytes.
    #[error("is too long")]
    TooLong,
    /// Too many folders in each other.
    #[error("lies too deep in folders")]
    TooDeep,
}

/// A name that leads down from the folder it is used in, on any system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SafeName {
    /// Parts with `/` between them; empty for the folder itself.
    pub(super) path: Box<str>,
    /// Whether it ended in `/`.
    pub(super) folder: bool,
}

/// Checks a name as it stands in the archive. A leading `./`, as some programs write it, is dropped.
pub(super) fn check(raw: &[u8], limits: &ExtractLimits) -> Result<SafeName, ArchiveError> {
    judge(raw, limits).map_err(|fault| ArchiveError::Name {
        name: shown(raw),
        fault,
    })
}

fn judge(raw: &[u8], limits: &ExtractLimits) -> Result<SafeName, NameFault> {
    if raw.len() > limits.max_name {
        return Err(NameFault::TooLong);
    }
    let text = std::str::from_utf8(raw).map_err(|_| NameFault::NotUtf8)?;
    if text == "./" {
        return Ok(SafeName {
            path: Box::default(),
            folder: true,
        });
    }
    if text.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    let text = text.strip_prefix("./").unwrap_or(text);
    let (path, folder) = match text.strip_suffix('/') {
        Some(path) => (path, true),
        None => (text, false),
    };
    if path.split('/').count() > limits.max_depth {
        return Err(NameFault::TooDeep);
    }
    path.split('/').try_for_each(part)?;
    Ok(SafeName {
        path: path.into(),
        folder,
    })
}

fn part(part: &str) -> Result<(), NameFault> {
    if part.is_empty() {
        return Err(NameFault::Empty);
    }
    if part.len() > MAX_SEGMENT {
        return Err(NameFault::TooLong);
    }
    for c in part.chars() {
        match c {
            '\\' => return Err(NameFault::Backslash),
            ':' => return Err(NameFault::Colon),
            c if c.is_control() => return Err(NameFault::Control),
            _ => {}
        }
    }
    if matches!(part, "." | "..") {
        return Err(NameFault::Dots);
    }
    if part.ends_with(['.', ' ']) {
        return Err(NameFault::Trailing);
    }
    if is_device(part) {
        return Err(NameFault::Device);
    }
    Ok(())
}

/// `NUL`, and also `nul.txt` and `nul .txt`, which mean the same to Windows.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    let number = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let mut number = number.unwrap_or_default().chars();
    // Superscript digits count there too.
    matches!(number.next(), Some('0'..='9' | '¹' | '²' | '³')) && number.next().is_none()
}
