//! From an HTTP request to a WebSocket, with small buffers: an idle one costs a few kilobytes.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::task::TaskTracker;

use super::places::Place;

/// A WebSocket that a client opened. In a box, as every future that it is moved into would have room
/// for it twice.
pub type ServerSocket = Box<WebSocketStream<TokioIo<Upgraded>>>;

/// How long a frame may take to be sent before the client counts as broken.
pub const SEND_TIME: Duration = Duration::from_secs(10);

/// How long a client may take to answer a close frame.
const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Buffers for a socket whose client says little. `largest` is the most bytes of one message.
pub fn small_buffers(largest: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(512)
        .write_buffer_size(0)
        .max_write_buffer_size(256 * 1024)
        .max_message_size(Some(largest))
        .max_frame_size(Some(largest))
}

/// Answers the handshake and runs `serve` on the socket, in a task of `tasks`; or says what is wrong
/// with the handshake (RFC 6455, 4.2).
pub fn accept<B, F>(
    mut request: Request<B>,
    config: WebSocketConfig,
    tasks: &TaskTracker,
    serve: impl FnOnce(ServerSocket) -> F + Send + 'static,
) -> Response<Bytes>
where
    F: Future<Output = ()> + Send,
{
    let header = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    if header(SEC_WEBSOCKET_VERSION) != Some(b"13") {
        let text = "only version 13 of the WebSocket protocol is served\n";
        let mut response = refusal(StatusCode::UPGRADE_REQUIRED, text);
        response
            .headers_mut()
            .insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return response;
    }
    let Some(key) = header(SEC_WEBSOCKET_KEY).map(derive_accept_key) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "the header Sec-WebSocket-Key is missing\n",
        );
    };
    let Ok(key) = HeaderValue::try_from(key) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "the header Sec-WebSocket-Key is wrong\n",
        );
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let place = request.extensions_mut().remove::<Place>();
    tasks.spawn(async move {
        let _place = place;
        match upgrade.await {
            Ok(upgraded) => {
                let io = TokioIo::new(upgraded);
                let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config));
                let socket = Box::new(socket.await);
                serve(socket).await;
            }
            Err(error) => tracing::debug!(%error, "a WebSocket handshake was not completed"),
        }
    });
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, key);
    response
}

fn refusal(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response
}

/// Sends one text frame; `false` if the client is broken or too slow.
///
/// Not cancel safe: a frame half sent breaks the socket.
pub async fn send_text(socket: &mut ServerSocket, text: String) -> bool {
    send(socket, Message::text(text)).await
}

/// Sends one frame; `false` if the client is broken or too slow.
pub async fn send(socket: &mut ServerSocket, message: Message) -> bool {
    matches!(
        tokio::time::timeout(SEND_TIME, socket.send(message)).await,
        Ok(Ok(()))
    )
}

/// Answers the client's close frame, which tungstenite has prepared but not sent.
pub async fn agree_to_close(mut socket: ServerSocket) {
    // Whether it still hears that or not: the socket is dropped.
    let _ = tokio::time::timeout(CLOSE_TIME, SinkExt::flush(&mut socket)).await;
}

/// Closes the socket with this code and waits a moment for the client to agree.
pub async fn close(socket: ServerSocket, code: u16) {
    // In a box, for an idle socket to have no room for its end.
    Box::pin(say_goodbye(socket, code)).await;
}

async fn say_goodbye(mut socket: ServerSocket, code: u16) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: "".into(),
    };
    let goodbye = async {
        socket.as_mut().close(Some(frame)).await?;
        while let Some(message) = socket.next().await {
            if let Ok(Message::Close(_)) = message {
                return Ok(());
            }
        }
        // It is no longer read as a WebSocket, perhaps since before: in the middle of a frame that
        // is too large. Closed now, it would be reset, and the client would not see why.
        let mut rest = tokio::io::sink();
        tokio::io::copy(socket.get_mut(), &mut rest).await?;
        Ok::<(), tungstenite::Error>(())
    };
    // Whether it agrees or not: the socket is dropped.
    let _ = tokio::time::timeout(CLOSE_TIME, goodbye).await;
}
