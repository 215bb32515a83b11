//! `git http-backend`: one process for each request.

use std::path::Path;
use std::process::Stdio;

use bytes::Bytes;
use http::{Response, request::Parts};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Answers a request from the repositories in this folder.
pub(crate) async fn run(
    root: &Path,
    parts: &Parts,
    body: Bytes,
    speaks_new: bool,
) -> Response<Bytes> {
    let mut backend = Command::new("git");
    let header = |name: &str| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or("").to_owned()
    };
    backend
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or(""))
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    if speaks_new {
        backend.env("GIT_PROTOCOL", header("git-protocol"));
    }
    let mut backend = backend.spawn().expect("it is there");
    let mut input = backend.stdin.take().expect("piped");
    let written = async move {
        let _ = input.write_all(&body).await;
    };
    let ((), output) = tokio::join!(written, backend.wait_with_output());
    parse(&output.expect("it ran").stdout)
}

/// CGI: headers, an empty line, the body.
fn parse(output: &[u8]) -> Response<Bytes> {
    let end = output.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.expect("headers end");
    let mut response = Response::new(Bytes::copy_from_slice(&output[end + 4..]));
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").expect("a header");
        if name == "Status" {
            let status = value.split(' ').next().expect("a number");
            *response.status_mut() = status.parse().expect("a status");
        } else {
            let name: http::HeaderName = name.parse().expect("a name");
            response
                .headers_mut()
                .insert(name, value.parse().expect("a value"));
        }
    }
    response
}
