//! A WebSocket that waits for what it expects.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

use super::ClientError;

/// How long a connection may take to be made.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// There may be thousands, most of them idle.
const READ_BUFFER: usize = 4096;

/// A WebSocket to a `ws://` address.
#[derive(Debug)]
pub struct ClientSocket(WebSocketStream<TcpStream>);

impl ClientSocket {
    /// Opens a WebSocket.
    ///
    /// # Errors
    /// The address is none, or nobody serves a WebSocket there.
    pub async fn open(url: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Address(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let (Some(host), Some(port), "ws") = (
            parsed.host_str(),
            parsed.port_or_known_default(),
            parsed.scheme(),
        ) else {
            return Err(wrong());
        };
        let connect = async {
            let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
            stream.set_nodelay(true)?;
            let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
            let handshake = client_async_with_config(parsed.as_str(), stream, Some(config));
            let (socket, _response) = handshake.await?;
            Ok(Self(socket))
        };
        let connected = tokio::time::timeout(CONNECT_TIME, connect).await;
        connected.map_err(|_| ClientError::TimeOut(format!("the WebSocket {url}")))?
    }

    /// Sends a text frame.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn send(&mut self, text: impl Into<String>) -> Result<(), ClientError> {
        Ok(self.0.send(Message::text(text.into())).await?)
    }

    /// Sends any frame.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn send_message(&mut self, message: Message) -> Result<(), ClientError> {
        Ok(self.0.send(message).await?)
    }

    /// The next text frame, within `limit`. `what` is what it is waited for.
    ///
    /// # Errors
    /// None comes, or the other side closes.
    pub async fn text(&mut self, what: &str, limit: Duration) -> Result<String, ClientError> {
        self.expect(what, limit, |_| true).await
    }

    /// The next text frame that `fits`, within `limit`; others are passed over. `what` is what it is
    /// waited for.
    ///
    /// # Errors
    /// None comes, or the other side closes.
    pub async fn expect(
        &mut self,
        what: &str,
        limit: Duration,
        mut fits: impl FnMut(&str) -> bool,
    ) -> Result<String, ClientError> {
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) if fits(&text) => return Ok(text.to_string()),
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map(|frame| frame.code.into());
                        return Err(ClientError::Closed(code, what.to_owned()));
                    }
                    Some(Ok(
                        Message::Text(_)
                        | Message::Binary(_)
                        | Message::Ping(_)
                        | Message::Pong(_)
                        | Message::Frame(_),
                    )) => {}
                    Some(Err(error)) => return Err(error.into()),
                    None => return Err(ClientError::Closed(None, what.to_owned())),
                }
            }
        };
        let came = tokio::time::timeout(limit, wait).await;
        came.map_err(|_| ClientError::TimeOut(what.to_owned()))?
    }

    /// The code that the other side closes with, within `limit`; frames before it are passed over.
    /// `None` is a close without a code.
    ///
    /// # Errors
    /// It does not close, or breaks the connection instead.
    pub async fn close_code(&mut self, limit: Duration) -> Result<Option<u16>, ClientError> {
        match self.expect("a close frame", limit, |_| false).await {
            Err(ClientError::Closed(code, _)) => Ok(code),
            Err(error) => Err(error),
            Ok(_) => Ok(None),
        }
    }

    /// Closes the socket and waits for the other side to agree.
    ///
    /// # Errors
    /// The connection broke before.
    pub async fn close(mut self) -> Result<(), ClientError> {
        self.0.close(None).await?;
        while let Some(message) = self.0.next().await {
            message?;
        }
        Ok(())
    }
}
