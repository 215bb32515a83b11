//! What moves: robots on wheels, things that can be pushed, and what stands in their way.
//!
//! Flat on purpose: everything moves on the ground, moving bodies touch as circles, walls as boxes
//! and circles, each only where their heights meet. The same world and the same commands give the
//! same run, bit for bit, on one machine.

mod bodies;
mod collide;
mod extract;
mod rays;

use std::collections::BTreeMap;

use super::math::{Rotation, Vec3};
use super::scene::{NodeId, Scene, SensorKind, Up};

pub use bodies::{Body, Drive, Role, Wall, WallForm, Wheel};

/// The most things that move.
pub const MAX_BODIES: usize = 128;
/// The most things that stand in the way.
pub const MAX_WALLS: usize = 2000;

/// The most parts a step is cut into.
const MAX_PARTS: u32 = 20;

/// All that moves in a world, and what stands in its way.
#[derive(Clone, Debug)]
pub struct Physics {
    up: Up,
    bodies: Vec<Body>,
    walls: Vec<Wall>,
}

/// Where each node that has moved is now.
pub type Places = BTreeMap<NodeId, (Vec3, Rotation)>;

impl Physics {
    /// The moving part of a scene; what is beyond the limits is left out with a warning.
    #[must_use]
    pub fn new(scene: &Scene) -> (Self, Vec<String>) {
        let (bodies, walls, warnings) = extract::extract(scene);
        (
            Self {
                up: scene.up,
                bodies,
                walls,
            },
            warnings,
        )
    }

    /// What moves.
    #[must_use]
    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }

    fn robot(&mut self, id: NodeId) -> Option<&mut Drive> {
        self.bodies
            .iter_mut()
            .find(|body| body.id == id)
            .and_then(|body| match &mut body.role {
                Role::Robot(drive) => Some(drive),
                Role::Loose { .. } => None,
            })
    }

    /// Sets the speed of the motor of that name, radians a second; false if there is none.
    pub fn set_motor(&mut self, robot: NodeId, motor: &str, speed: f64) -> bool {
        let Some(drive) = self.robot(robot) else {
            return false;
        };
        let mut found = false;
        for wheel in drive.wheels.iter_mut().filter(|wheel| wheel.motor == motor) {
            wheel.set_speed(speed);
            found = true;
        }
        found
    }

    /// Sets the speeds of all left and all right wheels, positive forwards.
    pub fn set_sides(&mut self, robot: NodeId, left: f64, right: f64) {
        for wheel in self
            .robot(robot)
            .into_iter()
            .flat_map(|drive| &mut drive.wheels)
        {
            let speed = if wheel.left { left } else { right };
            wheel.set_speed(speed * wheel.sign);
        }
    }

    /// Puts the body of that `DEF` at a place, at rest; false if there is none.
    pub fn place(&mut self, def: &str, at: Vec3) -> bool {
        let Some(body) = self
            .bodies
            .iter_mut()
            .find(|body| body.def.as_deref() == Some(def))
        else {
            return false;
        };
        let height = body.up.dot(at - body.position);
        body.low += height;
        body.high += height;
        body.position = at;
        body.velocity = Vec3::ZERO;
        true
    }

    /// One step of `dt` seconds.
    pub fn step(&mut self, dt: f64) {
        for body in &mut self.bodies {
            body.start_step(dt);
        }
        let parts = self
            .bodies
            .iter()
            .map(|body| body.parts_wanted(dt))
            .fold(1.0, f64::max);
        let parts = if parts < f64::from(MAX_PARTS) {
            parts.ceil().max(1.0)
        } else {
            f64::from(MAX_PARTS)
        };
        let part = dt / parts;
        let mut done = 0.0;
        while done < parts {
            for body in &mut self.bodies {
                body.advance(part);
            }
            collide::resolve(&mut self.bodies, &self.walls, self.up.axis());
            done += 1.0;
        }
    }

    /// Where everything that moves is, wheels included.
    #[must_use]
    pub fn places(&self) -> Places {
        let mut places = Places::new();
        for body in &self.bodies {
            places.insert(body.id, (body.position, body.rotation()));
            if let Role::Robot(drive) = &body.role {
                for wheel in drive.wheels.iter().filter(|wheel| wheel.id != 0) {
                    places.insert(wheel.id, wheel.place());
                }
            }
        }
        places
    }

    /// What the sensors of a robot measure, by name.
    #[must_use]
    pub fn sense(&self, robot: NodeId) -> Vec<(String, Vec<f64>)> {
        let Some((index, body)) = self
            .bodies
            .iter()
            .enumerate()
            .find(|(_, body)| body.id == robot)
        else {
            return Vec::new();
        };
        let Role::Robot(drive) = &body.role else {
            return Vec::new();
        };
        let rotation = body.rotation();
        let sense = |sensor: &super::scene::Sensor| {
            let at = body.position + rotation.turn(sensor.translation);
            match &sensor.kind {
                SensorKind::Distance(table) => {
                    let reach = table.last().map_or(0.0, |(distance, _)| *distance);
                    let ray = rotation.turn(sensor.rotation.turn(Vec3::new(1.0, 0.0, 0.0)));
                    let distance = rays::distance(at, ray, reach, self, Some(index));
                    vec![rays::look_up(table, distance)]
                }
                SensorKind::Position => vec![at.x, at.y, at.z],
                SensorKind::Attitude => vec![0.0, 0.0, body.heading()],
                SensorKind::Touch => vec![f64::from(u8::from(drive.touching))],
            }
        };
        drive
            .sensors
            .iter()
            .map(|sensor| (sensor.name.clone(), sense(sensor)))
            .collect()
    }
}

#[cfg(test)]
#[path = "physics_tests.rs"]
mod tests;
