//! What a client got.

use crate::protocol::server::ServerMessage;

/// What a client got.
#[derive(Clone, Debug, Default)]
pub struct ClientView {
    /// Its frames, in order.
    pub frames: Vec<ServerMessage>,
    /// The code of its close frame, once it was closed.
    pub closed: Option<u16>,
    /// Whether it left by itself.
    pub left: bool,
}

impl ClientView {
    /// Its `webots:` addresses.
    pub fn addresses(&self) -> Vec<&str> {
        self.frames
            .iter()
            .filter_map(|frame| match frame {
                ServerMessage::Webots(url) => Some(url.as_str()),
                ServerMessage::Loading(_)
                | ServerMessage::ShutdownTimeout(_)
                | ServerMessage::Heartbeat
                | ServerMessage::ControllerReset(_)
                | ServerMessage::Error(_) => None,
            })
            .collect()
    }

    /// Its `error:` texts.
    pub fn errors(&self) -> Vec<&str> {
        self.frames
            .iter()
            .filter_map(|frame| match frame {
                ServerMessage::Error(text) => Some(text.as_str()),
                ServerMessage::Loading(_)
                | ServerMessage::ShutdownTimeout(_)
                | ServerMessage::Heartbeat
                | ServerMessage::ControllerReset(_)
                | ServerMessage::Webots(_) => None,
            })
            .collect()
    }

    /// Whether anybody still listens.
    pub const fn is_open(&self) -> bool {
        !self.left && self.closed.is_none()
    }
}
