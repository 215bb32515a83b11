//! A small real server that does what servers do wrong.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::task::AbortOnDropHandle;
use webots_cloud::adapters::http_probe::HttpProbe;

/// What a probe waits for an answer.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

/// What the server does with each request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Sends this and waits for the next request.
    Say(String),
    /// Sends this and closes.
    SayAndClose(String),
    /// Sends this, a byte at a time, with a pause after each.
    Drip(String, Duration),
    /// Reads, and never answers.
    Silence,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) accepts: Arc<AtomicUsize>,
    pub(crate) requests: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    pub(crate) async fn start(act: Act) -> Self {
        Self::on("127.0.0.1:0".parse().expect("an address"), act, None).await
    }

    pub(crate) async fn on(address: SocketAddr, act: Act, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (accepts, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (accepted, requested) = (Arc::clone(&accepts), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            // Connections end with the server.
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("accepted");
                accepted.fetch_add(1, Ordering::SeqCst);
                let (act, tls, requested) = (act.clone(), tls.clone(), Arc::clone(&requested));
                connections.spawn(async move {
                    match tls {
                        None => serve(stream, act, &requested).await,
                        Some(tls) => {
                            let acceptor = tokio_rustls::TlsAcceptor::from(tls);
                            let stream: std::io::Result<_> = acceptor.accept(stream).await;
                            if let Ok(stream) = stream {
                                serve(stream, act, &requested).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            accepts,
            requests,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub(crate) fn probe(&self) -> HttpProbe {
        let url = format!("http://{}/load", self.address);
        HttpProbe::new(&url, LIMIT, None).expect("an address")
    }

    pub(crate) fn accepts(&self) -> usize {
        self.accepts.load(Ordering::SeqCst)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, act: Act, requests: &AtomicUsize) {
    while let Some(head) = read_head(&mut stream).await {
        requests.fetch_add(1, Ordering::SeqCst);
        assert!(head.starts_with("GET /load HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("\r\nhost: "), "{head}");
        match &act {
            Act::Say(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
            }
            Act::SayAndClose(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::Drip(text, pause) => {
                for byte in text.bytes() {
                    tokio::time::sleep(*pause).await;
                    if stream.write_all(&[byte]).await.is_err() {
                        return;
                    }
                }
            }
            Act::Silence => {}
        }
    }
}

pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

pub(crate) fn answer(status: &str, extra: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{extra}\r\n{body}")
}
