use std::str::FromStr;

use super::{FileWorld, GitWorld, MAX_URL, StartUrl, StartUrlError};
use crate::protocol::authority::git_host;
use crate::protocol::segment::{SegmentFault, check_argument, check_segment, check_world};
use crate::protocol::text::{Lines, presentable};

const GIT_PATTERN: &str = "https://github.com/OWNER/REPOSITORY/blob/BRANCH/worlds/WORLD.wbt";
const WEBOTS_PATTERN: &str = "webots://github.com/OWNER/REPOSITORY/branch/NAME/worlds/WORLD.wbt";
const FILE_PATTERN: &str = "file:///FOLDER/worlds/WORLD.wbt";

/// Understands the URL of a world (W2.5).
///
/// Every segment is percent-decoded once and then checked, so that no spelling gets a separator, a
/// control character, `.` or `..` through; what becomes an argument of git does not begin with `-`.
/// Which hosts, repositories and folders may be used is decided elsewhere
/// ([`admission`](crate::protocol::admission), the project fetcher).
impl FromStr for StartUrl {
    type Err = StartUrlError;

    fn from_str(url: &str) -> Result<Self, StartUrlError> {
        if url.len() > MAX_URL {
            return Err(StartUrlError::TooLong);
        }
        if url.contains(char::is_control) {
            return Err(SegmentFault::Control.into());
        }
        let (protocol, rest) = url.split_once("://").unwrap_or((url, ""));
        let protocol = protocol.to_ascii_lowercase();
        if !matches!(protocol.as_str(), "https" | "webots" | "file") {
            return Err(StartUrlError::Protocol(presentable(url, 200, Lines::Join)));
        }
        if rest.contains(['?', '#']) {
            return Err(StartUrlError::Extras);
        }
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(StartUrlError::Extras);
        }
        let segments = path
            .split('/')
            .map(percent_decoded)
            .collect::<Result<Vec<_>, _>>()?;
        match protocol.as_str() {
            "file" => file_world(host, &segments).map(Self::File),
            "webots" => git_world(url, host, &segments, Style::Webots).map(Self::Git),
            _ => git_world(url, host, &segments, Style::Web).map(Self::Git),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `https://HOST/OWNER/REPOSITORY/(blob|tree)/…`
    Web,
    /// `webots://github.com/OWNER/REPOSITORY/(tag|branch)/…`
    Webots,
}

fn git_world(
    url: &str,
    host: &str,
    segments: &[String],
    style: Style,
) -> Result<GitWorld, StartUrlError> {
    let host = git_host(host)?;
    if style == Style::Webots && host != "github.com" {
        return Err(StartUrlError::NotGithub);
    }
    // Owner, repository, kind, at least one for the ref, `worlds`, file.
    let [owner, repository, kind, middle @ .., worlds, world] = segments else {
        return Err(too_short(style));
    };
    if middle.is_empty() {
        return Err(too_short(style));
    }
    match (style, kind.as_str()) {
        (Style::Web, "blob" | "tree") | (Style::Webots, "tag" | "branch") => {}
        (Style::Web, _) => {
            return Err(StartUrlError::MissingBlob(presentable(
                kind,
                80,
                Lines::Join,
            )));
        }
        (Style::Webots, _) => {
            return Err(StartUrlError::MissingTag(presentable(
                kind,
                80,
                Lines::Join,
            )));
        }
    }
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    check_argument(owner)?;
    check_argument(repository)?;
    for segment in middle {
        check_argument(segment)?;
    }
    check_file(worlds, world)?;
    Ok(GitWorld {
        url: url.to_owned(),
        host,
        owner: owner.clone(),
        repository: repository.to_owned(),
        ref_and_folder: middle.to_vec(),
        world: world.clone(),
    })
}

fn too_short(style: Style) -> StartUrlError {
    let expected = match style {
        Style::Web => GIT_PATTERN,
        Style::Webots => WEBOTS_PATTERN,
    };
    StartUrlError::TooShort { expected }
}

fn file_world(host: &str, segments: &[String]) -> Result<FileWorld, StartUrlError> {
    if !matches!(host, "" | "localhost") {
        return Err(StartUrlError::FileHost);
    }
    let [project @ .., worlds, world] = segments else {
        let expected = FILE_PATTERN;
        return Err(StartUrlError::TooShort { expected });
    };
    if project.is_empty() {
        let expected = FILE_PATTERN;
        return Err(StartUrlError::TooShort { expected });
    }
    for segment in project {
        check_segment(segment)?;
    }
    check_file(worlds, world)?;
    Ok(FileWorld {
        project: format!("/{}", project.join("/")),
        world: world.clone(),
    })
}

fn check_file(worlds: &str, world: &str) -> Result<(), StartUrlError> {
    if worlds != "worlds" {
        return Err(StartUrlError::MissingWorlds);
    }
    match check_world(world) {
        Ok(()) => Ok(()),
        Err(SegmentFault::NotAWorld | SegmentFault::Empty) => Err(StartUrlError::MissingWorld),
        Err(
            fault @ (SegmentFault::TooLong
            | SegmentFault::Dots
            | SegmentFault::Separator
            | SegmentFault::Colon
            | SegmentFault::Control
            | SegmentFault::Dash),
        ) => Err(fault.into()),
    }
}

/// Decodes once. What comes out may hold anything, and is checked afterwards.
fn percent_decoded(segment: &str) -> Result<String, StartUrlError> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(StartUrlError::Percent);
        };
        let byte = u8::try_from(high * 16 + low).map_err(|_| StartUrlError::Percent)?;
        bytes.push(byte);
    }
    String::from_utf8(bytes).map_err(|_| StartUrlError::Percent)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
