//! Messages that a simulation server must not take.

use std::path::Path;

use tokio_tungstenite::tungstenite::Message;

use super::simulation::Simulation;
use super::{SOON, listing};

/// All files below the folder, but not those of the instances.
fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for name in listing(folder) {
        let path = folder.join(&name);
        all.push(path.display().to_string());
        if path.is_dir() && !path.is_symlink() && name != "instances" {
            all.extend(files(&path));
        }
    }
    all
}

/// Sends each message on a connection of its own.
pub async fn refuses(simulation: &Simulation, messages: Vec<(String, Message)>, code: u16) {
    let before = files(simulation.folder.path());
    for (what, message) in messages {
        let mut client = simulation.connect().await;
        client.socket.send_message(message).await.unwrap();
        let (text, closed) = client.refused(SOON).await;
        assert_eq!(closed, code, "{what}: {text}");
        assert!(!text.contains("panic"), "{what}: {text}");
    }
    simulation.nothing_left().await;
    assert_eq!(files(simulation.folder.path()), before);
    // And the server serves whoever comes next.
    simulation.running().await;
}

pub fn texts(frames: impl IntoIterator<Item = String>) -> Vec<(String, Message)> {
    let named = |frame: String| (frame.chars().take(120).collect(), Message::text(frame));
    frames.into_iter().map(named).collect()
}
