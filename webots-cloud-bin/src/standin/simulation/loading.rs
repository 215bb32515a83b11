//! Worlds: the first, the same again, another.

use tokio::time::Instant;

use super::super::options::Dialect;
use super::super::physics::Physics;
use super::super::project::is_world_name;
use super::super::protocol::Kind;
use super::super::scene::Scene;
use super::super::{scene_build, x3d};
use super::Simulation;
use super::updates::Sent;

impl Simulation {
    /// What follows the reading of a world.
    pub(super) fn start_world(&mut self, more: Vec<String>) {
        let warnings = std::mem::take(&mut self.scene.warnings);
        for warning in warnings.into_iter().chain(more) {
            self.output
                .error(format!("WARNING: {}:{warning}", self.project.world));
        }
        self.begin();
        self.restart_controllers();
    }

    /// Time 0, everything at its place.
    fn begin(&mut self) {
        self.time = 0.0;
        self.steps.clear();
        self.labels.clear();
        self.next_step = Instant::now();
        self.last_update = None;
        self.sent = Sent::default();
        self.sent.all(&self.physics.places());
    }

    /// The scene as it is now.
    pub(super) fn model(&self) -> String {
        x3d::document(&self.scene, self.dialect(), &self.physics.places())
    }

    /// `reset` (W3.4).
    pub(super) fn reset(&mut self) {
        self.physics = Physics::new(&self.scene).0;
        self.limit = None;
        self.begin();
        self.restart_controllers();
        for (id, kind) in self.kinds() {
            for frame in self.whole_state(kind) {
                self.send(id, frame.into());
            }
        }
        self.broadcast("reset finished");
        if self.dialect() == Dialect::Modern {
            self.output.line("reset");
        }
    }

    /// `load:`, `reload` and `revert`: where the world cannot be read, the old one stays.
    pub(super) async fn load(&mut self, world: &str) {
        if !is_world_name(world) {
            self.complain(&format!(
                "not the name of a world: {}",
                world.escape_debug()
            ));
            return;
        }
        for (id, kind) in self.kinds() {
            let gone = match (self.dialect(), kind) {
                (Dialect::Legacy | Dialect::Modern, Kind::X3dom) => "model:",
                (Dialect::Legacy | Dialect::Modern, Kind::Scene) => "delete world",
            };
            self.send(id, gone.into());
        }
        self.loading("Parsing nodes", 0);
        let (project, name) = (self.project.clone(), world.to_owned());
        let read = tokio::task::spawn_blocking(move || read(&project, &name));
        match read.await.unwrap_or_else(|failed| Err(failed.to_string())) {
            Ok(scene) => {
                self.loading("Creating nodes", 50);
                world.clone_into(&mut self.project.world);
                let (physics, warnings) = Physics::new(&scene);
                self.scene = scene;
                self.physics = physics;
                self.start_world(warnings);
            }
            Err(why) => self.complain(&why),
        }
        self.loading("Finalizing nodes", 100);
        for (id, _) in self.kinds() {
            self.introduce(id);
        }
    }

    fn loading(&mut self, what: &str, percent: u8) {
        for (id, kind) in self.kinds() {
            match kind {
                Kind::X3dom => {}
                Kind::Scene => self.send(id, format!("loading:{what}:{percent}").into()),
            }
        }
    }
}

/// Reads a world of a project.
///
/// # Errors
/// A text for people.
pub(in crate::standin) fn read(project: &super::Project, world: &str) -> Result<Scene, String> {
    let text = project.read_world(world)?;
    scene_build::read(&text).map_err(|e| format!("error: {world}:{e}"))
}
