//! Simulation servers that are none: they answer `/load`, or do what broken ones do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What comes of a request for the load.
#[derive(Clone, Debug)]
pub enum Load {
    /// Status 200 and this body.
    Is(String),
    /// The same, as the Python servers send it (Tornado).
    IsByTornado(String),
    /// The same after this time.
    IsLate(Duration, String),
    /// These bytes and nothing else.
    Bytes(Vec<u8>),
    /// The request is read, and nothing ever comes.
    Hangs,
    /// A byte of a never-ending answer now and then.
    Drips,
    /// The connection is closed at once.
    Closes,
}

#[derive(Clone, Debug)]
pub struct FakeSimulation {
    pub port: u16,
    load: Arc<Mutex<Load>>,
    asked: Arc<AtomicUsize>,
}

impl FakeSimulation {
    pub async fn start(load: Load) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let load = Arc::new(Mutex::new(load));
        let current = Arc::clone(&load);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let load = current.lock().expect("no panic").clone();
                tokio::spawn(answer(stream, load));
            }
        });
        Self { port, load, asked }
    }

    pub async fn with_load(load: f64) -> Self {
        Self::start(Load::Is(load.to_string())).await
    }

    pub fn set(&self, load: f64) {
        self.becomes(Load::Is(load.to_string()));
    }

    pub fn becomes(&self, load: Load) {
        *self.load.lock().expect("no panic") = load;
    }

    /// How often somebody connected.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

async fn answer(mut stream: TcpStream, load: Load) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    match load {
        Load::Is(body) => whole(&mut stream, "", &body).await,
        Load::IsByTornado(body) => {
            let head = "Server: TornadoServer/6.1\r\nContent-Type: text/html; charset=UTF-8\r\n\
                        Date: Wed, 25 Nov 2026 01:00:00 GMT\r\nEtag: \"0a4d55a8d778e5022fab\"\r\n";
            whole(&mut stream, head, &body).await
        }
        Load::IsLate(time, body) => {
            tokio::time::sleep(time).await;
            whole(&mut stream, "", &body).await
        }
        Load::Bytes(bytes) => stream.write_all(&bytes).await.ok(),
        Load::Hangs => std::future::pending().await,
        Load::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Load::Closes => Some(()),
    }
}

async fn whole(stream: &mut TcpStream, head: &str, body: &str) -> Option<()> {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await.ok()
}

/// A port that nobody listens on.
pub async fn dead_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("bound").port()
}
