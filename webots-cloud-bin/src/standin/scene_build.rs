//! From the tree of a world's text to a [`Scene`].

use std::f64::consts::FRAC_PI_4;

use super::math::Vec3;
use super::scene::{Frame, FrameKind, Item, NodeId, RobotFields, Scene, Shape, Up, Viewpoint};
use super::scene_fields as fields;
use super::scene_looks::{self, appearance, geometry};
use super::wbt::{self, MAX_NODES, MAX_WARNINGS, Node, ParsedWorld, WbtError};

/// The most robots in a world: each may be a process.
pub const MAX_ROBOTS: usize = 64;

/// Reads a world: text in, scene out, and nothing else happens.
///
/// # Errors
/// Where the text is no world, or passes a limit; with line and column.
pub fn read(text: &str) -> Result<Scene, WbtError> {
    build(wbt::parse(text)?)
}

fn build(world: ParsedWorld) -> Result<Scene, WbtError> {
    let old = matches!(
        world
            .version
            .get(1..5)
            .and_then(|year| year.parse::<u32>().ok()),
        Some(..2022)
    );
    let info = world.nodes.iter().find(|node| node.kind == "WorldInfo");
    let up = match info
        .and_then(|info| fields::text(info, "coordinateSystem"))
        .as_deref()
    {
        Some("NUE" | "EUN") => Up::Y,
        None if old => Up::Y,
        _ => Up::Z,
    };
    let mut builder = Builder {
        next: 0,
        up,
        warnings: world.warnings,
        robots: 0,
        made: 0,
    };
    let mut scene = Scene {
        title: String::new(),
        info: Vec::new(),
        window: String::new(),
        time_step: 32.0,
        fps: 60.0,
        up,
        viewpoint: Viewpoint {
            id: 0,
            position: Vec3::new(-10.0, 0.0, 0.0),
            orientation: super::math::Rotation::IDENTITY,
            field_of_view: FRAC_PI_4,
        },
        items: Vec::new(),
        warnings: Vec::new(),
    };
    builder.next = 1; // number 1 is the WorldInfo
    for node in &world.nodes {
        match node.kind.as_str() {
            "WorldInfo" => {
                scene.title = fields::text(node, "title").unwrap_or_default();
                scene.info = fields::texts(node, "info");
                scene.window = fields::text(node, "window").unwrap_or_default();
                scene.time_step = fields::number(node, "basicTimeStep", 32.0, 1.0, 1000.0);
                scene.fps = fields::number(node, "FPS", 60.0, 1.0, 120.0);
            }
            "Viewpoint" => {
                scene.viewpoint = Viewpoint {
                    id: builder.id(),
                    position: fields::vector(node, "position", Vec3::new(-10.0, 0.0, 0.0)),
                    orientation: fields::rotation(node, "orientation"),
                    field_of_view: fields::number(node, "fieldOfView", FRAC_PI_4, 0.01, 3.0),
                };
            }
            _ => scene.items.extend(builder.item(node)?),
        }
    }
    if scene.viewpoint.id == 0 {
        scene.viewpoint.id = builder.id();
    }
    scene.warnings = builder.warnings;
    Ok(scene)
}

pub(super) struct Builder {
    next: NodeId,
    up: Up,
    warnings: Vec<String>,
    robots: usize,
    made: usize,
}

impl Builder {
    fn id(&mut self) -> NodeId {
        self.next += 1;
        self.next
    }

    pub(super) fn warn(&mut self, node: &Node, what: &str) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings
                .push(format!("{}:1: {what}: {}", node.line, node.kind));
        }
    }

    /// Counts every node that is made, so that `USE` of `USE` cannot multiply without end.
    pub(super) fn count(&mut self, node: &Node) -> Result<(), WbtError> {
        self.made += 1;
        if self.made > MAX_NODES {
            let message = format!("more than {MAX_NODES} nodes in a world, those of USE counted");
            return Err(WbtError {
                line: node.line,
                column: 1,
                message,
            });
        }
        Ok(())
    }

    pub(super) fn item(&mut self, node: &Node) -> Result<Option<Item>, WbtError> {
        self.count(node)?;
        let kind = match node.kind.as_str() {
            "Group" => FrameKind::Group,
            "Transform" | "Pose" => FrameKind::Pose,
            "Solid" => FrameKind::Solid,
            "Robot" => FrameKind::Robot,
            "Shape" => return Ok(self.shape(node).map(Item::Shape)),
            "HingeJoint" => return self.joint(node),
            "Background" => {
                let sky = fields::color(node, "skyColor", Vec3::ZERO);
                let luminosity = fields::number(node, "luminosity", 1.0, 0.0, 100.0);
                return Ok(Some(Item::Background {
                    id: self.id(),
                    sky,
                    luminosity,
                }));
            }
            "DirectionalLight" | "PointLight" | "SpotLight" => {
                return Ok(scene_looks::light(node, self.id(), self.up).map(Item::Light));
            }
            _ => {
                self.warn(node, "this node is passed over");
                return Ok(None);
            }
        };
        self.frame(node, kind)
            .map(|frame| Some(Item::Frame(Box::new(frame))))
    }

    fn frame(&mut self, node: &Node, kind: FrameKind) -> Result<Frame, WbtError> {
        let solid = matches!(kind, FrameKind::Solid | FrameKind::Robot);
        let id = self.id();
        let mut frame = Frame {
            id,
            kind,
            def: node.def.clone(),
            name: fields::text(node, "name").unwrap_or_else(|| match kind {
                FrameKind::Robot => "robot".to_owned(),
                FrameKind::Solid => "solid".to_owned(),
                FrameKind::Group | FrameKind::Pose => String::new(),
            }),
            translation: fields::vector(node, "translation", Vec3::ZERO),
            rotation: fields::rotation(node, "rotation"),
            scale: fields::vector(node, "scale", Vec3::new(1.0, 1.0, 1.0)),
            children: Vec::new(),
            bounding: Vec::new(),
            mass: None,
            sensors: Vec::new(),
            joint: None,
            robot: None,
        };
        for child in fields::nodes(node, "children") {
            match self.sensor(child) {
                Some((sensor, inside)) => {
                    frame.sensors.push(sensor);
                    for item in inside {
                        frame.children.extend(self.item(item)?);
                    }
                }
                None => frame.children.extend(self.item(child)?),
            }
        }
        if solid {
            for part in fields::nodes(node, "boundingObject") {
                self.bounding(part, None, &mut frame.bounding)?;
            }
            frame.mass = fields::nodes(node, "physics").first().map(|physics| {
                let mass = fields::number(physics, "mass", -1.0, -1.0, 1e6);
                if mass > 0.0 { mass } else { 1.0 }
            });
        }
        if kind == FrameKind::Robot {
            self.robots += 1;
            if self.robots > MAX_ROBOTS {
                let message = format!("more than {MAX_ROBOTS} robots in a world");
                return Err(WbtError {
                    line: node.line,
                    column: 1,
                    message,
                });
            }
            frame.robot = Some(RobotFields {
                controller: fields::text(node, "controller")
                    .unwrap_or_else(|| "<generic>".to_owned()),
                arguments: fields::texts(node, "controllerArgs"),
                supervisor: fields::flag(node, "supervisor", false),
                custom_data: fields::text(node, "customData").unwrap_or_default(),
                window: fields::text(node, "window").unwrap_or_default(),
            });
        }
        Ok(frame)
    }

    fn shape(&mut self, node: &Node) -> Option<Shape> {
        let form = fields::nodes(node, "geometry").first()?;
        let Some(geometry) = geometry(form) else {
            self.warn(form, "this geometry is passed over");
            return None;
        };
        Some(Shape {
            id: self.id(),
            cast_shadows: fields::flag(node, "castShadows", true),
            appearance_id: self.id(),
            appearance: appearance(fields::nodes(node, "appearance").first().map(AsRef::as_ref)),
            geometry_id: self.id(),
            geometry,
        })
    }
}

#[cfg(test)]
#[path = "scene_tests.rs"]
mod tests;
