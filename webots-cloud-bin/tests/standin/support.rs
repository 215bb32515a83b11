//! A running stand-in and a client of it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Nothing here takes longer unless it is broken.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

pub(crate) struct Instance {
    pub(crate) child: Child,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
    pub(crate) port: u16,
}

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/projects")
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("0.0.0.0:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub(crate) fn command(args: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_webots-cloud"));
    command.arg("standin").args(args).kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

pub(crate) fn arguments(era: Era, port: u16, world: &Path) -> Vec<String> {
    let world = world.to_str().unwrap();
    let stream = format!("--stream=\"port={port};monitorActivity;controllerEdit\"");
    let (port, own): (_, &[&str]) = match era {
        Era::Legacy => (stream, &["--minimize"]),
        Era::Modern => (
            format!("--port={port}"),
            &["--no-rendering", "--heartbeat=100", "--stream"],
        ),
    };
    let all = ["--batch", "--mode=pause", &port]
        .into_iter()
        .chain(own.iter().copied())
        .chain([world]);
    all.map(str::to_owned).collect()
}

impl Instance {
    /// Starts on a world and waits until it says that it is ready.
    pub(crate) async fn start(era: Era, world: &Path) -> Self {
        let mut instance = Self::spawn(era, free_port(), world);
        let ready = if era == Era::Legacy { "open" } else { "." };
        instance.line(ready).await;
        instance
    }

    pub(crate) fn spawn(era: Era, port: u16, world: &Path) -> Self {
        let mut child = command(&arguments(era, port, world)).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, port }
    }

    /// Waits for a line on its standard output; other lines are passed over.
    pub(crate) async fn line(&mut self, wanted: &str) {
        let found = timeout(LIMIT, async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if line == wanted {
                    return true;
                }
            }
            false
        });
        assert_eq!(found.await, Ok(true), "no line {wanted}");
    }

    pub(crate) async fn connect(&self, hello: &str) -> Client {
        let url = format!("ws://127.0.0.1:{}/", self.port);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut client = Client(socket);
        client.say(hello).await;
        client
    }

    /// A plain HTTP request; the whole answer as text.
    pub(crate) async fn get(&self, path: &str, more: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{more}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(LIMIT, stream.read_to_end(&mut answer))
            .await
            .unwrap()
            .unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        timeout(LIMIT, self.child.wait()).await.unwrap().unwrap()
    }
}

pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub(crate) async fn say(&mut self, frame: &str) {
        self.0.send(Message::text(frame)).await.unwrap();
    }

    /// The next text frame.
    pub(crate) async fn next(&mut self) -> String {
        loop {
            match timeout(LIMIT, self.0.next())
                .await
                .expect("a frame in time")
            {
                Some(Ok(Message::Text(text))) => return text.as_str().to_owned(),
                Some(Ok(_)) => {}
                other => panic!("the connection ended: {other:?}"),
            }
        }
    }

    /// All frames until one that starts so; it is the last.
    pub(crate) async fn until(&mut self, start: &str) -> Vec<String> {
        let mut frames = Vec::new();
        loop {
            frames.push(self.next().await);
            if frames.last().unwrap().starts_with(start) {
                return frames;
            }
        }
    }
}

/// The simulated time of an update.
pub(crate) fn time_of(frame: &str) -> f64 {
    let json = frame.strip_prefix("application/json:").unwrap();
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    value["time"].as_f64().unwrap()
}
