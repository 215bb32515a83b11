//! A scene as X3D, in the form that stock clients take (W3.3, W3.12).

use std::fmt::Write as _;

use super::math::{Rotation, Vec3};
use super::number::{six, vector};
use super::options::Dialect;
use super::physics::Places;
use super::scene::{Appearance, Frame, FrameKind, Geometry, Item, Scene, Shape, Up};

/// The document of the `model:` frame.
///
/// Clients of 2018 take what lies between a line `<Scene>` and `</Scene>`, later ones read the whole
/// as XML. Both an old `Appearance` and a `PBRAppearance` are given, as Webots does: each client
/// takes the one it knows. What has moved stands where `places` says.
#[must_use]
pub fn document(scene: &Scene, dialect: Dialect, places: &Places) -> String {
    let mut writer = Writer {
        out: String::with_capacity(4096),
        turned: turned(scene, dialect),
        places,
    };
    writer.out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x3d version=\"3.0\" profile=\"Immersive\">\n\
         <head>\n<meta name=\"generator\" content=\"webots-cloud stand-in\" />\n",
    );
    let version = match dialect {
        Dialect::Legacy => "R2021b",
        Dialect::Modern => "R2023b",
    };
    writer.add(format_args!(
        "<meta name=\"version\" content=\"{version}\" />\n</head>\n<Scene>\n"
    ));
    let system = match scene.up {
        Up::Z => "ENU",
        Up::Y => "NUE",
    };
    writer.add(format_args!(
        "<WorldInfo id='n1' title='{}' info='{}' window='{}' basicTimeStep='{}' coordinateSystem='{system}'></WorldInfo>\n",
        escaped(&scene.title),
        escaped(&scene.info.join("\n")),
        escaped(&scene.window),
        six(scene.time_step),
    ));
    let view = &scene.viewpoint;
    let looks = match writer.turned {
        true => view.orientation.after(old_camera()),
        false => view.orientation,
    };
    let (axis, angle) = looks.axis_angle();
    writer.add(format_args!(
        "<Viewpoint id='n{}' orientation='{} {}' position='{}' fieldOfView='{}' exposure='1' \
         bloomThreshold='21' zNear='0.05' zFar='0' followSmoothness='0.5'></Viewpoint>\n",
        view.id,
        vector(axis),
        six(angle),
        vector(view.position),
        six(view.field_of_view),
    ));
    for item in &scene.items {
        writer.item(item);
    }
    writer.out.push_str("</Scene>\n</x3d>\n");
    writer.out
}

/// Clients before 2022 draw cylinders along y and planes facing y, so a world that was made for z
/// needs each of them turned.
fn turned(scene: &Scene, dialect: Dialect) -> bool {
    match (scene.up, dialect) {
        (Up::Z, Dialect::Legacy) => true,
        (Up::Z, Dialect::Modern) | (Up::Y, Dialect::Legacy | Dialect::Modern) => false,
    }
}

/// The cameras of clients before 2022 look along -z with y above, those of today along x with z above.
fn old_camera() -> Rotation {
    Rotation::about(Vec3::new(1.0, -1.0, -1.0), std::f64::consts::TAU / 3.0)
}

struct Writer<'a> {
    out: String,
    turned: bool,
    places: &'a Places,
}

impl Writer<'_> {
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(text);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Background {
                id,
                sky,
                luminosity,
            } => self.add(format_args!(
                "<Background id='n{id}' skyColor='{}' luminosity='{}'></Background>\n",
                vector(*sky),
                six(*luminosity)
            )),
            Item::Light(light) => {
                self.add(format_args!("<{} id='n{}'", light.kind, light.id));
                for (name, value) in &light.attributes {
                    self.add(format_args!(" {name}='{value}'"));
                }
                self.add(format_args!("></{}>\n", light.kind));
            }
            Item::Frame(frame) => self.frame(frame),
            Item::Shape(shape) => self.shape(shape),
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let (tag, kind) = match frame.kind {
            FrameKind::Group => ("Group", ""),
            FrameKind::Pose => ("Transform", ""),
            FrameKind::Solid => ("Transform", " solid='true' type='solid'"),
            FrameKind::Robot => ("Transform", " solid='true' type='robot'"),
        };
        self.add(format_args!("<{tag} id='n{}'{kind}", frame.id));
        if let Some(robot) = &frame.robot {
            self.add(format_args!(" controller='{}'", escaped(&robot.controller)));
            if !robot.window.is_empty() {
                self.add(format_args!(" window='{}'", escaped(&robot.window)));
            }
        }
        if !frame.name.is_empty() {
            self.add(format_args!(" name='{}'", escaped(&frame.name)));
        }
        if frame.kind != FrameKind::Group {
            let start = (frame.translation, frame.rotation);
            let (translation, rotation) = self.places.get(&frame.id).copied().unwrap_or(start);
            let (axis, angle) = rotation.axis_angle();
            self.add(format_args!(
                " translation='{}' rotation='{} {}' scale='{}'",
                vector(translation),
                vector(axis),
                six(angle),
                vector(frame.scale)
            ));
        }
        self.out.push_str(">\n");
        for child in &frame.children {
            self.item(child);
        }
        self.add(format_args!("</{tag}>\n"));
    }

    fn shape(&mut self, shape: &Shape) {
        let turn = self.turned
            && match shape.geometry {
                Geometry::Box(_) | Geometry::Sphere { .. } => false,
                Geometry::Cylinder { .. }
                | Geometry::Capsule { .. }
                | Geometry::Cone { .. }
                | Geometry::Plane { .. } => true,
            };
        if turn {
            self.out.push_str("<Transform rotation='1 0 0 1.5708'>\n");
        }
        self.add(format_args!(
            "<Shape id='n{}' castShadows='{}'>\n",
            shape.id, shape.cast_shadows
        ));
        self.appearance(&shape.appearance, shape.appearance_id);
        self.geometry(&shape.geometry, shape.geometry_id);
        self.out.push_str("</Shape>\n");
        if turn {
            self.out.push_str("</Transform>\n");
        }
    }

    fn appearance(&mut self, look: &Appearance, id: u32) {
        let texture = look.texture.as_ref().map_or_else(String::new, |url| {
            format!(
                "<ImageTexture url='\"{}\"' isTransparent='false'></ImageTexture>",
                escaped(url)
            )
        });
        let (color, emissive) = (vector(look.color), vector(look.emissive));
        let transparency = six(look.transparency);
        self.add(format_args!(
            "<Appearance><Material diffuseColor='{color}' emissiveColor='{emissive}' \
             transparency='{transparency}'></Material>{texture}</Appearance>\n\
             <PBRAppearance id='n{id}' baseColor='{color}' emissiveColor='{emissive}' \
             transparency='{transparency}' roughness='{}' metalness='{}'>{}</PBRAppearance>\n",
            six(look.roughness),
            six(look.metalness),
            texture.replace(" isTransparent", " type='baseColor' isTransparent"),
        ));
    }

    fn geometry(&mut self, geometry: &Geometry, id: u32) {
        match *geometry {
            Geometry::Box(size) => self.add(format_args!(
                "<Box id='n{id}' size='{}'></Box>\n",
                vector(size)
            )),
            Geometry::Sphere { radius } => self.add(format_args!(
                "<Sphere id='n{id}' radius='{}' subdivision='24,24'></Sphere>\n",
                six(radius)
            )),
            Geometry::Cylinder { radius, height } => self.add(format_args!(
                "<Cylinder id='n{id}' radius='{}' height='{}'></Cylinder>\n",
                six(radius),
                six(height)
            )),
            Geometry::Capsule { radius, height } => self.add(format_args!(
                "<Capsule id='n{id}' radius='{}' height='{}'></Capsule>\n",
                six(radius),
                six(height)
            )),
            Geometry::Cone { radius, height } => self.add(format_args!(
                "<Cone id='n{id}' bottomRadius='{}' height='{}'></Cone>\n",
                six(radius),
                six(height)
            )),
            Geometry::Plane { x, y } => {
                self.add(format_args!(
                    "<Plane id='n{id}' size='{},{}'></Plane>\n",
                    six(x),
                    six(y)
                ));
            }
        }
    }
}

/// A text as an attribute may have it; what XML cannot say at all is left out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standin::scene_build::read;

    #[test]
    fn old_clients_look_where_new_ones_do() {
        let ahead = old_camera().turn(Vec3::new(0.0, 0.0, -1.0)) - Vec3::new(1.0, 0.0, 0.0);
        let above = old_camera().turn(Vec3::new(0.0, 1.0, 0.0)) - Vec3::new(0.0, 0.0, 1.0);
        assert!(ahead.length() < 1e-9 && above.length() < 1e-9);
        let scene = read("#VRML_SIM R2023b utf8\nWorldInfo { }\nViewpoint { }").unwrap();
        assert!(
            document(&scene, Dialect::Legacy, &Places::new())
                .contains("orientation='0.57735 -0.57735 -0.57735 2.0944'")
        );
    }

    #[test]
    fn stock_clients_find_what_they_look_for() {
        let scene = read(
            "#VRML_SIM R2023b utf8\nWorldInfo { title \"a'<b>\" }\nViewpoint { position 1 2 3 }\n\
             DEF C Solid { translation 0 0 1 children [ Shape { geometry Cylinder { radius 2 } } ] }",
        )
        .unwrap();
        let modern = document(&scene, Dialect::Modern, &Places::new());
        assert!(modern.contains("\n<Scene>\n<WorldInfo id='n1' title='a&apos;&lt;b&gt;'"));
        assert!(modern.contains(
            "<Viewpoint id='n2' orientation='0 0 1 0' position='1 2 3' fieldOfView='0.785398'"
        ));
        assert!(modern.contains(
            "<Transform id='n3' solid='true' type='solid' name='solid' translation='0 0 1'"
        ));
        assert!(modern.contains("<Cylinder id='n6' radius='2' height='0.2'>"));
        assert!(!modern.contains("1.5708"));
        assert!(
            document(&scene, Dialect::Legacy, &Places::new())
                .contains("<Transform rotation='1 0 0 1.5708'>")
        );
        assert_eq!(
            modern.matches("<Transform").count(),
            modern.matches("</Transform>").count()
        );
        assert!(modern.ends_with("</Scene>\n</x3d>\n"));
    }
}
