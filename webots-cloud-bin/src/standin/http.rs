//! Files of the project over plain HTTP (W3.10).

use std::path::Path;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::controller_line::decode;
use super::project::Project;

/// The largest file that is served.
const MAX_FILE: u64 = 32 << 20;

/// Answers a request that is no WebSocket handshake.
pub(super) async fn answer(
    project: &Project,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Response<Full<Bytes>> {
    if *method != Method::GET {
        let mut response = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "Only GET is possible here.\n",
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    // A file name may itself be one that looks encoded, so it is decoded exactly once.
    let name = decode(path.trim_start_matches('/'));
    let project = project.clone();
    let read = tokio::task::spawn_blocking(move || {
        let file = project.readable(&name)?;
        (file.metadata().ok()?.len() <= MAX_FILE).then_some(())?;
        Some((content_type(&file), std::fs::read(&file).ok()?))
    });
    let Ok(Some((kind, content))) = read.await else {
        return text(
            StatusCode::NOT_FOUND,
            "There is no such file in this project.\n",
        );
    };
    let etag = etag(&content);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.trim_matches('"') == etag) {
        return common(
            Response::new(Full::default()),
            StatusCode::NOT_MODIFIED,
            kind,
            &etag,
        );
    }
    common(
        Response::new(Full::new(content.into())),
        StatusCode::OK,
        kind,
        &etag,
    )
}

fn common(
    mut response: Response<Full<Bytes>>,
    status: StatusCode,
    kind: &'static str,
    etag: &str,
) -> Response<Full<Bytes>> {
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// A short answer in words.
pub(super) fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

/// 128 bits in hex without quotes, as Webots sends an MD5; this one is FNV-1a.
fn etag(content: &[u8]) -> String {
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for byte in content {
        hash = (hash ^ u128::from(*byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("svg") => "image/svg+xml",
        Some("hdr") => "image/vnd.radiance",
        Some("wbt" | "proto" | "py" | "txt" | "md" | "c" | "h" | "obj" | "dae") => {
            "text/plain; charset=utf-8"
        }
        Some(_) | None => "application/octet-stream",
    }
}
