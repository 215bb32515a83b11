//! What is seen of a world: shapes, colours and lamps.

use super::math::Vec3;
use super::scene::NodeId;

/// A lamp.
#[derive(Clone, Debug)]
pub struct Light {
    /// Its number.
    pub id: NodeId,
    /// `DirectionalLight`, `PointLight` or `SpotLight`.
    pub kind: &'static str,
    /// Its attributes in X3D, checked: name and value.
    pub attributes: Vec<(&'static str, String)>,
}

/// Something to see.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its number.
    pub id: NodeId,
    /// Does it throw a shadow?
    pub cast_shadows: bool,
    /// The number of its appearance.
    pub appearance_id: NodeId,
    /// How it looks.
    pub appearance: Appearance,
    /// The number of its form.
    pub geometry_id: NodeId,
    /// Its form.
    pub geometry: Geometry,
}

/// How a shape looks.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// Its colour.
    pub color: Vec3,
    /// The colour it shines with.
    pub emissive: Vec3,
    /// 0 is opaque.
    pub transparency: f64,
    /// 0 is a mirror.
    pub roughness: f64,
    /// 1 is metal.
    pub metalness: f64,
    /// A picture: a file of the project or a URL.
    pub texture: Option<String>,
}

/// The form of a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Geometry {
    /// A box of this size.
    Box(Vec3),
    /// A sphere.
    Sphere {
        /// Its radius.
        radius: f64,
    },
    /// A cylinder along z (along y where y is up).
    Cylinder {
        /// Its radius.
        radius: f64,
        /// Its height.
        height: f64,
    },
    /// A cylinder with round ends.
    Capsule {
        /// Its radius.
        radius: f64,
        /// The height without the ends.
        height: f64,
    },
    /// A cone.
    Cone {
        /// The radius of its base.
        radius: f64,
        /// Its height.
        height: f64,
    },
    /// A plane of this size.
    Plane {
        /// Its first side.
        x: f64,
        /// Its second side.
        y: f64,
    },
}
