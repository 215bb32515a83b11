//! The start of the robots' controllers.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::controller::{self, Program};
use super::super::controller_line::Init;
use super::super::physics::Role;
use super::Simulation;
use super::controllers::{Controller, State};

impl Simulation {
    /// Ends the controllers of before and starts those of the world.
    pub(super) fn restart_controllers(&mut self) {
        self.stop_controllers.cancel();
        self.stop_controllers = CancellationToken::new();
        self.generation += 1;
        self.controllers.clear();
        self.waiting_since = None;
        let scene = &self.scene;
        let mut failed = Vec::new();
        for (frame, robot) in scene.robots() {
            if matches!(
                robot.controller.as_str(),
                "" | "void" | "<none>" | "<extern>" | "<generic>"
            ) {
                continue;
            }
            let program =
                match Program::find(&self.project.root, &robot.controller, &robot.arguments) {
                    Ok(program) => program,
                    Err(why) => {
                        failed.push(format!("{}: {why}", frame.name));
                        continue;
                    }
                };
            let (line, task) = controller::start(
                program,
                self.generation,
                self.controllers.len(),
                self.controller_events.clone(),
                self.stop_controllers.clone(),
            );
            self.controller_tasks.spawn(task);
            let body = self
                .physics
                .bodies()
                .iter()
                .find(|body| body.id == frame.id);
            let motors = match body.map(|body| &body.role) {
                Some(Role::Robot(drive)) => drive
                    .wheels
                    .iter()
                    .map(|wheel| wheel.motor.clone())
                    .collect(),
                Some(Role::Loose { .. }) | None => Vec::new(),
            };
            let init = Init {
                name: frame.name.clone(),
                time_step: scene.time_step,
                supervisor: robot.supervisor,
                custom_data: robot.custom_data.clone(),
                motors,
                sensors: frame
                    .sensors
                    .iter()
                    .map(|sensor| sensor.name.clone())
                    .collect(),
            };
            line.send(init.line());
            self.controllers.push(Controller {
                robot: frame.id,
                robot_name: frame.name.clone(),
                name: robot.controller.clone(),
                supervisor: robot.supervisor,
                state: State::Busy,
                answered: false,
                line,
                window: Instant::now(),
                lines: 0,
            });
        }
        for why in failed {
            self.complain(&why);
        }
    }
}
