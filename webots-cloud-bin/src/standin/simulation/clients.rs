//! What clients say, and what they are told.

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use super::super::options::Mode;
use super::super::protocol::{self, ClientFrame, Kind};
use super::sources::Wanted;
use super::{ClientEvent, Simulation};

/// The number of a client, never used again.
pub type ClientId = u64;

/// How the simulation reaches a client.
#[derive(Debug)]
pub struct ClientHandle {
    /// Where its frames go: bounded, and a client that lets it fill up is dropped.
    pub frames: mpsc::Sender<Utf8Bytes>,
    /// Ends the connection.
    pub drop: CancellationToken,
    /// What it can show, once it has said so.
    pub kind: Option<Kind>,
}

/// The most single steps that wait.
const MAX_STEPS: usize = 16;

impl Simulation {
    pub(super) async fn client_event(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Joined(id, handle) => {
                self.clients.insert(id, handle);
            }
            ClientEvent::Left(id) => {
                self.clients.remove(&id);
            }
            ClientEvent::Said(id, frame) => {
                if self.clients.contains_key(&id) {
                    self.client_frame(id, frame.as_str()).await;
                }
            }
        }
    }

    async fn client_frame(&mut self, id: ClientId, frame: &str) {
        match protocol::parse(frame) {
            ClientFrame::Hello { kind, broadcast } => self.hello(id, kind, broadcast),
            ClientFrame::Pictures => {
                self.send(
                    id,
                    "stderr:The stand-in streams no pictures: use the x3d mode.".into(),
                );
                self.output
                    .error("Streaming server: mjpeg is not supported by the stand-in");
            }
            ClientFrame::Pause => self.pause_by(id),
            ClientFrame::Run(mode, limit) => self.run_by(id, mode, limit),
            ClientFrame::Step => {
                if self.steps.len() < MAX_STEPS {
                    self.output.line("step");
                    self.set_mode(Mode::Pause, Some(id));
                    self.steps.push_back(id);
                }
            }
            ClientFrame::Timeout(limit) => self.limit = limit.map(|ms| self.time + ms),
            ClientFrame::Reset => self.reset(),
            ClientFrame::Reload => {
                let world = self.project.world.clone();
                self.load(&world).await;
            }
            ClientFrame::Load(world) => self.load(&world).await,
            ClientFrame::Robot { name, message } => self.robot_message(&name, &message),
            ClientFrame::GetController(folder) => {
                self.show_source(id, Wanted::Controller(folder)).await;
            }
            ClientFrame::SyncController(file) => self.show_source(id, Wanted::File(file)).await,
            ClientFrame::SetController { file, content } => self.save_source(&file, content).await,
            ClientFrame::Ignored => {}
            ClientFrame::Unknown => {
                let shown: String = frame.chars().take(80).collect();
                self.output.error(format!(
                    "Streaming server: Unsupported message: {}",
                    shown.escape_debug()
                ));
            }
        }
    }

    fn hello(&mut self, id: ClientId, kind: Kind, broadcast: bool) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.kind = Some(kind);
        }
        // The simulation stops at the next update, until somebody says how long it may run (W3.2).
        self.limit = if broadcast { None } else { Some(0.0) };
        self.introduce(id);
    }

    fn pause_by(&mut self, id: ClientId) {
        self.set_mode(Mode::Pause, Some(id));
        self.output.line("pause");
        self.answer_pause(id);
    }

    pub(super) fn answer_pause(&mut self, id: ClientId) {
        if let Some(kind) = self.clients.get(&id).and_then(|client| client.kind) {
            self.send(id, Utf8Bytes::from_static(protocol::paused_answer(kind)));
        }
    }

    fn run_by(&mut self, id: ClientId, mode: Mode, limit: Option<f64>) {
        self.limit = limit.map(|ms| self.time + ms);
        self.output.line(protocol::mode_word(mode));
        self.set_mode(mode, Some(id));
        self.send(id, Utf8Bytes::from_static(protocol::mode_word(mode)));
    }

    /// Changes the mode and tells the clients, but `by`.
    pub(super) fn set_mode(&mut self, mode: Mode, by: Option<ClientId>) {
        if self.mode == mode {
            return;
        }
        self.mode = mode;
        self.next_step = Instant::now();
        for (id, kind) in self.kinds().into_iter().filter(|(id, _)| Some(*id) != by) {
            match mode {
                Mode::Pause => {
                    for frame in protocol::pause_frames(self.dialect(), kind, self.time) {
                        self.send(id, frame.into());
                    }
                }
                Mode::RealTime | Mode::Fast => {
                    self.send(id, Utf8Bytes::from_static(protocol::mode_word(mode)));
                }
            }
        }
    }

    /// The clients that have said what they can show.
    pub(super) fn kinds(&self) -> Vec<(ClientId, Kind)> {
        self.clients
            .iter()
            .filter_map(|(id, client)| Some((*id, client.kind?)))
            .collect()
    }

    /// A frame to one client; one that does not read is dropped.
    pub(super) fn send(&mut self, id: ClientId, frame: Utf8Bytes) {
        if let Some(client) = self.clients.get(&id)
            && client.frames.try_send(frame).is_err()
        {
            client.drop.cancel();
            self.clients.remove(&id);
        }
    }

    /// A frame to all clients that have said what they can show.
    pub(super) fn broadcast(&mut self, frame: &str) {
        let frame = Utf8Bytes::from(frame);
        for (id, _) in self.kinds() {
            self.send(id, frame.clone());
        }
    }
}
