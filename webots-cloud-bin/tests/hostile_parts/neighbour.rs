//! A session beside the attacks, which must not notice them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use webots_cloud::adapters::process::processes_of;
use webots_cloud::client::ClientSocket;

use super::common::simulation::{Client, READY, Simulation};
use super::common::until;
use super::rig::{name_of, workspace_with};

/// Longer than any test.
const LESSON: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(crate) struct Neighbour {
    /// Why its client was closed, if it was.
    ended: Arc<Mutex<Option<String>>>,
    address: String,
    pub(crate) workspace: PathBuf,
    pub(crate) pids: Vec<i32>,
}

impl Neighbour {
    pub(crate) async fn start(simulation: &Simulation) -> Self {
        let mut client = simulation.connect().await;
        client.init("neighbour").await;
        let address = client.webots().await;
        let workspace = workspace_with(simulation, "neighbour").await;
        let ready = workspace.join("controllers/neighbour/ready");
        until("the neighbour", READY, || ready.exists().then_some(())).await;
        let pids = processes_of(&name_of(&workspace));
        Self {
            ended: watched(client),
            address,
            workspace,
            pids,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// A browser that looks at its simulation gets the world, and its client was told of no end.
    pub(crate) async fn answers(&self) -> Result<(), String> {
        let open = ClientSocket::open(&format!("{}/", self.address)).await;
        let mut scene = open.map_err(|error| error.to_string())?;
        scene.send("x3d").await.map_err(|error| error.to_string())?;
        let world = scene.text("its world", READY).await;
        world.map_err(|error| error.to_string())?;
        self.ended.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

/// Reads all that a client is told, as a browser does, and keeps how that ends.
fn watched(mut client: Client) -> Arc<Mutex<Option<String>>> {
    let ended = Arc::new(Mutex::new(None));
    let end = Arc::clone(&ended);
    tokio::spawn(async move {
        let wrong = |frame: &str| frame.starts_with("error:");
        let told = client.socket.expect("an end", LESSON, wrong).await;
        *end.lock().unwrap() = Some(told.unwrap_or_else(|error| error.to_string()));
    });
    ended
}
