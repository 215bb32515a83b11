//! The keys that websites know this server by.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use webots_cloud_core::secret::Secret;

use super::error::FetchError;
use super::host::Website;

/// The most bytes in a key file.
const LONGEST: u64 = 64 << 10;

/// Reads the key for a website: the first line of the file that is named like its host, without a
/// port (W2.3). Blocks. Read each time, so that a new key needs no restart.
///
/// Upstream knows only that line, and the key goes to every port of the host, with TLS or without.
/// Where that is too much, further lines bind it: if there are any, each is an origin like
/// `https://example.org`, and the key goes to those only.
pub(super) fn read(folder: &Path, website: &Website) -> Result<Secret, FetchError> {
    let host = website.name();
    match find(&folder.join(&host), website) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(FetchError::NoKey { host }),
        Err(source) => Err(FetchError::BadKey { host, source }),
    }
}

fn find(path: &Path, website: &Website) -> io::Result<Option<Secret>> {
    match fs::metadata(path) {
        Ok(data) if data.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    let mut lines = text.lines();
    let key = Secret::new(lines.next().unwrap_or_default());
    if key.is_empty() {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            "the key's line is empty",
        ));
    }
    let mut origins = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .peekable();
    let bound = origins.peek().is_some();
    let named = origins.any(|line| Website::parse(line).is_ok_and(|origin| origin == *website));
    Ok((named || !bound).then_some(key))
}
