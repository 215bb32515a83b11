//! What came of an attack, as far as its program and its client know.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use webots_cloud::client::ClientError;

use super::attack::{Attack, Judge};
use super::common::simulation::Client;

/// The longest that a program may take, on a machine that is busy with others.
const LIMIT: Duration = Duration::from_secs(100);
const LOOK: Duration = Duration::from_millis(30);

#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) reached: bool,
    pub(crate) detail: String,
}

/// What the client heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) frames: Vec<String>,
    pub(crate) closed: bool,
}

impl Heard {
    /// Takes what comes within a moment.
    pub(crate) async fn listen(&mut self, client: &mut Client) {
        if self.closed {
            return tokio::time::sleep(LOOK).await;
        }
        let frames = &mut self.frames;
        let end = client.socket.expect("more", LOOK, |frame| {
            frames.push(frame.to_owned());
            false
        });
        let end = end.await;
        self.closed = !matches!(end, Err(ClientError::TimeOut(_)));
    }

    pub(crate) fn error(&self) -> Option<&String> {
        self.frames.iter().find(|frame| frame.starts_with("error:"))
    }
}

/// What the program said; it may have moved its folder, or the whole workspace.
fn said(workspace: &Path, program: &str) -> Option<Verdict> {
    let moved = workspace.with_file_name(format!("{}-moved", workspace.file_name()?.to_str()?));
    let places = [
        workspace.join("controllers").join(program),
        workspace
            .join("controllers")
            .join(format!("{program}-moved")),
        moved.join("controllers").join(program),
    ];
    let text = places
        .iter()
        .find_map(|place| std::fs::read_to_string(place.join("verdict.json")).ok())?;
    let value: Value = serde_json::from_str(&text).ok()?;
    Some(Verdict {
        reached: value["reached"].as_bool()?,
        detail: value["detail"].as_str()?.to_owned(),
    })
}

/// Waits for what comes of it.
pub(crate) async fn of(
    attack: &Attack,
    workspace: &Path,
    client: &mut Client,
    heard: &mut Heard,
) -> Result<Verdict, String> {
    let start = Instant::now();
    loop {
        heard.listen(client).await;
        if let Judge::Limit(words) = attack.judge
            && let Some(error) = heard.error()
        {
            let named = words.iter().any(|word| error.contains(word));
            return named
                .then(|| Verdict {
                    reached: false,
                    detail: error.clone(),
                })
                .ok_or_else(|| format!("no limit is named: {error}"));
        }
        if let Some(verdict) = said(workspace, attack.program) {
            return Ok(verdict);
        }
        // Its verdict may have gone with its workspace, in the same moment.
        if heard.closed && attack.judge == Judge::Outside {
            let detail = heard.error().cloned().unwrap_or_default();
            return Ok(Verdict {
                reached: false,
                detail,
            });
        }
        if heard.closed || start.elapsed() > LIMIT {
            return Err(format!("no verdict; the client heard {:?}", heard.frames));
        }
    }
}
