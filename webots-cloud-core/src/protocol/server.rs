//! What a simulation server says on `/client` (contract, section 5; wire reference W2.11).

use std::time::Duration;

use super::client::ControllerFile;
use super::text::{Lines, presentable};

/// The most characters in the text of a `loading: ` or `error: ` frame.
pub const MAX_TEXT: usize = 4096;

/// One frame to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// `loading: TEXT`: how far the start is. Clients of the `init` dialect do not know it.
    Loading(String),
    /// `shutdownTimeout: S`: the simulation ends after this time. Sent in whole seconds, rounded
    /// down; clients warn their user 300 s before. Clients of the `init` dialect do not know it.
    ShutdownTimeout(Duration),
    /// `webots:URL`: the instance is ready there, a `ws://` or `wss://` URL.
    Webots(String),
    /// `.`: the instance is alive.
    Heartbeat,
    /// `reset controller: DIR/FILE`: the file was restored.
    ControllerReset(ControllerFile),
    /// `error: TEXT`: what went wrong, in words a user understands. The socket closes next.
    Error(String),
}

impl ServerMessage {
    /// The text frame. Texts come without control characters (an error may have several lines) and
    /// are cut at [`MAX_TEXT`].
    pub fn encode(&self) -> String {
        match self {
            Self::Loading(text) => {
                format!("loading: {}", presentable(text, MAX_TEXT, Lines::Join))
            }
            Self::ShutdownTimeout(timeout) => format!("shutdownTimeout: {}", timeout.as_secs()),
            Self::Webots(url) => format!("webots:{}", presentable(url, MAX_TEXT, Lines::Join)),
            Self::Heartbeat => ".".to_owned(),
            Self::ControllerReset(file) => format!("reset controller: {file}"),
            Self::Error(text) => format!("error: {}", presentable(text, MAX_TEXT, Lines::Keep)),
        }
    }

    /// Understands a frame as a client does; `None` is one that clients ignore.
    pub fn decode(text: &str) -> Option<Self> {
        if text == "." {
            return Some(Self::Heartbeat);
        }
        if let Some(text) = text.strip_prefix("loading: ") {
            return Some(Self::Loading(text.to_owned()));
        }
        if let Some(text) = text.strip_prefix("error: ") {
            return Some(Self::Error(text.to_owned()));
        }
        if let Some(seconds) = text.strip_prefix("shutdownTimeout: ") {
            let seconds = seconds.parse().ok()?;
            return Some(Self::ShutdownTimeout(Duration::from_secs(seconds)));
        }
        if let Some(file) = text.strip_prefix("reset controller: ") {
            return file.parse().ok().map(Self::ControllerReset);
        }
        let url = text.strip_prefix("webots:")?;
        (url.starts_with("ws://") || url.starts_with("wss://"))
            .then(|| Self::Webots(url.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_frames_to_the_letter() {
        let file = ControllerFile {
            directory: "a".into(),
            file: "a.py".into(),
        };
        let cases = [
            (
                ServerMessage::Loading("Fetching".into()),
                "loading: Fetching",
            ),
            (
                ServerMessage::ShutdownTimeout(Duration::from_millis(7_200_900)),
                "shutdownTimeout: 7200",
            ),
            (
                ServerMessage::Webots("ws://h:2001".into()),
                "webots:ws://h:2001",
            ),
            (ServerMessage::Heartbeat, "."),
            (
                ServerMessage::ControllerReset(file),
                "reset controller: a/a.py",
            ),
            (
                ServerMessage::Error("No room\nTry later".into()),
                "error: No room\nTry later",
            ),
        ];
        for (message, frame) in cases {
            assert_eq!(message.encode(), frame);
            assert_eq!(
                ServerMessage::decode(frame).map(|message| message.encode()),
                Some(frame.to_owned())
            );
        }
    }

    #[test]
    fn what_clients_ignore_is_nothing() {
        for frame in [
            "",
            "..",
            "open",
            "webots:http://h",
            "webots: ws://h",
            "shutdownTimeout: soon",
            "reset controller: ../x",
            "ide: enable",
            "Error: x",
            "error:x",
        ] {
            assert_eq!(ServerMessage::decode(frame), None, "{frame}");
        }
    }

    proptest! {
        #[test]
        fn texts_come_back_clean(text in any::<String>(), seconds in any::<u64>()) {
            for message in [
                ServerMessage::Loading(text.clone()),
                ServerMessage::Error(text.clone()),
                ServerMessage::Webots(format!("wss://{text}")),
                ServerMessage::ShutdownTimeout(Duration::from_secs(seconds)),
            ] {
                let frame = message.encode();
                prop_assert!(!frame.contains(|c: char| c.is_control() && c != '\n'));
                let back = ServerMessage::decode(&frame).map(|message| message.encode());
                prop_assert_eq!(back, Some(frame));
            }
        }

        #[test]
        fn plain_texts_come_back_unchanged(text in "[a-z .,]{0,60}") {
            let message = ServerMessage::Error(text);
            prop_assert_eq!(ServerMessage::decode(&message.encode()), Some(message));
        }

        #[test]
        fn no_frame_panics(text in any::<String>()) {
            let _ = ServerMessage::decode(&text);
        }
    }
}
