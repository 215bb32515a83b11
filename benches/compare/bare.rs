//! A server that does nothing but answer: the practical limit.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use webots_cloud::main_loop::say_ready;

use crate::Outcome;

const REPLY: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\nws://localhost:2000";

/// Serves until it is ended. Any path is answered the same; a WebSocket is told of each `/flip`.
pub(crate) fn serve() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        say_ready("Bare server", listener.local_addr()?.port(), false);
        let room = Arc::new(watch::Sender::new(true));
        loop {
            let (stream, _) = listener.accept().await?;
            let room = Arc::clone(&room);
            // Whatever becomes of a client is its own affair.
            tokio::spawn(async move { connection(stream, &room).await });
        }
    })
}

async fn connection(mut stream: TcpStream, room: &watch::Sender<bool>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if let Some(key) = requests(&mut stream, room).await? {
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        drop((head, accept, key));
        waiting(&mut stream, room.subscribe()).await?;
    }
    Ok(())
}

/// Answers until the client is gone, or wants a WebSocket: then its key.
async fn requests(
    stream: &mut TcpStream,
    room: &watch::Sender<bool>,
) -> std::io::Result<Option<String>> {
    // On the heap: it is gone once the client only waits.
    let mut bytes = vec![0; 1024];
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(None);
        }
        let text = std::str::from_utf8(&bytes[..count]).unwrap_or_default();
        let key = text
            .lines()
            .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        if let Some(key) = key {
            return Ok(Some(key.to_owned()));
        }
        if text.starts_with("GET /flip ") {
            room.send_modify(|room| *room = !*room);
        }
        stream.write_all(REPLY).await?;
    }
}

async fn waiting(stream: &mut TcpStream, mut room: watch::Receiver<bool>) -> std::io::Result<()> {
    loop {
        let text = b'0' + u8::from(*room.borrow_and_update());
        stream.write_all(&[0x81, 1, text]).await?;
        let mut said = [0; 16];
        tokio::select! {
            _ = room.changed() => {}
            count = stream.read(&mut said) => if count? == 0 { return Ok(()) },
        }
    }
}
