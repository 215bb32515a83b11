//! One `/client` socket: frames in, frames out, and a watch over whether the client is there.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use webots_cloud_core::protocol::client::{ClientMessage, FrameError, decode};
use webots_cloud_core::protocol::server::ServerMessage;

use super::places::{Dropped, Place};
use super::rate::Rate;
use super::websocket::{self, ServerSocket};

/// So many pings go out to a client that says nothing before it counts as broken.
const PINGS: u32 = 3;

/// What one client may say.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// The most bytes of one message (`maxClientMessage`).
    pub message: usize,
    /// The most messages in a second (`maxClientRate`).
    pub rate: u32,
    /// A client that says nothing for so long, not even a pong, is broken (`clientSilence`).
    pub silence: Duration,
}

/// What goes to a client.
#[derive(Debug)]
pub(super) enum Outgoing {
    Frame(ServerMessage),
    Close(u16),
}

/// One `/client` socket and what waits to go out on it.
#[derive(Debug)]
pub(super) struct ClientSocket {
    pub(super) socket: ServerSocket,
    pub(super) outgoing: mpsc::Receiver<Outgoing>,
    pub(super) limits: ClientLimits,
    /// Where it is counted why the client was dropped.
    pub(super) place: Option<Place>,
}

/// What is to be done with something that came from the client.
enum Incoming {
    Hear(Result<ClientMessage, FrameError>),
    Nothing,
    Gone,
}

/// How a session ends on the wire. The machine hears of the end first: saying goodbye may take time.
#[derive(Debug)]
#[must_use]
pub(super) enum Farewell {
    /// The client closed: answer that.
    Agree(ServerSocket),
    /// The machine closed, with this code.
    Close(ServerSocket, u16),
    /// The client is broken.
    Silence,
}

impl Farewell {
    pub(super) async fn say(self) {
        match self {
            Self::Agree(socket) => websocket::agree_to_close(socket).await,
            Self::Close(socket, code) => websocket::close(socket, code).await,
            Self::Silence => {}
        }
    }
}

impl ClientSocket {
    /// Serves until the socket is closed or broken, by whomever.
    pub(super) async fn serve(
        mut self,
        hear: impl Fn(Result<ClientMessage, FrameError>),
    ) -> Farewell {
        let mut ping = tokio::time::interval(self.limits.silence / PINGS);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut rate = Rate::new(self.limits.rate);
        let mut deaf = false;
        loop {
            tokio::select! {
                outgoing = self.outgoing.recv() => match outgoing {
                    Some(Outgoing::Frame(message)) => {
                        if !websocket::send_text(&mut self.socket, message.encode()).await {
                            return self.dropped(Dropped::Unread);
                        }
                    }
                    Some(Outgoing::Close(code)) => return Farewell::Close(self.socket, code),
                    // It did not read what was sent.
                    None => return self.dropped(Dropped::Unread),
                },
                message = self.socket.next(), if !deaf => {
                    heard = Instant::now();
                    match self.understand(message) {
                        Incoming::Hear(message) if rate.allows() => {
                            // Nothing more is read after a frame that breaks the protocol.
                            deaf = message.is_err();
                            hear(message);
                        }
                        Incoming::Nothing if rate.allows() => {}
                        Incoming::Hear(_) | Incoming::Nothing => {
                            deaf = true;
                            self.count(Dropped::TooMany);
                            hear(Err(FrameError::TooMany { limit: self.limits.rate }));
                        }
                        Incoming::Gone => return Farewell::Agree(self.socket),
                    }
                }
                _ = ping.tick() => {
                    let ping = Message::Ping(Bytes::new());
                    if !websocket::send(&mut self.socket, ping).await {
                        return self.dropped(Dropped::Unread);
                    }
                }
                () = tokio::time::sleep_until(heard + self.limits.silence) => {
                    return self.dropped(Dropped::Silent);
                }
            }
        }
    }

    fn dropped(&self, why: Dropped) -> Farewell {
        self.count(why);
        tracing::info!(why = why.words(), "the client is dropped");
        Farewell::Silence
    }

    fn count(&self, why: Dropped) {
        if let Some(place) = &self.place {
            place.dropped(why);
        }
    }

    fn understand(&self, message: Option<Result<Message, Error>>) -> Incoming {
        match message {
            Some(Ok(Message::Text(text))) => Incoming::Hear(decode(&text)),
            Some(Ok(Message::Binary(_))) => Incoming::Hear(Err(FrameError::NotText)),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Incoming::Nothing,
            Some(Ok(Message::Close(_))) | None => Incoming::Gone,
            Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                self.count(Dropped::TooLarge);
                Incoming::Hear(Err(FrameError::TooLarge {
                    limit: self.limits.message,
                }))
            }
            Some(Err(Error::Utf8(_))) => {
                let detail = "it is not UTF-8".to_owned();
                Incoming::Hear(Err(FrameError::NotJson { detail }))
            }
            Some(Err(_)) => Incoming::Gone,
        }
    }
}
