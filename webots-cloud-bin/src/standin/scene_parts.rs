//! Parts of solids and robots: hinges, sensors, and what can be touched.

use super::math::{Rotation, Vec3};
use super::scene::{Geometry, Item, Joint, Placed, Sensor, SensorKind};
use super::scene_build::Builder;
use super::scene_fields as fields;
use super::scene_looks::geometry;
use super::wbt::{Node, WbtError};

impl Builder {
    /// The end of a hinge, with the joint noted in it.
    pub(super) fn joint(&mut self, node: &Node) -> Result<Option<Item>, WbtError> {
        let Some(end) = fields::nodes(node, "endPoint").first() else {
            return Ok(None);
        };
        let mut item = self.item(end)?;
        let parameters = fields::nodes(node, "jointParameters").first();
        let motor = fields::nodes(node, "device")
            .iter()
            .find(|device| device.kind == "RotationalMotor");
        if let (Some(Item::Frame(frame)), Some(motor)) = (&mut item, motor) {
            let x = Vec3::new(1.0, 0.0, 0.0);
            frame.joint = Some(Joint {
                axis: parameters.map_or(x, |p| fields::vector(p, "axis", x)),
                anchor: parameters.map_or(Vec3::ZERO, |p| fields::vector(p, "anchor", Vec3::ZERO)),
                motor: fields::text(motor, "name").unwrap_or_else(|| "rotational motor".to_owned()),
                max_velocity: fields::number(motor, "maxVelocity", 10.0, 0.0, 1000.0),
            });
        }
        Ok(item)
    }

    /// A sensor and what is to be seen of it.
    pub(super) fn sensor<'a>(
        &mut self,
        node: &'a Node,
    ) -> Option<(Sensor, &'a [std::sync::Arc<Node>])> {
        let (kind, name) = match node.kind.as_str() {
            "DistanceSensor" => {
                let rows = fields::all_numbers(node, "lookupTable")
                    .chunks_exact(3)
                    .take(100);
                let mut table: Vec<_> = rows
                    .filter_map(|row| Some((*row.first()?, *row.get(1)?)))
                    .collect();
                if table.is_empty() {
                    table = vec![(0.0, 0.0), (0.1, 1000.0)];
                }
                (SensorKind::Distance(table), "distance sensor")
            }
            "GPS" => (SensorKind::Position, "gps"),
            "InertialUnit" => (SensorKind::Attitude, "inertial unit"),
            "TouchSensor" => (SensorKind::Touch, "touch sensor"),
            _ => return None,
        };
        let sensor = Sensor {
            name: fields::text(node, "name").unwrap_or_else(|| name.to_owned()),
            translation: fields::vector(node, "translation", Vec3::ZERO),
            rotation: fields::rotation(node, "rotation"),
            kind,
        };
        Some((sensor, fields::nodes(node, "children")))
    }

    pub(super) fn bounding(
        &mut self,
        node: &Node,
        at: Option<&Placed>,
        out: &mut Vec<Placed>,
    ) -> Result<(), WbtError> {
        self.count(node)?;
        let here = |geometry| match at {
            Some(at) => Placed {
                geometry,
                ..at.clone()
            },
            None => Placed {
                translation: Vec3::ZERO,
                rotation: Rotation::IDENTITY,
                geometry,
            },
        };
        match node.kind.as_str() {
            "Shape" => {
                if let Some(geometry) = fields::nodes(node, "geometry")
                    .first()
                    .and_then(|g| geometry(g))
                {
                    out.push(here(geometry));
                }
            }
            "Group" | "Transform" | "Pose" => {
                let base = here(Geometry::Sphere { radius: 1e-6 });
                let inner = Placed {
                    translation: base.translation
                        + base
                            .rotation
                            .turn(fields::vector(node, "translation", Vec3::ZERO)),
                    rotation: base.rotation.after(fields::rotation(node, "rotation")),
                    geometry: base.geometry,
                };
                for child in fields::nodes(node, "children") {
                    self.bounding(child, Some(&inner), out)?;
                }
            }
            _ => match geometry(node) {
                Some(geometry) => out.push(here(geometry)),
                None => self.warn(node, "this node in a boundingObject is passed over"),
            },
        }
        Ok(())
    }
}
