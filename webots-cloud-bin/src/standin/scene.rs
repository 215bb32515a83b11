//! A world with meaning: what the stand-in shows and moves.

use super::math::{Rotation, Vec3};

pub use super::looks::{Appearance, Geometry, Light, Shape};

/// The number of a node, unique within a world; clients know it as `n<number>` (W3.3).
pub type NodeId = u32;

/// Which coordinate points up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Up {
    /// ENU, the default since R2022a.
    Z,
    /// NUE, the default before.
    Y,
}

impl Up {
    /// The unit vector upwards.
    #[must_use]
    pub const fn axis(self) -> Vec3 {
        match self {
            Self::Z => Vec3::new(0.0, 0.0, 1.0),
            Self::Y => Vec3::new(0.0, 1.0, 0.0),
        }
    }
}

/// A world.
#[derive(Clone, Debug)]
pub struct Scene {
    /// `WorldInfo.title`.
    pub title: String,
    /// `WorldInfo.info`, line by line.
    pub info: Vec<String>,
    /// `WorldInfo.window`.
    pub window: String,
    /// Simulated milliseconds a step.
    pub time_step: f64,
    /// The most updates a second of wall time.
    pub fps: f64,
    /// Which way is up.
    pub up: Up,
    /// The camera of the user.
    pub viewpoint: Viewpoint,
    /// The root nodes that are shown.
    pub items: Vec<Item>,
    /// What was passed over.
    pub warnings: Vec<String>,
}

/// The camera of the user.
#[derive(Clone, Debug)]
pub struct Viewpoint {
    /// Its number.
    pub id: NodeId,
    /// Where it stands.
    pub position: Vec3,
    /// Where it looks.
    pub orientation: Rotation,
    /// The angle it sees, radians.
    pub field_of_view: f64,
}

/// A node that is shown.
#[derive(Clone, Debug)]
pub enum Item {
    /// The colour of the sky.
    Background {
        /// Its number.
        id: NodeId,
        /// The colour.
        sky: Vec3,
        /// How bright it is.
        luminosity: f64,
    },
    /// A lamp.
    Light(Light),
    /// A frame with children.
    Frame(Box<Frame>),
    /// Something to see.
    Shape(Shape),
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// `Group`: no place of its own.
    Group,
    /// `Pose` or `Transform`.
    Pose,
    /// `Solid`: something that can be touched.
    Solid,
    /// `Robot`: a solid with a controller.
    Robot,
}

/// A node with a place and children.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its number.
    pub id: NodeId,
    /// What it is.
    pub kind: FrameKind,
    /// Its name after `DEF`.
    pub def: Option<String>,
    /// Its `name`.
    pub name: String,
    /// Its place in its parent.
    pub translation: Vec3,
    /// Its direction in its parent.
    pub rotation: Rotation,
    /// Its size.
    pub scale: Vec3,
    /// What is in it.
    pub children: Vec<Item>,
    /// What of it can be touched.
    pub bounding: Vec<Placed>,
    /// Its mass in kg, where it has `physics` and so moves when pushed.
    pub mass: Option<f64>,
    /// Its sensors.
    pub sensors: Vec<Sensor>,
    /// How it hangs on its parent, where it is a wheel.
    pub joint: Option<Joint>,
    /// What it has as a robot.
    pub robot: Option<RobotFields>,
}

/// What only robots have.
#[derive(Clone, Debug, Default)]
pub struct RobotFields {
    /// The name of its controller; empty is none.
    pub controller: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// May it see and move the others?
    pub supervisor: bool,
    /// A text for the controller.
    pub custom_data: String,
    /// Its robot window.
    pub window: String,
}

/// A motor that turns a solid: the joint of a wheel.
#[derive(Clone, Debug)]
pub struct Joint {
    /// The axis in the parent's frame.
    pub axis: Vec3,
    /// A point on the axis in the parent's frame.
    pub anchor: Vec3,
    /// The name of the motor.
    pub motor: String,
    /// Its greatest speed, radians a second.
    pub max_velocity: f64,
}

/// What a sensor measures.
#[derive(Clone, Debug, PartialEq)]
pub enum SensorKind {
    /// The distance to what stands in front of it: pairs of metres and values.
    Distance(Vec<(f64, f64)>),
    /// Its position.
    Position,
    /// Roll, pitch and yaw; here only the last differs from 0.
    Attitude,
    /// 1 if the robot touches something.
    Touch,
}

/// A sensor of a robot.
#[derive(Clone, Debug)]
pub struct Sensor {
    /// Its `name`.
    pub name: String,
    /// Its place in the robot.
    pub translation: Vec3,
    /// Its direction in the robot: it looks along its x axis.
    pub rotation: Rotation,
    /// What it measures.
    pub kind: SensorKind,
}

/// A form at a place: a part of what can be touched.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its place.
    pub translation: Vec3,
    /// Its direction.
    pub rotation: Rotation,
    /// Its form.
    pub geometry: Geometry,
}

impl Scene {
    /// The frames at the root, also those in groups there.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        fn walk<'a>(items: &'a [Item], frames: &mut Vec<&'a Frame>) {
            for item in items {
                if let Item::Frame(frame) = item {
                    if frame.kind == FrameKind::Group {
                        walk(&frame.children, frames);
                    } else {
                        frames.push(frame);
                    }
                }
            }
        }
        let mut frames = Vec::new();
        walk(&self.items, &mut frames);
        frames.into_iter()
    }

    /// Its robots.
    pub fn robots(&self) -> impl Iterator<Item = (&Frame, &RobotFields)> {
        self.frames()
            .filter_map(|frame| frame.robot.as_ref().map(|robot| (frame, robot)))
    }
}
