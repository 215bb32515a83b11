//! A client of a simulation server, without a browser.

use std::time::Duration;

use serde_json::json;
use webots_cloud::client::{ClientError, ClientSocket};

use super::Server;

/// The stand-in is ready within milliseconds, in the modern dialect within 5 s.
pub const READY: Duration = Duration::from_secs(20);

/// A `/client` socket.
#[derive(Debug)]
pub struct Client {
    pub socket: ClientSocket,
}

impl Client {
    pub async fn connect(server: &Server) -> Self {
        Self::at(&server.ws("/client")).await
    }

    pub async fn at(url: &str) -> Self {
        let socket = ClientSocket::open(url).await.expect("an open socket");
        Self { socket }
    }

    pub async fn send(&mut self, frame: impl Into<String>) {
        self.socket.send(frame).await.expect("an open socket");
    }

    /// What stock clients of 2019 send.
    pub async fn init(&mut self, project: &str) {
        let world = format!("{project}.wbt");
        let items = json!(["http://localhost", project, world, "", "", "", "", "", ""]);
        self.send(json!({ "init": items }).to_string()).await;
    }

    pub async fn start(&mut self, url: &str) {
        self.send(json!({"start": {"url": url}}).to_string()).await;
    }

    pub async fn frame(&mut self) -> String {
        self.socket.text("a frame", READY).await.expect("a frame")
    }

    /// The next frame that is no heartbeat.
    pub async fn answer(&mut self) -> String {
        let answer = self.socket.expect("an answer", READY, |it| it != ".").await;
        answer.expect("an answer")
    }

    /// All frames up to the simulation's address.
    pub async fn frames_to_webots(&mut self) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            assert!(!frame.starts_with("error:"), "{frame}");
            let last = frame.starts_with("webots:");
            frames.push(frame);
            if last {
                return frames;
            }
        }
    }

    /// The simulation's address.
    pub async fn webots(&mut self) -> String {
        let frames = self.frames_to_webots().await;
        let last = frames.last().expect("not empty");
        last.trim_start_matches("webots:").to_owned()
    }

    /// Waits for the server to close: the frames before, and the code.
    pub async fn closed(&mut self, limit: Duration) -> (Vec<String>, Option<u16>) {
        let mut frames = Vec::new();
        let end = self.socket.expect("the close", limit, |frame| {
            frames.push(frame.to_owned());
            false
        });
        match end.await {
            Err(ClientError::Closed(code, _)) => (frames, code),
            other => panic!("{other:?} after {frames:?}"),
        }
    }

    /// Waits for the server to say what is wrong and to close: the text, and the code.
    pub async fn refused(&mut self, limit: Duration) -> (String, u16) {
        let (frames, code) = self.closed(limit).await;
        let last = frames.last().expect("a frame before the close").clone();
        let text = last.strip_prefix("error: ");
        let text = text.unwrap_or_else(|| panic!("no error: {frames:?}"));
        assert!(!text.trim().is_empty());
        (text.to_owned(), code.expect("a code"))
    }
}
