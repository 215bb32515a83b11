//! The simulation: one task that owns the world, its clients and its controllers.

mod clients;
mod controllers;
mod introduction;
mod launching;
mod loading;
mod sources;
mod stepping;
mod updates;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;

use super::controller::ControllerEvent;
use super::options::{Dialect, Mode, Options};
use super::output::Output;
use super::physics::Physics;
use super::project::Project;
use super::scene::Scene;

pub use clients::{ClientHandle, ClientId};
use controllers::Controller;
pub(super) use loading::read;
use updates::Sent;

/// How many events may wait for the simulation.
pub const QUEUE: usize = 256;
/// How many log lines a late client is shown.
const LOG_LINES: usize = 100;

/// What clients do.
#[derive(Debug)]
pub enum ClientEvent {
    /// One has connected.
    Joined(ClientId, ClientHandle),
    /// It says something.
    Said(ClientId, Utf8Bytes),
    /// It has gone.
    Left(ClientId),
}

/// A label on the screen.
#[derive(Clone, Debug)]
struct Label {
    x: f64,
    y: f64,
    size: f64,
    color: u32,
    text: String,
}

/// A running simulation.
#[derive(Debug)]
pub struct Simulation {
    options: Options,
    output: Output,
    project: Project,
    scene: Scene,
    physics: Physics,
    mode: Mode,
    /// Simulated milliseconds.
    time: f64,
    /// It pauses by itself at this simulated time (W3.5).
    limit: Option<f64>,
    /// Clients that want a single step.
    steps: VecDeque<ClientId>,
    next_step: Instant,
    last_update: Option<Instant>,
    last_dot: Option<Instant>,
    sent: Sent,
    labels: BTreeMap<u16, Label>,
    clients: BTreeMap<ClientId, ClientHandle>,
    log: VecDeque<String>,
    controllers: Vec<Controller>,
    generation: u64,
    waiting_since: Option<Instant>,
    stop_controllers: CancellationToken,
    controller_tasks: JoinSet<()>,
    controller_events: mpsc::Sender<ControllerEvent>,
    from_controllers: Option<mpsc::Receiver<ControllerEvent>>,
}

impl Simulation {
    /// A simulation of a world that was read; its controllers start.
    #[must_use]
    pub fn new(options: Options, output: Output, project: Project, scene: Scene) -> Self {
        let (physics, warnings) = Physics::new(&scene);
        let (controller_events, from_controllers) = mpsc::channel(QUEUE);
        let mut simulation = Self {
            mode: options.mode,
            options,
            output,
            project,
            scene,
            physics,
            time: 0.0,
            limit: None,
            steps: VecDeque::new(),
            next_step: Instant::now(),
            last_update: None,
            last_dot: None,
            sent: Sent::default(),
            labels: BTreeMap::new(),
            clients: BTreeMap::new(),
            log: VecDeque::new(),
            controllers: Vec::new(),
            generation: 0,
            waiting_since: None,
            stop_controllers: CancellationToken::new(),
            controller_tasks: JoinSet::new(),
            controller_events,
            from_controllers: Some(from_controllers),
        };
        simulation.start_world(warnings);
        simulation
    }

    /// Runs until `stop`; then all controllers are gone.
    pub async fn run(mut self, mut clients: mpsc::Receiver<ClientEvent>, stop: CancellationToken) {
        let Some(mut controllers) = self.from_controllers.take() else {
            return;
        };
        loop {
            self.advance();
            // A fast simulation always has something to do: let the others have their turn.
            tokio::task::yield_now().await;
            let wake = self.next_wake();
            tokio::select! {
                () = stop.cancelled() => break,
                event = clients.recv() => match event {
                    Some(event) => self.client_event(event).await,
                    None => break,
                },
                event = controllers.recv() => if let Some(event) = event {
                    self.controller_event(event);
                },
                () = sleep_until(wake) => {}
            }
            while self.controller_tasks.try_join_next().is_some() {}
        }
        self.stop_controllers.cancel();
        // Each task kills and reaps its own; the events they still send are of no use.
        drop(controllers);
        let _ = tokio::time::timeout(Duration::from_secs(2), async {
            while self.controller_tasks.join_next().await.is_some() {}
        })
        .await;
    }

    /// A line for the clients' consoles.
    fn log(&mut self, kind: &str, text: &str) {
        if !self.options.text_streams {
            return;
        }
        let frame = format!("{kind}:{text}");
        if self.log.len() >= LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(frame.clone());
        self.broadcast(&frame);
    }

    /// What went wrong, for the clients and for standard error.
    fn complain(&mut self, text: &str) {
        self.output.error(text);
        self.log("stderr", text);
    }

    fn dialect(&self) -> Dialect {
        self.options.dialect
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
