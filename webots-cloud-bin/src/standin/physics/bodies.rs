//! Bodies and walls, and how bodies move.

use super::super::math::{Rotation, Vec3};
use super::super::scene::{NodeId, Sensor};

/// Something that moves.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its node.
    pub id: NodeId,
    /// Its name after `DEF`.
    pub def: Option<String>,
    /// Where it is.
    pub position: Vec3,
    /// How fast it moves, metres a second.
    pub velocity: Vec3,
    /// The circle it touches with.
    pub radius: f64,
    /// Its lowest point.
    pub low: f64,
    /// Its highest point.
    pub high: f64,
    /// What it is.
    pub role: Role,
    pub(super) up: Vec3,
    /// How far it has turned since the start.
    pub(super) yaw: f64,
    pub(super) start: Rotation,
}

/// What a body is.
#[derive(Clone, Debug)]
pub enum Role {
    /// It drives.
    Robot(Drive),
    /// It is pushed.
    Loose {
        /// Its mass, kg.
        mass: f64,
        /// It rolls, and has rolled so far.
        roll: Option<Rotation>,
    },
}

/// What a robot drives and feels with.
#[derive(Clone, Debug)]
pub struct Drive {
    /// Its wheels.
    pub wheels: Vec<Wheel>,
    /// Its sensors.
    pub sensors: Vec<Sensor>,
    /// It touches something since the last step.
    pub touching: bool,
    pub(super) forward: Vec3,
    pub(super) axle: f64,
    pub(super) speed: f64,
    pub(super) turn: f64,
}

/// A wheel with its motor.
#[derive(Clone, Debug)]
pub struct Wheel {
    /// The node that turns; 0 where there is none to see.
    pub id: NodeId,
    /// The name of the motor.
    pub motor: String,
    /// It is on the left.
    pub left: bool,
    /// 1 where a positive speed drives forwards, else -1.
    pub sign: f64,
    pub(super) radius: f64,
    pub(super) limit: f64,
    pub(super) speed: f64,
    pub(super) angle: f64,
    pub(super) axis: Vec3,
    pub(super) translation: Vec3,
    pub(super) rotation: Rotation,
}

impl Wheel {
    /// Sets its speed, within its limit.
    pub fn set_speed(&mut self, speed: f64) {
        self.speed = if speed.is_finite() {
            speed.clamp(-self.limit, self.limit)
        } else {
            0.0
        };
    }

    pub(super) fn place(&self) -> (Vec3, Rotation) {
        (
            self.translation,
            Rotation::about(self.axis, self.angle).after(self.rotation),
        )
    }
}

/// Something that stands in the way.
#[derive(Clone, Debug)]
pub struct Wall {
    /// Its middle.
    pub center: Vec3,
    /// Its form from above.
    pub form: WallForm,
    /// Its lowest point.
    pub low: f64,
    /// Its highest point.
    pub high: f64,
}

/// The form of a wall from above.
#[derive(Clone, Copy, Debug)]
pub enum WallForm {
    /// A circle.
    Circle {
        /// Its radius.
        radius: f64,
    },
    /// A box along two level axes.
    Box {
        /// The first axis, of length 1.
        u: Vec3,
        /// The second axis, of length 1.
        v: Vec3,
        /// Half its size along the first.
        half_u: f64,
        /// Half its size along the second.
        half_v: f64,
    },
}

impl Body {
    /// Its direction now.
    #[must_use]
    pub fn rotation(&self) -> Rotation {
        match &self.role {
            Role::Loose {
                roll: Some(roll), ..
            } => roll.after(self.start),
            Role::Loose { roll: None, .. } | Role::Robot(_) => {
                Rotation::about(self.up, self.yaw).after(self.start)
            }
        }
    }

    /// The angle of its x axis about the vertical.
    #[must_use]
    pub fn heading(&self) -> f64 {
        let x = self.rotation().turn(Vec3::new(1.0, 0.0, 0.0));
        if self.up.y > 0.5 {
            (-x.z).atan2(x.x)
        } else {
            x.y.atan2(x.x)
        }
    }

    /// Speeds of the wheels to speeds of the body.
    pub(super) fn start_step(&mut self, dt: f64) {
        let Role::Robot(drive) = &mut self.role else {
            return;
        };
        drive.touching = false;
        let side = |left: bool| {
            let wheels = drive.wheels.iter().filter(|wheel| wheel.left == left);
            let (count, sum) = wheels.fold((0.0, 0.0), |(count, sum), wheel| {
                (count + 1.0, sum + wheel.speed * wheel.sign * wheel.radius)
            });
            if count > 0.0 { sum / count } else { 0.0 }
        };
        let (left, right) = (side(true), side(false));
        drive.speed = f64::midpoint(left, right);
        drive.turn = (right - left) / drive.axle;
        for wheel in &mut drive.wheels {
            wheel.angle = (wheel.angle + wheel.speed * dt) % std::f64::consts::TAU;
        }
    }

    /// Into how many parts a step must be cut so that it does not jump over things.
    pub(super) fn parts_wanted(&self, dt: f64) -> f64 {
        let speed = match &self.role {
            Role::Robot(drive) => drive.speed.abs(),
            Role::Loose { .. } => self.velocity.length(),
        };
        speed * dt / (self.radius * 0.5).max(0.005)
    }

    pub(super) fn advance(&mut self, dt: f64) {
        let farthest = self.radius.max(0.01) / dt.max(1e-6);
        match &mut self.role {
            Role::Robot(drive) => {
                let half = drive.turn * dt / 2.0;
                self.yaw += half;
                let forward =
                    Rotation::about(self.up, self.yaw).turn(self.start.turn(drive.forward));
                let level = forward - self.up * forward.dot(self.up);
                self.velocity = level * drive.speed.clamp(-farthest, farthest);
                self.position = self.position + self.velocity * dt;
                self.yaw = (self.yaw + half) % std::f64::consts::TAU;
            }
            Role::Loose { roll, .. } => {
                if self.velocity.length() > farthest {
                    self.velocity = self.velocity.unit().unwrap_or_default() * farthest;
                }
                self.position = self.position + self.velocity * dt;
                if let Some(roll) = roll {
                    let axis = self.up.cross(self.velocity);
                    *roll = Rotation::about(axis, self.velocity.length() * dt / self.radius)
                        .after(*roll);
                }
                // A ball rolls on for a while, a box does not.
                let friction = if roll.is_some() { 0.6 } else { 6.0 };
                self.velocity = self.velocity * (-friction * dt).exp();
                if self.velocity.length() < 1e-3 {
                    self.velocity = Vec3::ZERO;
                }
            }
        }
    }
}
