//! The static site: the files below one folder, and nothing else.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use webots_cloud_core::protocol::segment::check_segment;

use super::content_type::content_type;
use super::folder::{DEEPEST, Folder, is_missing};
use super::reply::{Reply, not_found, page, set, text, whole};
use crate::serve::Content;

/// Up to this size, bytes, a file is read as a whole; larger ones in pieces of it.
const PIECE: usize = 256 * 1024;

/// How long a client may take for one piece before it counts as gone.
const STALLED: Duration = Duration::from_secs(30);

/// Large files that are sent at a time; each has a thread. More wait.
const LARGE_AT_A_TIME: usize = 128;

/// What a folder is served as.
const INDEX: &str = "index.html";

/// A folder of files. Links in it are not followed, names that begin with a dot are not served, and
/// folders are not listed.
#[derive(Debug)]
pub(super) struct Site {
    root: PathBuf,
    large: Arc<Semaphore>,
}

/// What is at a path.
enum Found {
    File {
        file: File,
        kind: &'static str,
        size: u64,
        tag: String,
    },
    /// A folder, asked for without the slash that its page's links need.
    Folder,
}

impl Site {
    pub(super) fn new(root: PathBuf) -> Self {
        Self {
            root,
            large: Arc::new(Semaphore::new(LARGE_AT_A_TIME)),
        }
    }

    /// Answers `GET` or `HEAD`. Cancel safe.
    pub(super) async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Reply {
        let Some(names) = names(path) else {
            return not_found();
        };
        let root = self.root.clone();
        let found = tokio::task::spawn_blocking(move || find(&root, &names)).await;
        match found.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            Ok(Found::Folder) => moved(path),
            Ok(Found::File {
                file,
                kind,
                size,
                tag,
            }) => {
                let mut reply = if is_known(headers, &tag) {
                    let mut reply = whole(Bytes::new(), kind);
                    *reply.status_mut() = StatusCode::NOT_MODIFIED;
                    reply.headers_mut().remove(CONTENT_TYPE);
                    reply
                } else {
                    self.file(method, file, kind, size).await
                };
                // To be asked for again each time, which costs little where nothing changed.
                set(&mut reply, CACHE_CONTROL, "no-cache");
                if let Ok(tag) = HeaderValue::try_from(tag) {
                    reply.headers_mut().insert(ETAG, tag);
                }
                reply
            }
            Err(error) if is_missing(&error) => not_found(),
            Err(error) => {
                tracing::error!(%error, path, "a file of the site cannot be read");
                text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "500: the file cannot be read\n",
                )
            }
        }
    }

    async fn file(&self, method: &Method, file: File, kind: &'static str, size: u64) -> Reply {
        let mut reply = whole(Bytes::new(), kind);
        if method == Method::HEAD {
            reply.headers_mut().insert(CONTENT_LENGTH, size.into());
            return reply;
        }
        if size <= PIECE as u64 {
            let read = tokio::task::spawn_blocking(move || {
                let mut bytes = Vec::new();
                file.take(size).read_to_end(&mut bytes).map(|_| bytes)
            });
            return match read
                .await
                .unwrap_or_else(|panic| Err(io::Error::other(panic)))
            {
                Ok(bytes) => whole(bytes.into(), kind),
                Err(error) => {
                    tracing::error!(%error, "a file of the site cannot be read");
                    text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "500: the file cannot be read\n",
                    )
                }
            };
        }
        // Never closed.
        let slot = Arc::clone(&self.large).acquire_owned().await.ok();
        let (pieces, receiver) = mpsc::channel(1);
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let send = |piece| {
                let sent = pieces.send_timeout(piece, STALLED);
                runtime
                    .block_on(sent)
                    .map_err(|_| io::ErrorKind::BrokenPipe.into())
            };
            if let Err(error) = send_all(file, size, send) {
                tracing::debug!(%error, "a file of the site was not sent to its end");
            }
        });
        *reply.body_mut() = Content::Pieces(receiver);
        reply.headers_mut().insert(CONTENT_LENGTH, size.into());
        reply
    }
}

/// Sends `size` bytes of a file, and an empty piece as the end.
fn send_all(mut file: File, size: u64, send: impl Fn(Bytes) -> io::Result<()>) -> io::Result<()> {
    let mut left = size;
    while left > 0 {
        let mut piece = Vec::with_capacity(PIECE);
        let read = (&mut file)
            .take(left.min(PIECE as u64))
            .read_to_end(&mut piece)?;
        if read == 0 {
            // It became shorter: the client is to see that something is missing.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= read as u64;
        send(piece.into())?;
    }
    send(Bytes::new())
}

/// The names on a path, the last one empty if it ends with a slash. `None` if one cannot be served.
fn names(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut parts = path.strip_prefix('/')?.split('/').peekable();
    while let Some(part) = parts.next() {
        let name = percent_decode_str(part).decode_utf8().ok()?;
        let last = parts.peek().is_none();
        let good = check_segment(&name).is_ok() && !name.starts_with('.');
        if !(good || last && name.is_empty()) {
            return None;
        }
        names.push(name.into_owned());
    }
    (names.len() <= DEEPEST).then_some(names)
}

fn find(root: &Path, names: &[String]) -> io::Result<Found> {
    let mut folder = Folder::root(root)?;
    let Some((last, folders)) = names.split_last() else {
        return Err(io::ErrorKind::NotFound.into());
    };
    for name in folders {
        folder = folder.enter(name.as_str())?;
    }
    let name = if last.is_empty() { INDEX } else { last };
    if folder.kind(name)?.is_some_and(|it| it.is_dir()) && !last.is_empty() {
        // Only if there is something to be moved to.
        folder.enter(name)?.file(INDEX)?;
        return Ok(Found::Folder);
    }
    let (file, stat) = folder.file(name)?;
    let size = u64::try_from(stat.st_size).unwrap_or_default();
    let tag = format!(
        "\"{:x}-{:x}-{:x}-{size:x}\"",
        stat.st_ino, stat.st_mtime, stat.st_mtime_nsec
    );
    Ok(Found::File {
        file,
        kind: content_type(name),
        size,
        tag,
    })
}

/// Whether the client has this version already (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| item.trim())
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

/// To the same path with a slash. It does not begin with two, which would be another host.
fn moved(path: &str) -> Reply {
    let mut reply = text(StatusCode::MOVED_PERMANENTLY, "301: a slash is missing\n");
    if let Ok(location) = HeaderValue::try_from(format!("{path}/")) {
        reply.headers_mut().insert(LOCATION, location);
    }
    reply
}

/// `GET` or `HEAD` where there is no site.
pub(super) fn without_site(path: &str) -> Reply {
    if path == "/" {
        page(include_str!("built_in.html"))
    } else {
        not_found()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_looked_for() {
        let good = |path: &str, wanted: &[&str]| {
            assert_eq!(names(path).expect("good"), wanted, "{path}");
        };
        good("/", &[""]);
        good("/a/b%20c.html", &["a", "b c.html"]);
        good("/a/", &["a", ""]);
        for bad in [
            "",
            "a",
            "//",
            "//a",
            "/a//b",
            "/..",
            "/%2e%2e/x",
            "/.git/config",
            "/a/.htaccess",
            "/a%2fb",
            "/a%5cb",
            "/a%00",
            "/%ff",
            "/a/../b",
            "/C:",
            "/.",
        ] {
            assert!(names(bad).is_none(), "{bad}");
        }
        assert!(names(&"/a".repeat(DEEPEST + 1)).is_none());
    }
}
