//! How a scene describes bodies and walls.

use super::super::math::{Rotation, Vec3};
use super::super::scene::{Frame, FrameKind, Geometry, Item, Placed, Scene, Up};
use super::bodies::{Body, Drive, Role, Wall, WallForm, Wheel};
use super::{MAX_BODIES, MAX_WALLS};

/// A part of a body or wall, seen from above.
struct Extent {
    center: Vec3,
    rotation: Rotation,
    /// Half sizes along its own axes.
    half: Vec3,
    round: bool,
}

impl Extent {
    fn new(part: &Placed, at: Vec3, turned: Rotation, up: Up) -> Option<Self> {
        let standing = |radius: f64, height: f64| match up {
            Up::Z => Vec3::new(radius, radius, height / 2.0),
            Up::Y => Vec3::new(radius, height / 2.0, radius),
        };
        let (half, round) = match part.geometry {
            Geometry::Box(size) => (size * 0.5, false),
            Geometry::Sphere { radius } => (Vec3::new(radius, radius, radius), true),
            Geometry::Cylinder { radius, height } | Geometry::Cone { radius, height } => {
                (standing(radius, height), true)
            }
            Geometry::Capsule { radius, height } => (standing(radius, height + 2.0 * radius), true),
            Geometry::Plane { .. } => return None,
        };
        let rotation = turned.after(part.rotation);
        Some(Self {
            center: at + turned.turn(part.translation),
            rotation,
            half,
            round,
        })
    }

    /// Half its size along a direction.
    fn reach(&self, direction: Vec3) -> f64 {
        let along = |axis: Vec3, half: f64| self.rotation.turn(axis).dot(direction).abs() * half;
        along(Vec3::new(1.0, 0.0, 0.0), self.half.x)
            + along(Vec3::new(0.0, 1.0, 0.0), self.half.y)
            + along(Vec3::new(0.0, 0.0, 1.0), self.half.z)
    }

    fn wall(&self, up: Up) -> Wall {
        let axis = up.axis();
        let upright = self.rotation.turn(axis).dot(axis).abs() > 0.99;
        let (first, second) = match up {
            Up::Z => (Vec3::new(1.0, 0.0, 0.0), Vec3::new(0.0, 1.0, 0.0)),
            Up::Y => (Vec3::new(1.0, 0.0, 0.0), Vec3::new(0.0, 0.0, 1.0)),
        };
        let (u, v) = if upright {
            (self.rotation.turn(first), self.rotation.turn(second))
        } else {
            (first, second)
        };
        let form = if self.round && upright {
            WallForm::Circle {
                radius: self.half.x,
            }
        } else {
            WallForm::Box {
                u,
                v,
                half_u: self.reach(u),
                half_v: self.reach(v),
            }
        };
        let (middle, height) = (self.center.dot(axis), self.reach(axis));
        Wall {
            center: self.center,
            form,
            low: middle - height,
            high: middle + height,
        }
    }
}

/// All bodies and walls of a scene.
pub(super) fn extract(scene: &Scene) -> (Vec<Body>, Vec<Wall>, Vec<String>) {
    let (mut bodies, mut walls, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    for frame in scene.frames() {
        if frame.kind == FrameKind::Robot
            || (frame.kind == FrameKind::Solid && frame.mass.is_some())
        {
            if bodies.len() < MAX_BODIES {
                bodies.push(body(frame, scene.up));
            } else {
                warnings.push(format!(
                    "more than {MAX_BODIES} moving bodies: {} stands still",
                    frame.name
                ));
            }
        } else {
            static_walls(frame, Vec3::ZERO, Rotation::IDENTITY, scene.up, &mut walls);
        }
    }
    if walls.len() > MAX_WALLS {
        warnings.push(format!(
            "more than {MAX_WALLS} obstacles: the others can be passed through"
        ));
        walls.truncate(MAX_WALLS);
    }
    (bodies, walls, warnings)
}

fn static_walls(frame: &Frame, at: Vec3, turned: Rotation, up: Up, walls: &mut Vec<Wall>) {
    let here = at + turned.turn(frame.translation);
    let rotation = turned.after(frame.rotation);
    walls.extend(
        frame
            .bounding
            .iter()
            .filter_map(|part| Extent::new(part, here, rotation, up))
            .map(|e| e.wall(up)),
    );
    for child in &frame.children {
        if let Item::Frame(child) = child {
            static_walls(child, here, rotation, up, walls);
        }
    }
}

/// The parts a body is touched by; what one sees of it where it does not say.
fn parts(frame: &Frame) -> Vec<Placed> {
    if !frame.bounding.is_empty() {
        return frame.bounding.clone();
    }
    let shapes = frame.children.iter().filter_map(|item| match item {
        Item::Shape(shape) => Some(shape.geometry),
        Item::Background { .. } | Item::Light(_) | Item::Frame(_) => None,
    });
    shapes
        .map(|geometry| Placed {
            translation: Vec3::ZERO,
            rotation: Rotation::IDENTITY,
            geometry,
        })
        .collect()
}

fn body(frame: &Frame, up: Up) -> Body {
    let axis = up.axis();
    let extents: Vec<_> = parts(frame)
        .iter()
        .filter_map(|part| Extent::new(part, frame.translation, frame.rotation, up))
        .collect();
    let (mut low, mut high, mut radius) = (f64::INFINITY, f64::NEG_INFINITY, 0.0_f64);
    for extent in &extents {
        let wall = extent.wall(up);
        (low, high) = (low.min(wall.low), high.max(wall.high));
        let offset = wall.center - frame.translation;
        let offset = (offset - axis * offset.dot(axis)).length();
        radius = radius.max(match wall.form {
            WallForm::Circle { radius } => offset + radius,
            WallForm::Box { half_u, half_v, .. } => offset + f64::midpoint(half_u, half_v),
        });
    }
    if extents.is_empty() {
        let height = frame.translation.dot(axis);
        (low, high, radius) = (height - 0.05, height + 0.05, 0.05);
    }
    let radius = radius.max(1e-3);
    let role = if frame.kind == FrameKind::Robot {
        Role::Robot(drive(frame, radius, axis))
    } else {
        let ball = matches!(
            parts(frame).as_slice(),
            [Placed {
                geometry: Geometry::Sphere { .. },
                ..
            }]
        );
        Role::Loose {
            mass: frame.mass.unwrap_or(1.0),
            roll: ball.then_some(Rotation::IDENTITY),
        }
    };
    Body {
        id: frame.id,
        def: frame.def.clone(),
        position: frame.translation,
        velocity: Vec3::ZERO,
        radius,
        low,
        high,
        role,
        up: axis,
        yaw: 0.0,
        start: frame.rotation,
    }
}

/// Wheels are hinges with a motor at the left and right of the robot; a robot without any gets two
/// that cannot be seen, `left wheel motor` and `right wheel motor`.
fn drive(frame: &Frame, radius: f64, up: Vec3) -> Drive {
    let mut forward = None;
    let mut wheels = Vec::new();
    let (mut left_most, mut right_most) = (0.0_f64, 0.0_f64);
    for item in &frame.children {
        let Item::Frame(end) = item else { continue };
        let Some(joint) = &end.joint else { continue };
        let Some(axis) = joint.axis.unit() else {
            continue;
        };
        // A wheel that turns about its axis rolls along axis x up.
        let Some(rolls) = axis.cross(up).unit() else {
            continue;
        };
        let forward = *forward.get_or_insert(rolls);
        let aside = up.cross(forward).dot(joint.anchor);
        (left_most, right_most) = (left_most.max(aside), right_most.min(aside));
        let round = parts(end).iter().find_map(|part| match part.geometry {
            Geometry::Cylinder { radius, .. }
            | Geometry::Capsule { radius, .. }
            | Geometry::Sphere { radius } => Some(radius),
            Geometry::Box(_) | Geometry::Cone { .. } | Geometry::Plane { .. } => None,
        });
        wheels.push(Wheel {
            id: end.id,
            motor: joint.motor.clone(),
            left: aside > 0.0,
            sign: if rolls.dot(forward) < 0.0 { -1.0 } else { 1.0 },
            radius: round.unwrap_or(0.025),
            limit: joint.max_velocity,
            speed: 0.0,
            angle: 0.0,
            axis,
            translation: end.translation,
            rotation: end.rotation,
        });
    }
    let mut axle = left_most - right_most;
    if wheels.is_empty() {
        axle = 2.0 * radius;
        wheels = ["left wheel motor", "right wheel motor"]
            .map(|name| plain_wheel(name, axle / 4.0))
            .into();
    }
    let forward = forward.unwrap_or(Vec3::new(1.0, 0.0, 0.0));
    Drive {
        wheels,
        sensors: frame.sensors.clone(),
        touching: false,
        forward,
        axle: axle.max(0.01),
        speed: 0.0,
        turn: 0.0,
    }
}

fn plain_wheel(motor: &str, radius: f64) -> Wheel {
    Wheel {
        id: 0,
        motor: motor.to_owned(),
        left: motor.starts_with("left"),
        sign: 1.0,
        radius,
        limit: 10.0,
        speed: 0.0,
        angle: 0.0,
        axis: Vec3::new(0.0, 1.0, 0.0),
        translation: Vec3::ZERO,
        rotation: Rotation::IDENTITY,
    }
}
