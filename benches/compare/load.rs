//! A simulation server that has nothing but a load, which session servers are made to change by.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// It serves until the program ends.
#[derive(Clone, Debug)]
pub(crate) struct LoadServer {
    pub(crate) address: SocketAddr,
    full: Arc<AtomicBool>,
}

impl LoadServer {
    pub(crate) fn start(port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let server = Self {
            address: listener.local_addr()?,
            full: Arc::new(AtomicBool::new(false)),
        };
        let full = Arc::clone(&server.full);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let full = Arc::clone(&full);
                // Whatever becomes of one session server's connection, it makes another.
                thread::spawn(move || answer(stream, &full));
            }
        });
        Ok(server)
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }
}

fn answer(mut stream: TcpStream, full: &AtomicBool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut head = [0; 2048];
    while stream.read(&mut head)? > 0 {
        let load = if full.load(Ordering::Relaxed) {
            "100"
        } else {
            "10"
        };
        let length = load.len();
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{load}"
        );
        stream.write_all(reply.as_bytes())?;
    }
    Ok(())
}
