//! From the end of a client's socket to the end of the last process of its instance, in a whole
//! simulation server; and, on the way there, from the client's order to the instance's address.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use webots_cloud::client::ClientSocket;
use webots_cloud::simulation_server::SimulationServer;
use webots_cloud::surroundings::ThisMachine;
use webots_cloud_core::config::simulation;

use crate::figures::{Samples, print};
use crate::tree::Tree;
use crate::{Outcome, Rounds, forms, place};

/// Sessions at a time of instances that take their 3 s to end.
const LANES: u16 = 10;
const READY: Duration = Duration::from_secs(60);

/// Of one form.
#[derive(Debug, Default)]
struct Measured {
    start: Samples,
    end: Samples,
}

/// Prints the tables.
pub(crate) async fn measure(rounds: Rounds) -> Outcome<()> {
    let (mut starts, mut polite, mut deaf) = (Vec::new(), Vec::new(), Vec::new());
    let forms = forms::configured();
    let last = forms.len() - 1;
    for (at, (name, sandbox, network)) in forms.into_iter().enumerate() {
        let server = Server::start(sandbox, network).await?;
        let measured = server.sessions(rounds.polite, 1).await?;
        starts.push((name.clone(), measured.start));
        polite.push((name.clone(), measured.end));
        if at == last || !rounds.deaf_once {
            server.make_deaf()?;
            let measured = server.sessions(rounds.deaf, LANES).await?;
            deaf.push((name, measured.end));
        }
        server.server.shut_down().await;
    }
    print(
        "A session's start, from the client's order to the address",
        &starts,
    );
    print(
        "A session's end, from the client's socket to the last process",
        &polite,
    );
    print("The same, with an instance that ignores SIGTERM", &deaf);
    Ok(())
}

struct Server {
    server: SimulationServer,
    folder: TempDir,
}

impl Server {
    async fn start(sandbox: &str, network: &str) -> Outcome<Self> {
        let folder = place::folder()?;
        place::copy(&place::sample(), &folder.path().join("projects/simple"))?;
        let own = std::env::current_exe()?.canonicalize()?;
        let config = json!({
            "port": place::free_ports(LANES * 2 + 1)?,
            "webots": [own, "standin"],
            "webotsVersion": "R2021b",
            "sandbox": sandbox,
            "network": network,
            "maxConnections": LANES * 2,
            "projectsDir": folder.path().join("projects"),
            "instancesDir": folder.path().join("instances"),
            "logDir": folder.path(),
        });
        let checked = simulation(&config.to_string(), &ThisMachine::for_file(None))?;
        let server = SimulationServer::start(&checked.config).await?;
        Ok(Self { server, folder })
    }

    /// From now on instances ignore SIGTERM.
    fn make_deaf(&self) -> Outcome<()> {
        let file = self.folder.path().join("projects/simple/standin-fault");
        Ok(fs::write(file, "ignore-term")?)
    }

    /// Plays `count` sessions, so many at a time.
    async fn sessions(&self, count: usize, lanes: u16) -> Outcome<Measured> {
        let measured = Arc::new(Mutex::new(Measured::default()));
        let left = Arc::new(Mutex::new(count));
        let mut tasks = JoinSet::new();
        for _ in 0..lanes {
            let (measured, left, port) =
                (Arc::clone(&measured), Arc::clone(&left), self.server.port());
            tasks.spawn(async move {
                while take(&left).await {
                    let (start, end) = session(port).await?;
                    let mut measured = measured.lock().await;
                    measured.start.add(start);
                    measured.end.add(end);
                }
                Outcome::Ok(())
            });
        }
        while let Some(lane) = tasks.join_next().await {
            lane??;
        }
        Ok(std::mem::take(&mut *measured.lock().await))
    }
}

async fn take(left: &Mutex<usize>) -> bool {
    let mut left = left.lock().await;
    let some = left.checked_sub(1);
    *left = some.unwrap_or(0);
    some.is_some()
}

/// How long its start and its end took.
async fn session(port: u16) -> Outcome<(Duration, Duration)> {
    let mut client = ClientSocket::open(&format!("ws://localhost:{port}/client")).await?;
    let items = json!([
        "http://localhost",
        "simple",
        "simple.wbt",
        "",
        "",
        "",
        "",
        "",
        ""
    ]);
    let begun = Instant::now();
    client.send(json!({ "init": items }).to_string()).await?;
    let answer = client.expect("the address", READY, |it| it != ".").await?;
    let start = begun.elapsed();
    let instance = answer.strip_prefix("webots:").ok_or(answer.clone())?;
    let instance = instance.rsplit(':').next().ok_or("a port")?.parse()?;
    let tree = Tree::of_port(instance).await?;
    let left = Instant::now();
    drop(client);
    Ok((start, tree.gone().await?.duration_since(left)))
}
