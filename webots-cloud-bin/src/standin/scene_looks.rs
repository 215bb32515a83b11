//! Forms, colours and lamps of a world.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use super::math::Vec3;
use super::number;
use super::scene::{Appearance, Geometry, Light, NodeId, Up};
use super::scene_fields as fields;
use super::wbt::Node;

/// A form, where it is one of those that are known.
pub(super) fn geometry(node: &Node) -> Option<Geometry> {
    let size = |name, default| fields::number(node, name, default, 1e-6, 1e6);
    Some(match node.kind.as_str() {
        "Box" => {
            let v = fields::vector(node, "size", Vec3::new(0.1, 0.1, 0.1));
            Geometry::Box(Vec3::new(v.x.abs(), v.y.abs(), v.z.abs()))
        }
        "Sphere" => Geometry::Sphere {
            radius: size("radius", 0.1),
        },
        "Cylinder" => Geometry::Cylinder {
            radius: size("radius", 0.1),
            height: size("height", 0.2),
        },
        "Capsule" => Geometry::Capsule {
            radius: size("radius", 0.1),
            height: size("height", 0.2),
        },
        "Cone" => Geometry::Cone {
            radius: size("bottomRadius", 0.1),
            height: size("height", 0.2),
        },
        "Plane" => {
            let [x, y] = fields::pair(node, "size", 1.0);
            Geometry::Plane { x, y }
        }
        _ => return None,
    })
}

/// How a shape looks, from an old appearance or one of today.
pub(super) fn appearance(node: Option<&Node>) -> Appearance {
    let mut look = Appearance {
        color: Vec3::new(1.0, 1.0, 1.0),
        emissive: Vec3::ZERO,
        transparency: 0.0,
        roughness: 1.0,
        metalness: 0.0,
        texture: None,
    };
    let Some(node) = node else {
        return look;
    };
    // An old Appearance has its colours in a Material, a PBRAppearance has them itself.
    let pbr = node.kind == "PBRAppearance";
    let material = if pbr {
        Some(node)
    } else {
        fields::nodes(node, "material").first().map(AsRef::as_ref)
    };
    if let Some(material) = material {
        let (name, default) = if pbr {
            ("baseColor", look.color)
        } else {
            ("diffuseColor", Vec3::new(0.8, 0.8, 0.8))
        };
        look.color = fields::color(material, name, default);
        look.emissive = fields::color(material, "emissiveColor", Vec3::ZERO);
        look.transparency = fields::number(material, "transparency", 0.0, 0.0, 1.0);
    }
    if pbr {
        look.roughness = fields::number(node, "roughness", 0.0, 0.0, 1.0);
        look.metalness = fields::number(node, "metalness", 1.0, 0.0, 1.0);
    }
    let picture = fields::nodes(node, if pbr { "baseColorMap" } else { "texture" }).first();
    look.texture = picture.and_then(|picture| fields::text(picture, "url"));
    look
}

/// A lamp with its number; its attributes are those of X3D.
pub(super) fn light(node: &Node, id: NodeId, up: Up) -> Option<Light> {
    let white = Vec3::new(1.0, 1.0, 1.0);
    let down = up.axis() * -1.0;
    let mut attributes = vec![
        ("on", fields::flag(node, "on", true).to_string()),
        ("color", number::vector(fields::color(node, "color", white))),
        (
            "intensity",
            number::six(fields::number(node, "intensity", 1.0, 0.0, 1e6)),
        ),
        (
            "ambientIntensity",
            number::six(fields::number(node, "ambientIntensity", 0.0, 0.0, 1.0)),
        ),
        (
            "castShadows",
            fields::flag(node, "castShadows", false).to_string(),
        ),
    ];
    let direction = (
        "direction",
        number::vector(fields::vector(node, "direction", down)),
    );
    let place = [
        (
            "location",
            number::vector(fields::vector(node, "location", Vec3::ZERO)),
        ),
        (
            "attenuation",
            number::vector(fields::vector(
                node,
                "attenuation",
                Vec3::new(1.0, 0.0, 0.0),
            )),
        ),
        (
            "radius",
            number::six(fields::number(node, "radius", 100.0, 0.0, 1e6)),
        ),
    ];
    let kind = match node.kind.as_str() {
        "DirectionalLight" => {
            attributes.push(direction);
            "DirectionalLight"
        }
        "PointLight" => {
            attributes.extend(place);
            "PointLight"
        }
        "SpotLight" => {
            attributes.push(direction);
            attributes.extend(place);
            let angle = |name, default| number::six(fields::number(node, name, default, 0.0, 3.0));
            attributes.push(("beamWidth", angle("beamWidth", FRAC_PI_2)));
            attributes.push(("cutOffAngle", angle("cutOffAngle", FRAC_PI_4)));
            "SpotLight"
        }
        _ => return None,
    };
    Some(Light {
        id,
        kind,
        attributes,
    })
}
