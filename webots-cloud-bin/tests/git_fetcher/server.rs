//! A git host on loopback: `git http-backend` behind a small HTTP server that can misbehave.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use crate::cgi;

/// What the server does with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// What git does.
    Serve,
    /// Does not answer before this is changed.
    Silence,
    /// Does not give out a commit before this is changed.
    Hold,
    /// Sends half of a commit and closes.
    Half,
    /// Sends a commit a byte a second.
    Drip,
    /// Speaks the protocol of 2017: single objects are not given out.
    Old,
    /// Answers with this status.
    Status(u16),
    /// Sends git to another address.
    Redirect,
}

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

pub(crate) struct Server {
    /// With a `/` at the end.
    pub(crate) base: String,
    root: PathBuf,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

struct Shared {
    root: PathBuf,
    acts: Mutex<BTreeMap<String, Act>>,
    requests: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
    changed: watch::Sender<()>,
}

impl Shared {
    fn act(&self, repository: &str) -> Act {
        let acts = self.acts.lock().expect("no panic");
        acts.get(repository).copied().unwrap_or(Act::Serve)
    }

    /// What to do, once it is not to wait any more.
    async fn decided(&self, repository: &str, command: &str) -> Act {
        let mut changes = self.changed.subscribe();
        loop {
            let act = self.act(repository);
            let waits = act == Act::Silence || act == Act::Hold && command == "fetch";
            if !waits {
                return act;
            }
            changes.changed().await.expect("it runs");
        }
    }
}

impl Server {
    /// `None`, with the reason printed, where git has no `http-backend`.
    pub(crate) async fn start(root: &Path) -> Option<Self> {
        Self::start_as(root, None).await
    }

    /// `https` with these keys, else `http`.
    pub(crate) async fn start_as(root: &Path, tls: Option<TlsAcceptor>) -> Option<Self> {
        if !has_backend() {
            println!("skipped: git has no http-backend here");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let base = if tls.is_some() {
            format!("https://localhost:{}/", address.port())
        } else {
            format!("http://{address}/")
        };
        let shared = Arc::new(Shared {
            root: root.to_owned(),
            acts: Mutex::default(),
            requests: Mutex::default(),
            count: watch::Sender::new(0),
            changed: watch::Sender::new(()),
        });
        let served = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("accepted");
                let (shared, tls) = (Arc::clone(&served), tls.clone());
                connections.spawn(async move {
                    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                    let http = hyper::server::conn::http1::Builder::new();
                    // A client that leaves is no news.
                    let _ = match tls {
                        None => http.serve_connection(TokioIo::new(stream), service).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else {
                                return;
                            };
                            http.serve_connection(TokioIo::new(stream), service).await
                        }
                    };
                });
            }
        });
        Some(Self {
            base,
            root: root.to_owned(),
            shared,
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// `OWNER/REPOSITORY` is served like this from now on.
    pub(crate) fn act(&self, repository: &str, act: Act) {
        let mut acts = self.shared.acts.lock().expect("no panic");
        acts.insert(repository.to_owned(), act);
        self.shared.changed.send_replace(());
    }

    /// All requests so far that were for a commit or its files.
    pub(crate) fn fetches(&self) -> usize {
        let requests = self.shared.requests.lock().expect("no panic");
        requests.iter().filter(|it| it.contains("fetch")).count()
    }

    /// All requests so far that asked for refs.
    pub(crate) fn questions(&self) -> usize {
        let requests = self.shared.requests.lock().expect("no panic");
        requests.iter().filter(|it| it.contains("ls-refs")).count()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn requested(&self, least: usize) {
        let mut count = self.shared.count.subscribe();
        let waiting = count.wait_for(|count| *count >= least);
        let came = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        came.expect("in time").expect("it runs");
    }

    pub(crate) fn requests(&self) -> usize {
        *self.shared.count.borrow()
    }

    /// Where the bare repository lies.
    pub(crate) fn bare(&self, repository: &str) -> PathBuf {
        self.root.join(format!("{repository}.git"))
    }

    /// The processes of git that talk to this server.
    pub(crate) fn clients(&self) -> Vec<String> {
        let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
        let mut found = Vec::new();
        for process in processes {
            let words = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            if words.contains(self.base.trim_end_matches('/')) {
                found.push(words);
            }
        }
        found
    }
}

fn has_backend() -> bool {
    let asked = std::process::Command::new("git")
        .arg("--exec-path")
        .output();
    asked.is_ok_and(|said| {
        let folder = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        Path::new(&folder).join("git-http-backend").exists()
    })
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let text = String::from_utf8_lossy(&body).into_owned();
    let command = text
        .split_once("command=")
        .map_or("", |(_, rest)| rest.split(['\n', '0']).next().unwrap_or(""));
    let path = parts.uri.path().to_owned();
    shared
        .requests
        .lock()
        .expect("no panic")
        .push(format!("{} {path} {command}", parts.method));
    shared.count.send_modify(|count| *count += 1);
    let name = path.split(".git/").next().unwrap_or("");
    let act = shared.decided(name.trim_start_matches('/'), command).await;
    match act {
        Act::Status(status) => return Ok(status_of(status)),
        Act::Redirect => {
            let mut moved = status_of(301);
            let to = format!("/elsewhere{path}?{}", parts.uri.query().unwrap_or(""));
            let to = to.parse().expect("a path");
            moved.headers_mut().insert("location", to);
            return Ok(moved);
        }
        Act::Serve | Act::Half | Act::Drip | Act::Old | Act::Silence | Act::Hold => {}
    }
    let speaks_new = act != Act::Old;
    let response = cgi::run(&shared.root, &parts, body, speaks_new).await;
    let fetches = command == "fetch";
    Ok(if fetches && act == Act::Half {
        cut(response)
    } else if fetches && act == Act::Drip {
        dripping(response)
    } else {
        response.map(|all| {
            Full::new(all)
                .map_err(|never| match never {})
                .boxed_unsync()
        })
    })
}

fn status_of(status: u16) -> Response<Body> {
    let mut response = Response::new(
        Full::default()
            .map_err(|never| match never {})
            .boxed_unsync(),
    );
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn cut(response: Response<Bytes>) -> Response<Body> {
    response.map(|all| {
        let half = all.slice(..all.len() / 2);
        let gone = std::io::Error::other("cut");
        let frames = [Ok(Frame::data(half)), Err(gone)];
        BodyExt::boxed_unsync(StreamBody::new(stream::iter(frames)))
    })
}

fn dripping(response: Response<Bytes>) -> Response<Body> {
    response.map(|all| {
        let bytes = stream::unfold(all, |mut all| async move {
            if all.is_empty() {
                return None;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(Frame::data(all.split_to(1))), all))
        });
        BodyExt::boxed_unsync(StreamBody::new(bytes))
    })
}
