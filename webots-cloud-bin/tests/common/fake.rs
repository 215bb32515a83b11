//! Simulation servers that are none: they answer `/load`, or do what broken ones do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What comes of a request for the load.
#[derive(Clone, Debug)]
pub enum Load {
    /// Status 200 and this body.
    Is(String),
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
        Load::Is(body) => {
            let head = "HTTP/1.1 200 OK\r\nConnection: close";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.ok()
        }
        Load::Bytes(bytes) => stream.write_all(&bytes).await.ok(),
        Load::Hangs => std::future::pending().await,
        Load::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(b" ").await.ok()?;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        Load::Closes => Some(()),
    }
}

/// A port that nobody listens on.
pub async fn dead_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("bound").port()
}
