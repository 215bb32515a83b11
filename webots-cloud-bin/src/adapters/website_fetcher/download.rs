//! The body of an answer, written to a file.

use std::fs::File;
use std::io::{Seek, Write};

use http::header;
use http_body_util::BodyExt;
use hyper::body::Body;

use super::error::{FetchError, innermost};
use super::exchange::Answered;
use super::host::Website;
use crate::adapters::local_fetcher::blocking;

/// Bytes that are gathered before they are written.
const PIECE: usize = 256 << 10;

/// Writes the answer into the file and rewinds it. `tell` hears the bytes so far and, where that was
/// said, of how many.
///
/// # Errors
/// More than `limit` bytes are refused before they are written.
pub(super) async fn download(
    answered: Answered,
    website: &Website,
    limit: u64,
    mut file: File,
    tell: impl Fn(u64, Option<u64>),
) -> Result<File, FetchError> {
    let headers = answered.response.headers();
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let host = website.name();
        return Err(FetchError::Encoding { host });
    }
    let Answered {
        response,
        _connection,
    } = answered;
    let mut body = response.into_body();
    let of = body.size_hint().exact();
    if of.is_some_and(|of| of > limit) {
        return Err(FetchError::TooLarge { limit });
    }
    let (mut total, mut piece) = (0_u64, Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchError::BrokeOff {
            host: website.name(),
            cause: innermost(&error),
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        total += data.len() as u64;
        if total > limit {
            return Err(FetchError::TooLarge { limit });
        }
        tell(total, of);
        piece.extend_from_slice(&data);
        if piece.len() >= PIECE {
            (file, piece) = write(file, piece).await?;
        }
    }
    let (mut file, _) = write(file, piece).await?;
    file.rewind()?;
    Ok(file)
}

/// Writes, and gives the buffer back, empty.
async fn write(mut file: File, mut piece: Vec<u8>) -> Result<(File, Vec<u8>), FetchError> {
    let work = move || {
        file.write_all(&piece).map(|()| {
            piece.clear();
            (file, piece)
        })
    };
    blocking(|| Ok(work()))
        .await
        .map_err(FetchError::Base)?
        .map_err(FetchError::Io)
}
