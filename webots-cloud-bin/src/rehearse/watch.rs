//! Clients that wait on the session server to hear whether there is room.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::protocol::session::parse_availability;

use super::arguments::Plan;
use crate::client::{ClientError, ClientSocket};
use crate::main_loop::chain;

/// Handshakes at a time.
const AT_ONCE: usize = 64;

/// Changes that are kept; a server that changes more often is not rehearsed but watched blinking.
const MOST_CHANGES: usize = 1000;

const FIRST_FRAME: Duration = Duration::from_secs(20);

/// A client waits for a change as long as the rehearsal lasts; this is more.
const FOREVER: Duration = Duration::from_secs(7 * 86_400);

/// What the clients heard.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Availability {
    /// Clients that were told at once whether there is room.
    pub(super) connected: u32,
    /// Seconds until the last of them was.
    pub(super) connecting: f64,
    pub(super) changes: Vec<Change>,
    /// How many clients failed, by why.
    pub(super) failures: BTreeMap<String, u32>,
}

/// One change, as all of them heard it. Seconds since the rehearsal began.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    pub(super) available: bool,
    pub(super) first: f64,
    pub(super) last: f64,
    /// How many heard it.
    pub(super) told: u32,
}

enum Heard {
    First,
    /// There will be no first.
    Refused(String),
    Change(bool, f64),
    Broke(String),
}

/// Asks once whether there is room.
///
/// # Errors
/// The session server cannot be asked.
pub(super) async fn is_room(plan: &Plan) -> Result<bool, ClientError> {
    let (socket, available) = open(plan).await?;
    // The answer is there; how it takes the goodbye does not matter.
    let _ = tokio::time::timeout(FIRST_FRAME, socket.close()).await;
    Ok(available)
}

async fn open(plan: &Plan) -> Result<(ClientSocket, bool), ClientError> {
    let mut socket = ClientSocket::open(&format!("ws://{}/", plan.server)).await?;
    let text = socket.text("availability", FIRST_FRAME).await?;
    let available = parse_availability(&text);
    let available = available.ok_or_else(|| ClientError::Address(plan.server.clone()))?;
    Ok((socket, available))
}

/// Opens all clients, says so through `ready`, and listens until it is told to stop.
pub(super) async fn all(
    plan: Arc<Plan>,
    begun: Instant,
    ready: oneshot::Sender<()>,
    stop: CancellationToken,
) -> Availability {
    let (said, mut hears) = mpsc::channel(1024);
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut clients = JoinSet::new();
    for _ in 0..plan.clients {
        let client = Client {
            plan: Arc::clone(&plan),
            begun,
            said: said.clone(),
        };
        let (turns, stop) = (Arc::clone(&turns), stop.clone());
        clients.spawn(async move {
            tokio::select! {
                opened = client.open(&turns) => client.listen(opened, &stop).await,
                () = stop.cancelled() => {}
            }
        });
    }
    drop(said);
    let mut availability = Availability::default();
    let (mut ready, mut settled) = (Some(ready), 0);
    loop {
        if settled == plan.clients
            && let Some(ready) = ready.take()
        {
            // Whoever waited may have been interrupted.
            let _ = ready.send(());
        }
        let Some(heard) = hears.recv().await else {
            break;
        };
        settled += u32::from(matches!(heard, Heard::First | Heard::Refused(_)));
        availability.hear(heard, begun);
    }
    while clients.join_next().await.is_some() {}
    availability
}

struct Client {
    plan: Arc<Plan>,
    begun: Instant,
    said: mpsc::Sender<Heard>,
}

impl Client {
    async fn open(&self, turns: &Semaphore) -> Option<ClientSocket> {
        let _turn = turns.acquire().await;
        match open(&self.plan).await {
            Ok((socket, _)) => {
                self.say(Heard::First).await;
                Some(socket)
            }
            Err(error) => {
                self.say(Heard::Refused(chain(&error))).await;
                None
            }
        }
    }

    async fn say(&self, heard: Heard) {
        // It fails only when nobody listens to the listeners any more.
        let _ = self.said.send(heard).await;
    }

    /// Listens for changes until the socket fails, or it is told to stop.
    async fn listen(&self, socket: Option<ClientSocket>, stop: &CancellationToken) {
        let Some(mut socket) = socket else {
            return;
        };
        loop {
            let frame = tokio::select! {
                frame = socket.text("a change", FOREVER) => frame,
                () = stop.cancelled() => {
                    // A server that does not agree has been left all the same.
                    let _ = tokio::time::timeout(FIRST_FRAME, socket.close()).await;
                    return;
                }
            };
            match frame.as_deref().map(parse_availability) {
                Ok(Some(available)) => {
                    let at = self.begun.elapsed().as_secs_f64();
                    self.say(Heard::Change(available, at)).await;
                }
                Ok(None) => {}
                Err(error) => return self.say(Heard::Broke(chain(error))).await,
            }
        }
    }
}

impl Availability {
    fn hear(&mut self, heard: Heard, begun: Instant) {
        match heard {
            Heard::First => {
                self.connected += 1;
                self.connecting = begun.elapsed().as_secs_f64();
            }
            Heard::Change(available, at) => self.hear_change(available, at),
            Heard::Refused(why) | Heard::Broke(why) => *self.failures.entry(why).or_default() += 1,
        }
    }

    /// Whoever is late hears of the change before the last.
    fn hear_change(&mut self, available: bool, at: f64) {
        let mut recent = self.changes.iter_mut().rev().take(2);
        let connected = self.connected;
        let known = recent.find(|it| it.available == available && it.told < connected);
        if let Some(change) = known {
            change.told += 1;
            change.first = change.first.min(at);
            change.last = change.last.max(at);
        } else if self.changes.len() < MOST_CHANGES {
            self.changes.push(Change {
                available,
                first: at,
                last: at,
                told: 1,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_late_belongs_to_the_change_before() {
        let mut availability = Availability {
            connected: 3,
            ..Availability::default()
        };
        let heard = [
            (false, 1.0),
            (false, 1.1),
            (true, 2.0),
            (false, 2.1),
            (true, 2.2),
        ];
        for (available, at) in heard {
            availability.hear_change(available, at);
        }
        let told: Vec<_> = availability
            .changes
            .iter()
            .map(|it| (it.told, it.last))
            .collect();
        assert_eq!(told, [(3, 2.1), (2, 2.2)]);
        availability.hear_change(false, 3.0);
        assert_eq!(availability.changes.len(), 3);
    }
}
