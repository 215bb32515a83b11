//! A website that does what websites do wrong.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

/// What becomes of one request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends this and closes.
    Say(Vec<u8>),
    /// Sends this, and then a byte a second.
    Drip(Vec<u8>),
    /// Sends this, and then zeros for as long as somebody takes them.
    Flood(Vec<u8>),
    /// Never answers.
    Silence,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub body: String,
}

impl Asked {
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

pub struct Site {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    heard: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

/// An answer with this status, with headers and with its length.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

pub fn ok(body: impl AsRef<[u8]>) -> Act {
    Act::Say(answer("200 OK", "", body.as_ref()))
}

pub fn see_other(status: &str, location: &str) -> Act {
    Act::Say(answer(status, &format!("Location: {location}\r\n"), b""))
}

impl Site {
    pub async fn new(act: Act) -> Self {
        Self::with(None, move |_| act.clone()).await
    }

    pub async fn with(
        tls: Option<TlsAcceptor>,
        act: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (asked, heard) = (
            Arc::<Mutex<Vec<Asked>>>::default(),
            Arc::<Notify>::default(),
        );
        let (all, tell, act) = (Arc::clone(&asked), Arc::clone(&heard), Arc::new(act));
        let task = tokio::spawn(async move {
            // Connections end with the site.
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("accepted");
                let (tls, all, tell) = (tls.clone(), Arc::clone(&all), Arc::clone(&tell));
                let act = Arc::clone(&act);
                connections.spawn(async move {
                    let hear = move |asked: Asked| {
                        let act = act(&asked);
                        all.lock().expect("no panic").push(asked);
                        tell.notify_one();
                        act
                    };
                    // Whoever asks may leave at any time.
                    let _ = match tls {
                        None => serve(stream, hear).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, hear).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
        });
        Self {
            address,
            asked,
            heard,
            _task: AbortOnDropHandle::new(task),
        }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    /// Waits for a request.
    pub async fn heard(&self) {
        let heard = tokio::time::timeout(Duration::from_secs(10), self.heard.notified());
        heard.await.expect("a request");
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    act: impl FnOnce(Asked) -> Act,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let asked = loop {
        if let Some(asked) = whole(&bytes) {
            break asked;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    match act(asked) {
        Act::Say(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Act::Drip(bytes) => {
            stream.write_all(&bytes).await?;
            let mut second = tokio::time::interval(Duration::from_secs(1));
            loop {
                second.tick().await;
                stream.write_all(b"x").await?;
                stream.flush().await?;
            }
        }
        Act::Flood(bytes) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&[0; 64 << 10]).await?;
            }
        }
        Act::Silence => std::future::pending().await,
    }
}

/// The request, if all of it is there.
fn whole(bytes: &[u8]) -> Option<Asked> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.eq_ignore_ascii_case("content-length")).then(|| value.trim().parse().ok())?
    });
    (body.len() >= length.unwrap_or(0)).then(|| Asked {
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
