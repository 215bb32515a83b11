//! One session, as a browser plays it.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::protocol::session::{SessionError, parse_session_reply};
use webots_cloud_core::web::session::SESSION_HEADER;

use super::arguments::Plan;
use crate::client::{ClientError, ClientSocket, get};
use crate::main_loop::chain;

/// An instance must be gone within 6 s (contract, 5); this is when it is no longer waited for.
const END_LIMIT: Duration = Duration::from_secs(15);

/// What became of a session. Times are seconds since the session arrived, unless they say otherwise.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Session {
    /// Since the rehearsal began.
    pub(super) arrived: f64,
    /// Where it was sent.
    pub(super) server: Option<String>,
    /// The session server has named a server.
    pub(super) placed: Option<f64>,
    /// That server has taken the connection.
    pub(super) connected: Option<f64>,
    /// It has given the simulation's address.
    pub(super) started: Option<f64>,
    /// The world has come.
    pub(super) loaded: Option<f64>,
    /// The simulation runs: its first update has come.
    pub(super) running: Option<f64>,
    /// The user leaves.
    pub(super) left: Option<f64>,
    /// From leaving to the end of the instance, as its own socket shows it.
    pub(super) ending: Option<f64>,
    /// Updates of the world.
    pub(super) updates: u64,
    pub(super) failure: Option<String>,
}

#[derive(Debug, Error)]
enum Failure {
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("no room: {0}")]
    NoRoom(#[from] SessionError),
    #[error("sent to {0}, whose host is not among those given (--allow)")]
    OtherHost(String),
    #[error("the simulation server says: {0}")]
    Told(String),
    #[error("not there after {0} s (--start-limit)")]
    Late(f64),
    #[error("the instance was still there {0} s after its user had left")]
    Remained(u64),
    #[error("interrupted before its simulation ran")]
    Interrupted,
}

/// The two sockets that a browser has open.
#[derive(Debug, Default)]
struct Sockets {
    client: Option<ClientSocket>,
    scene: Option<ClientSocket>,
}

/// Plays one session; `begun` is when the rehearsal began. When it is told to stop it leaves early,
/// as politely as ever.
pub(super) async fn session(plan: &Plan, begun: Instant, stop: &CancellationToken) -> Session {
    let arrived = Instant::now();
    let mut session = Session {
        arrived: arrived.duration_since(begun).as_secs_f64(),
        ..Session::default()
    };
    let mut sockets = Sockets::default();
    let played = tokio::select! {
        played = play(plan, arrived, &mut session, &mut sockets) => played,
        () = stop.cancelled() => match session.running {
            Some(_) => Ok(()),
            None => Err(Failure::Interrupted),
        },
    };
    session.left = Some(arrived.elapsed().as_secs_f64());
    let left = leave(sockets).await;
    match played.and(left) {
        Ok(ending) => session.ending = ending.map(|ending| ending.as_secs_f64()),
        Err(failure) => session.failure = Some(chain(&failure)),
    }
    session
}

async fn play(
    plan: &Plan,
    arrived: Instant,
    session: &mut Session,
    sockets: &mut Sockets,
) -> Result<(), Failure> {
    let late = || Failure::Late(plan.start_limit.as_secs_f64());
    let start = start(plan, arrived, session, sockets);
    timeout(plan.start_limit, start)
        .await
        .map_err(|_| late())??;
    watch(plan.hold, session, sockets).await
}

/// From "is there room?" to a simulation that runs.
async fn start(
    plan: &Plan,
    arrived: Instant,
    session: &mut Session,
    sockets: &mut Sockets,
) -> Result<(), Failure> {
    let now = || Some(arrived.elapsed().as_secs_f64());
    let reply = get(&format!("http://{}/session", plan.server)).await?;
    // Servers that name sessions in their logs do; others do not.
    let name = reply.headers().get(SESSION_HEADER);
    let name = name.and_then(|name| name.to_str().ok());
    let name = name.map(|name| format!("?session={name}"));
    let reply = String::from_utf8_lossy(reply.body()).into_owned();
    let server = parse_session_reply(&reply)?;
    session.placed = now();
    session.server = Some(server.to_owned());
    allowed(plan, server)?;

    let client = format!("{server}/client{}", name.unwrap_or_default());
    let client = ClientSocket::open(&client).await?;
    let client = sockets.client.insert(client);
    session.connected = now();
    client.send(plan.start.clone()).await?;
    let webots = address(client, plan.start_limit).await?;
    session.started = now();
    allowed(plan, &webots)?;

    let scene = ClientSocket::open(&format!("{webots}/")).await?;
    let scene = sockets.scene.insert(scene);
    scene.send("x3d").await?;
    let complete = |frame: &str| frame == "scene load completed";
    scene
        .expect("the world", plan.start_limit, complete)
        .await?;
    session.loaded = now();
    scene.send("real-time:-1").await?;
    scene
        .expect("an update", plan.start_limit, is_update)
        .await?;
    session.running = now();
    session.updates = 1;
    Ok(())
}

fn allowed(plan: &Plan, address: &str) -> Result<(), Failure> {
    let other = || Failure::OtherHost(address.to_owned());
    plan.allows(address).then_some(()).ok_or_else(other)
}

/// Waits for `webots:`, or why there is none.
async fn address(client: &mut ClientSocket, limit: Duration) -> Result<String, Failure> {
    loop {
        let frame = client.text("the simulation's address", limit).await?;
        match ServerMessage::decode(&frame) {
            Some(ServerMessage::Webots(url)) => return Ok(url),
            Some(ServerMessage::Error(text)) => return Err(Failure::Told(text)),
            Some(
                ServerMessage::Loading(_)
                | ServerMessage::ShutdownTimeout(_)
                | ServerMessage::Heartbeat
                | ServerMessage::ControllerReset(_),
            )
            | None => {}
        }
    }
}

fn is_update(frame: &str) -> bool {
    frame.starts_with("application/json:")
}

/// Looks at the simulation until it is time to leave.
async fn watch(
    hold: Duration,
    session: &mut Session,
    sockets: &mut Sockets,
) -> Result<(), Failure> {
    let (Some(client), Some(scene)) = (&mut sockets.client, &mut sockets.scene) else {
        return Ok(());
    };
    // Longer than the hold: that it is over is no error of theirs.
    let limit = hold + END_LIMIT;
    let updates = async {
        loop {
            scene.expect("an update", limit, is_update).await?;
            session.updates += 1;
        }
    };
    let errors = async {
        let is_error = |frame: &str| frame.starts_with("error:");
        let told = client.expect("an error", limit, is_error).await?;
        Err(Failure::Told(
            told.trim_start_matches("error:").trim().to_owned(),
        ))
    };
    tokio::select! {
        () = tokio::time::sleep(hold) => Ok(()),
        failed = updates => failed,
        failed = errors => failed,
    }
}

/// Leaves the simulation server, and waits for the instance to close its own socket: how long that
/// took, if there was an instance.
async fn leave(sockets: Sockets) -> Result<Option<Duration>, Failure> {
    let left = Instant::now();
    if let Some(client) = sockets.client {
        // A server that does not agree has been left all the same.
        let _ = timeout(END_LIMIT, client.close()).await;
    }
    let Some(mut scene) = sockets.scene else {
        return Ok(None);
    };
    match scene.close_code(END_LIMIT).await {
        Err(ClientError::TimeOut(_)) => Err(Failure::Remained(END_LIMIT.as_secs())),
        // Closed or broken: whoever held it is gone.
        Ok(_) | Err(_) => Ok(Some(left.elapsed())),
    }
}
