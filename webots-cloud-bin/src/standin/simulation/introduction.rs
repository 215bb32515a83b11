//! The frames that show a world and its state to a client.

use super::super::number;
use super::super::options::{Dialect, Mode};
use super::super::protocol::{self, Kind};
use super::{ClientId, Simulation};

impl Simulation {
    /// The frames that show a world to a client, in the order of its era (W3.2).
    pub(super) fn introduce(&mut self, id: ClientId) {
        let Some(kind) = self.clients.get(&id).and_then(|client| client.kind) else {
            return;
        };
        let mut frames = Vec::new();
        match kind {
            Kind::X3dom => {}
            Kind::Scene => {
                let worlds = self.project.list_worlds();
                frames.push(protocol::world_frame(
                    self.dialect(),
                    &self.project.world,
                    &worlds,
                ));
            }
        }
        frames.push(format!("model:{}", self.model()));
        frames.extend(self.whole_state(kind));
        frames.extend(self.robot_windows(kind));
        frames.push("scene load completed".to_owned());
        match self.mode {
            Mode::Pause => frames.extend(protocol::pause_frames(self.dialect(), kind, self.time)),
            Mode::RealTime | Mode::Fast => frames.push(protocol::mode_word(self.mode).to_owned()),
        }
        frames.extend(self.log.iter().cloned());
        for frame in frames {
            self.send(id, frame.into());
        }
    }

    /// The robot windows that the web page can show (W3.3).
    fn robot_windows(&self, kind: Kind) -> Vec<String> {
        let modern = match (self.dialect(), kind) {
            (Dialect::Modern, Kind::Scene) => true,
            (Dialect::Legacy | Dialect::Modern, Kind::X3dom | Kind::Scene) => false,
        };
        let named =
            |window: &str| !window.is_empty() && !window.starts_with('<') && window != "void";
        let robots = self
            .scene
            .robots()
            .filter(|(_, robot)| modern && named(&robot.window));
        robots
            .map(|(frame, robot)| {
                let value = serde_json::json!({ "robot": frame.name, "window": robot.window });
                format!("robot window: {value}")
            })
            .collect()
    }

    /// The labels and poses of now, all of them.
    pub(super) fn whole_state(&self, kind: Kind) -> Vec<String> {
        let (labels, frames) = self.label_parts(kind);
        let poses = super::updates::all(&self.physics.places());
        let mut state = vec![protocol::update_frame(
            self.dialect(),
            self.time,
            &poses,
            &labels,
        )];
        state.extend(frames);
        state
    }

    /// Labels as parts of the JSON of today, or as frames of old.
    pub(super) fn label_parts(&self, _kind: Kind) -> (Vec<String>, Vec<String>) {
        let (mut parts, mut frames) = (Vec::new(), Vec::new());
        for (id, label) in &self.labels {
            let [_, r, g, b] = label.color.to_be_bytes();
            let (x, y, size) = (
                number::six(label.x),
                number::six(label.y),
                number::six(label.size),
            );
            match self.dialect() {
                Dialect::Modern => parts.push(
                    serde_json::json!({ "id": id, "font": "Arial", "rgba": format!("{r},{g},{b},1"),
                        "size": label.size, "x": label.x, "y": label.y, "text": label.text })
                    .to_string(),
                ),
                Dialect::Legacy => frames.push(format!(
                    "label:{id};Arial;rgba({r},{g},{b},1);{size};{x};{y};{}",
                    label.text
                )),
            }
        }
        (parts, frames)
    }
}
