//! The one port: WebSocket on `/`, files on every other path (W3.1).

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;

use super::http;
use super::options::Dialect;
use super::project::Project;
use super::simulation::{ClientEvent, ClientHandle};

/// The most connections at a time.
const MAX_CONNECTIONS: usize = 64;
/// How many frames may wait for a client before it is dropped.
const FRAMES: usize = 512;
/// The largest frame a client may send.
const MAX_FRAME: usize = 2 << 20;
/// How long one frame may take to be written.
const WRITE: Duration = Duration::from_secs(10);
/// How long a client has for its request.
const HEADER: Duration = Duration::from_secs(10);
/// How many further ports the modern Webots tries in silence (W2.8).
const FURTHER: u16 = 10;
/// The close frame with code 1000: the answer to an empty one (W3.12).
const CLOSE_NORMAL: [u8; 4] = [0x88, 0x02, 0x03, 0xe8];

/// What the connections share.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The project whose files are served.
    pub project: Arc<Project>,
    /// Where clients are reported to.
    pub events: mpsc::Sender<ClientEvent>,
    /// The end of everything.
    pub stop: CancellationToken,
}

/// Listens as Webots does: the modern one takes one of the next ports where its own is taken.
///
/// # Errors
/// Where no port is free.
pub async fn listen(port: u16, dialect: Dialect) -> std::io::Result<TcpListener> {
    let last = match dialect {
        Dialect::Legacy => port,
        Dialect::Modern => port.saturating_add(FURTHER),
    };
    let mut failed = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for port in port..=last {
        match TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await {
            Ok(listener) => return Ok(listener),
            Err(e) => failed = e,
        }
    }
    Err(failed)
}

/// Serves until `stop`.
pub async fn serve(listener: TcpListener, shared: Shared) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let next = Arc::new(AtomicU64::new(1));
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // No descriptors left, say: wait for some to come back.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue; // dropped: too many
        };
        let (shared, next) = (shared.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            connection(stream, shared, next, Arc::new(place)).await;
        });
    }
}

type Place = Arc<tokio::sync::OwnedSemaphorePermit>;

async fn connection(stream: TcpStream, shared: Shared, next: Arc<AtomicU64>, place: Place) {
    let _ = stream.set_nodelay(true);
    let stop = shared.stop.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let (shared, id) = (shared.clone(), next.fetch_add(1, Ordering::Relaxed));
        let place = Arc::clone(&place);
        async move { Ok::<_, std::convert::Infallible>(respond(request, shared, id, place).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        // What a client does wrong is not worth a word.
        _ = connection => {}
        () = stop.cancelled() => {}
    }
}

async fn respond(
    mut request: Request<Incoming>,
    shared: Shared,
    id: u64,
    place: Place,
) -> Response<Full<Bytes>> {
    let wants_socket = has_token(&request, &header::UPGRADE, "websocket")
        && has_token(&request, &header::CONNECTION, "upgrade");
    if !wants_socket {
        let path = request.uri().path().to_owned();
        return http::answer(&shared.project, request.method(), &path, request.headers()).await;
    }
    if request.uri().path() != "/" {
        return http::text(StatusCode::NOT_FOUND, "The WebSocket is at /.\n");
    }
    let version = request
        .headers()
        .get(header::SEC_WEBSOCKET_VERSION)
        .map(HeaderValue::as_bytes);
    let key = request
        .headers()
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes);
    let (Some(key), Some(b"13"), &Method::GET) = (key, version, request.method()) else {
        return http::text(
            StatusCode::BAD_REQUEST,
            "Not a WebSocket handshake of version 13.\n",
        );
    };
    let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key)) else {
        return http::text(StatusCode::BAD_REQUEST, "Not a WebSocket key.\n");
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let _place = place;
        if let Ok(upgraded) = upgrade.await {
            socket(upgraded, shared, id).await;
        }
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn has_token(request: &Request<Incoming>, name: &header::HeaderName, token: &str) -> bool {
    let values = request
        .headers()
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

type Socket = WebSocketStream<TokioIo<Upgraded>>;

async fn socket(upgraded: Upgraded, shared: Shared, id: u64) {
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(4096)
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME));
    let mut socket =
        WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let (frames, mut queue) = mpsc::channel(FRAMES);
    let dropped = CancellationToken::new();
    let handle = ClientHandle {
        frames,
        drop: dropped.clone(),
        kind: None,
    };
    if shared
        .events
        .send(ClientEvent::Joined(id, handle))
        .await
        .is_err()
    {
        return;
    }
    loop {
        tokio::select! {
            () = dropped.cancelled() => break,
            () = shared.stop.cancelled() => {
                let away = CloseFrame { code: CloseCode::Away, reason: "".into() };
                let _ = tokio::time::timeout(Duration::from_millis(200), socket.close(Some(away))).await;
                break;
            }
            frame = queue.recv() => {
                let Some(frame) = frame else { break };
                let sent = tokio::select! {
                    () = dropped.cancelled() => break,
                    () = shared.stop.cancelled() => break,
                    sent = tokio::time::timeout(WRITE, socket.send(Message::Text(frame))) => sent,
                };
                if !matches!(sent, Ok(Ok(()))) {
                    break;
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    if shared.events.send(ClientEvent::Said(id, text)).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Close(close))) => {
                    farewell(&mut socket, close).await;
                    break;
                }
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => break,
            },
        }
    }
    let _ = shared.events.send(ClientEvent::Left(id)).await;
}

/// Answers a close frame. An empty one would be echoed empty, which stock clients show as an error,
/// so that one is answered past the library, whose own answer is not written before the next call.
async fn farewell(socket: &mut Socket, close: Option<CloseFrame>) {
    let answer = async {
        match close {
            None => {
                let stream = socket.get_mut();
                stream.write_all(&CLOSE_NORMAL).await?;
                stream.flush().await?;
                stream.shutdown().await
            }
            Some(_) => socket.flush().await.map_err(std::io::Error::other),
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), answer).await;
}
