//! One client: what it asks for, how far it goes, and how it leaves.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use webots_cloud::client::ClientSocket;

use super::dice::Dice;

/// Longer than the server may take for anything: its `startTimeout`, and the end of an instance.
const ANSWER: Duration = Duration::from_secs(60);

/// When a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    BeforeTheStart,
    WhileLoading,
    WhileRunning,
}

/// How a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leave {
    Close,
    /// As when its process is killed.
    Reset,
    /// Neither reads nor answers for a while, and is gone then.
    Silence,
}

/// What became of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// As the client meant it to be.
    Left(Moment, Leave),
    /// The server said why, and closed.
    ToldWhy,
    /// There was no room.
    Refused,
    /// The server was killed.
    ServerDied,
    /// Closed without a reason.
    Speechless,
    /// The connection broke, or could not be made, although the server lives.
    Cut,
    /// No answer at all.
    Unanswered,
}

impl Outcome {
    /// Whether the death of the server would have looked like this.
    pub(crate) const fn may_be_its_death(self) -> bool {
        match self {
            Self::Speechless | Self::Cut | Self::Unanswered => true,
            Self::Left(..) | Self::ToldWhy | Self::Refused | Self::ServerDied => false,
        }
    }
}

/// What one client does.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    project: &'static str,
    init: bool,
    moment: Moment,
    leave: Leave,
    /// How long it stays at that moment.
    stay: Duration,
    /// Whether it connects to the instance.
    visits: bool,
}

impl Plan {
    pub(crate) fn of(dice: &mut Dice) -> Self {
        let moment = match dice.below(100) {
            0..8 => Moment::BeforeTheStart,
            8..30 => Moment::WhileLoading,
            _ => Moment::WhileRunning,
        };
        let leave = match dice.below(100) {
            0..45 => Leave::Close,
            45..85 => Leave::Reset,
            _ => Leave::Silence,
        };
        Self {
            project: dice.one(&["simple", "simple", "simple", "maze", "football", "stubborn"]),
            init: dice.in_100(50),
            moment,
            leave,
            stay: dice.millis(0, 2000),
            visits: dice.in_100(60),
        }
    }

    /// One that does everything as it should be.
    pub(crate) const fn polite(init: bool) -> Self {
        Self {
            project: "simple",
            init,
            moment: Moment::WhileRunning,
            leave: Leave::Close,
            stay: Duration::ZERO,
            visits: true,
        }
    }

    fn order(&self, projects: &str) -> String {
        let project = self.project;
        let order = if self.init {
            let world = format!("{project}.wbt");
            json!({"init": ["http://localhost", project, world, "", "", "", "", "", ""]})
        } else {
            let url = format!("file://{projects}/{project}/worlds/{project}.wbt");
            json!({"start": {"url": url}})
        };
        order.to_string()
    }

    /// Plays it. Never says [`Outcome::ServerDied`]: the client cannot know.
    pub(crate) async fn play(&self, port: u16, projects: &str) -> Outcome {
        match self.try_to_play(port, projects).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }

    async fn try_to_play(&self, port: u16, projects: &str) -> Result<Outcome, Outcome> {
        let mut socket = connect(port).await.ok_or(Outcome::Cut)?;
        if self.moment > Moment::BeforeTheStart {
            let order = Message::text(self.order(projects));
            socket.send(order).await.map_err(|_| Outcome::Cut)?;
        }
        if self.moment == Moment::WhileRunning {
            let address = address(&mut socket).await?;
            if self.visits {
                // The instance may be killed meanwhile.
                let _ = timeout(ANSWER, visit(&address)).await;
            }
        }
        if self.leave == Leave::Silence {
            sleep(self.stay).await;
        } else {
            timeout(self.stay, until_sent_away(&mut socket))
                .await
                .map_or(Ok(()), Err)?;
        }
        match self.leave {
            Leave::Close => close(socket).await?,
            Leave::Reset | Leave::Silence => {
                let _ = socket.get_ref().set_zero_linger();
            }
        }
        Ok(Outcome::Left(self.moment, self.leave))
    }
}

type Socket = WebSocketStream<TcpStream>;

async fn connect(port: u16) -> Option<Socket> {
    let open = async {
        let stream = TcpStream::connect(("localhost", port)).await.ok()?;
        let url = format!("ws://localhost:{port}/client");
        Some(client_async(url, stream).await.ok()?.0)
    };
    timeout(ANSWER, open).await.ok()?
}

/// The address of the instance.
async fn address(socket: &mut Socket) -> Result<String, Outcome> {
    let mut text = String::new();
    let ready = timeout(
        ANSWER,
        next(socket, &mut text, |it| it.starts_with("webots:")),
    );
    ready.await.unwrap_or(Err(Outcome::Unanswered))?;
    Ok(text.trim_start_matches("webots:").to_owned())
}

/// Reads on while the simulation runs.
async fn until_sent_away(socket: &mut Socket) -> Outcome {
    match next(socket, &mut String::new(), |_| false).await {
        Ok(()) => Outcome::Unanswered,
        Err(outcome) => outcome,
    }
}

/// Reads into `text` until it is what is wanted.
async fn next(
    socket: &mut Socket,
    text: &mut String,
    wanted: impl Fn(&str) -> bool,
) -> Result<(), Outcome> {
    let mut why = None;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(frame))) => {
                *text = frame.to_string();
                if wanted(text) {
                    return Ok(());
                }
                if text.starts_with("error:") {
                    why = Some(text.clone());
                }
            }
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map_or(0, |frame| frame.code.into());
                return Err(match (why, code) {
                    (Some(_), 1013) => Outcome::Refused,
                    (Some(_), _) => Outcome::ToldWhy,
                    (None, _) => Outcome::Speechless,
                });
            }
            Some(Ok(
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
            )) => {}
            Some(Err(_)) | None => return Err(Outcome::Cut),
        }
    }
}

/// Says that it closes, and waits for the server to agree.
async fn close(mut socket: Socket) -> Result<(), Outcome> {
    if socket.close(None).await.is_err() {
        // Sent away in the same moment.
        return Ok(());
    }
    let agreed = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(ANSWER, agreed)
        .await
        .map_err(|_| Outcome::Unanswered)
}

/// Looks at the instance as a browser does.
async fn visit(address: &str) -> Option<()> {
    let mut socket = ClientSocket::open(address).await.ok()?;
    socket.send("x3d;broadcast").await.ok()?;
    socket.text("the world", ANSWER).await.ok()?;
    Some(())
}
