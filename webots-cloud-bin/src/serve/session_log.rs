//! Which log lines are about which session: each stands in a span that names it.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use tracing::Span;
use webots_cloud_core::id::{ClientId, InstanceId};
use webots_cloud_core::ports::InstanceEvent;
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::protocol::session_id::SessionId;
use webots_cloud_core::simulation::{Effect, Input, InputSink, SimulationMachine, Work};

use super::simulation::SimulationCarrier;
use crate::driver::Inlet;

/// A name for a session that has none yet. It is no secret: that no two are the same is enough.
pub(super) fn fresh() -> SessionId {
    SessionId::of(RandomState::new().build_hasher().finish())
}

/// The span of one client, and of all that is done for it.
pub(super) fn span(session: &SessionId, client: ClientId) -> Span {
    // At the level of errors, so that it is there whatever is logged.
    tracing::error_span!("client", %session, id = %client)
}

/// The spans of the clients that are there and of the instances that are not gone.
#[derive(Debug, Default)]
pub(super) struct SessionLog {
    clients: BTreeMap<ClientId, Span>,
    instances: BTreeMap<InstanceId, Span>,
}

impl SessionLog {
    pub(super) fn connected(&mut self, client: ClientId, span: Span) {
        span.in_scope(|| tracing::info!("connected"));
        self.clients.insert(client, span);
    }

    pub(super) fn left(&mut self, client: ClientId) {
        if let Some(span) = self.clients.remove(&client) {
            span.in_scope(|| tracing::info!("disconnected"));
        }
    }

    /// The span of the instance that this work is for.
    pub(super) fn of_work(&self, work: &Work) -> Span {
        let instance = work.instance().and_then(|it| self.instances.get(&it));
        instance.map_or_else(Span::none, Clone::clone)
    }

    /// Writes what this effect means for its session.
    pub(super) fn tell(&mut self, effect: &Effect) {
        match effect {
            Effect::Began {
                client,
                instance,
                project,
                port,
            } => {
                let span = self.of_client(*client);
                span.in_scope(
                    || tracing::info!(%instance, project, port, "a simulation is asked for"),
                );
                self.instances.insert(*instance, span);
            }
            Effect::Ended { instance } => {
                if let Some(span) = self.instances.remove(instance) {
                    span.in_scope(|| tracing::info!(%instance, "the simulation is gone"));
                }
            }
            Effect::Send { client, message } => {
                self.of_client(*client).in_scope(|| sent(message));
            }
            Effect::Close { client, code } => {
                self.of_client(*client)
                    .in_scope(|| tracing::debug!(code, "closing"));
            }
            Effect::Work(_) | Effect::RecordMonitorRow(_) | Effect::Finished => {}
        }
    }

    fn of_client(&self, client: ClientId) -> Span {
        self.clients
            .get(&client)
            .map_or_else(Span::none, Clone::clone)
    }
}

fn sent(message: &ServerMessage) {
    match message {
        ServerMessage::Error(text) => tracing::info!(text, "the client is told"),
        ServerMessage::Webots(url) => tracing::info!(url, "the simulation is ready"),
        ServerMessage::Loading(text) => tracing::debug!(text, "loading"),
        ServerMessage::ControllerReset(file) => tracing::info!(%file, "a controller is reset"),
        ServerMessage::Heartbeat | ServerMessage::ShutdownTimeout(_) => {}
    }
}

/// Hands what an instance does to the machine, and writes it down as its session's.
#[derive(Debug)]
pub(super) struct SessionInlet {
    pub(super) inlet: Inlet<SimulationMachine, SimulationCarrier>,
    pub(super) span: Span,
}

impl InputSink for SessionInlet {
    fn input(&self, input: Input) {
        if let Input::Instance { instance, event } = &input {
            self.span.in_scope(|| match event {
                InstanceEvent::Line(line) => tracing::debug!(%instance, line, "output"),
                InstanceEvent::Ended(exit) => tracing::info!(%instance, %exit, "Webots ended"),
                InstanceEvent::Gone => tracing::debug!(%instance, "no process is left"),
            });
        }
        self.inlet.feed(input);
    }
}
