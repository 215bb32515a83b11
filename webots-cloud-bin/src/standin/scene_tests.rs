//! What scenes are made of worlds.

use super::*;
use crate::standin::scene::SensorKind;

fn scene(body: &str) -> Scene {
    read(&format!("#VRML_SIM R2023b utf8\n{body}")).unwrap()
}

#[test]
fn a_robot_with_wheels_and_sensors() {
    let scene = scene(
        r#"WorldInfo { title "T" basicTimeStep 16 FPS 30 }
        Robot { name "r" controller "drive" controllerArgs [ "a" "b" ] children [
          HingeJoint {
            jointParameters HingeJointParameters { axis 0 1 0 anchor 0 0.05 0 }
            device [ RotationalMotor { name "left" maxVelocity 5 } PositionSensor { } ]
            endPoint Solid { boundingObject Cylinder { radius 0.03 height 0.01 } }
          }
          DistanceSensor { name "ds" lookupTable [ 0 1 0 2 0 0 ] }
        ] boundingObject Box { size 0.1 0.1 0.1 } physics Physics { mass 2 } }"#,
    );
    assert_eq!(
        (scene.title.as_str(), scene.time_step, scene.fps),
        ("T", 16.0, 30.0)
    );
    let (frame, robot) = scene.robots().next().unwrap();
    assert_eq!(
        (robot.controller.as_str(), robot.arguments.len()),
        ("drive", 2)
    );
    assert_eq!(frame.mass, Some(2.0));
    assert_eq!(
        frame.sensors[0].kind,
        SensorKind::Distance(vec![(0.0, 1.0), (2.0, 0.0)])
    );
    let Item::Frame(wheel) = &frame.children[0] else {
        panic!("no wheel")
    };
    let joint = wheel.joint.as_ref().unwrap();
    assert_eq!((joint.motor.as_str(), joint.max_velocity), ("left", 5.0));
    assert!(scene.warnings.is_empty());
}

#[test]
fn unknown_nodes_are_passed_over_with_a_warning() {
    let scene = scene("TexturedBackground { } Solid { children [ Foo { bar 3 } ] }");
    assert_eq!(scene.items.len(), 1);
    assert_eq!(scene.warnings.len(), 2);
    assert!(scene.warnings[0].contains("TexturedBackground"));
}

#[test]
fn use_of_use_cannot_multiply_without_end() {
    let mut world =
        String::from("#VRML_SIM R2023b utf8\nDEF G0 Group { children [ Shape { } ] }\n");
    for i in 1..40 {
        let used = format!("USE G{} ", i - 1).repeat(4);
        world.push_str(&format!("DEF G{i} Group {{ children [ {used} ] }}\n"));
    }
    assert!(read(&world).unwrap_err().message.contains("USE"));
}

#[test]
fn old_worlds_have_y_up() {
    assert_eq!(read("#VRML_SIM R2021b utf8\n").unwrap().up, Up::Y);
    assert_eq!(read("#VRML_SIM R2022a utf8\n").unwrap().up, Up::Z);
    let text = "#VRML_SIM R2021b utf8\nWorldInfo { coordinateSystem \"ENU\" }";
    assert_eq!(read(text).unwrap().up, Up::Z);
}

/// A little generator: the same numbers each time.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap_or(0)
}

#[test]
fn damaged_worlds_never_panic() {
    use crate::standin::{math::Vec3, options::Dialect, physics::Physics, x3d};
    let sample = include_str!("../../../examples/projects/football/worlds/football.wbt");
    let pieces = [
        "{", "}", "[", "]", "USE BALL", "DEF BALL", "1e300", "-0", "\"", "NULL", "children", "é",
    ];
    let words: Vec<&str> = sample.split_inclusive([' ', '\n']).collect();
    let mut state = 42;
    for _ in 0..300 {
        let mut damaged = words.clone();
        for _ in 0..=random(&mut state) % 6 {
            let at = random(&mut state) % damaged.len();
            match random(&mut state) % 3 {
                0 => damaged[at] = pieces[random(&mut state) % pieces.len()],
                1 => damaged.insert(at, pieces[random(&mut state) % pieces.len()]),
                _ => damaged.swap(at, (at * 7) % words.len()),
            }
        }
        let text = damaged.concat();
        if let Ok(scene) = read(&text) {
            let (mut physics, _) = Physics::new(&scene);
            let robots: Vec<_> = scene.robots().map(|(frame, _)| frame.id).collect();
            for id in &robots {
                physics.set_sides(*id, 1e9, f64::NAN);
            }
            physics.place("BALL", Vec3::new(f64::MAX, 0.0, 1e300));
            for _ in 0..3 {
                physics.step(1.0);
            }
            for id in robots {
                assert!(
                    physics
                        .sense(id)
                        .iter()
                        .all(|(_, values)| !values.is_empty())
                );
            }
            assert!(!x3d::document(&scene, Dialect::Legacy, &physics.places()).contains("NaN"));
        }
    }
}
