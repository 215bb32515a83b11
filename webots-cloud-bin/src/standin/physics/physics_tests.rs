//! What moves how.

use super::*;
use crate::standin::scene_build::read;

fn physics(body: &str) -> Physics {
    let (physics, warnings) =
        Physics::new(&read(&format!("#VRML_SIM R2023b utf8\n{body}")).unwrap());
    assert!(warnings.is_empty());
    physics
}

const ROBOT: &str = "Robot { translation 0 0 0.05 boundingObject Cylinder { radius 0.1 height 0.1 } children [ \
  HingeJoint { jointParameters HingeJointParameters { axis 0 1 0 anchor 0 0.1 0 } device RotationalMotor { name \"l\" } \
    endPoint Solid { boundingObject Cylinder { radius 0.05 height 0.01 } } } \
  HingeJoint { jointParameters HingeJointParameters { axis 0 1 0 anchor 0 -0.1 0 } device RotationalMotor { name \"r\" } \
    endPoint Solid { boundingObject Cylinder { radius 0.05 height 0.01 } } } \
  DistanceSensor { name \"ds\" translation 0.1 0 0 lookupTable [ 0 0 0 2 2 0 ] } TouchSensor { name \"bump\" } ] }";

const FLOOR: &str = "Solid { translation 0 0 -0.1 boundingObject Box { size 10 10 0.2 } }";

#[test]
fn wheels_drive_and_turn() {
    let mut physics = physics(&format!("{FLOOR}{ROBOT}"));
    let id = physics.bodies()[0].id;
    assert!(physics.set_motor(id, "l", 4.0) && physics.set_motor(id, "r", 4.0));
    assert!(!physics.set_motor(id, "x", 4.0));
    for _ in 0..100 {
        physics.step(0.01);
    }
    let body = &physics.bodies()[0];
    assert!(
        (body.position - Vec3::new(0.2, 0.0, 0.05)).length() < 1e-9,
        "{:?}",
        body.position
    );
    physics.set_sides(id, -2.0, 2.0);
    for _ in 0..100 {
        physics.step(0.01);
    }
    // 0.1 m/s at 0.1 m from the middle: one radian a second.
    assert!((physics.bodies()[0].heading() - 1.0).abs() < 1e-9);
    assert_eq!(physics.places().len(), 3);
}

#[test]
fn walls_stop_and_are_seen() {
    let wall =
        "Solid { translation 0.5 0 0 rotation 0 0 1 0.3 boundingObject Box { size 0.2 4 1 } }";
    let mut physics = physics(&format!("{FLOOR}{ROBOT}{wall}"));
    let id = physics.bodies()[0].id;
    let far = physics.sense(id)[0].1[0];
    assert!(far > 0.2 && far < 0.4, "{far}");
    physics.set_sides(id, 1000.0, 1000.0);
    for _ in 0..80 {
        physics.step(0.032);
    }
    let sensed = physics.sense(id);
    assert!(sensed[0].1[0] < 0.05, "{sensed:?}");
    assert_eq!(sensed[1], ("bump".to_owned(), vec![1.0]));
    // It slides along the wall, on its own side of it.
    let out = Rotation::about(Vec3::new(0.0, 0.0, 1.0), 0.3).turn(Vec3::new(-1.0, 0.0, 0.0));
    let gap = (physics.bodies()[0].position - Vec3::new(0.5, 0.0, 0.05)).dot(out);
    assert!((gap - 0.2).abs() < 1e-3, "{gap}");
}

#[test]
fn balls_are_pushed_and_stay_inside() {
    let ball = "DEF BALL Solid { translation 0.3 0 0.05 boundingObject Sphere { radius 0.05 } physics Physics { } }";
    let wall = "Solid { translation 1.1 0 0 boundingObject Box { size 0.2 4 1 } }";
    let mut physics = physics(&format!("{FLOOR}{ROBOT}{ball}{wall}"));
    let id = physics.bodies()[0].id;
    physics.set_sides(id, 8.0, 8.0);
    for _ in 0..400 {
        physics.step(0.032);
    }
    let (robot, ball) = (&physics.bodies()[0], &physics.bodies()[1]);
    assert!(
        ball.position.x > 0.5 && ball.position.x < 0.96,
        "{:?}",
        ball.position
    );
    assert!(robot.position.x < ball.position.x);
    assert!(physics.place("BALL", Vec3::new(0.0, 1.0, 0.05)));
    assert!(!physics.place("NONE", Vec3::ZERO));
}

#[test]
fn the_same_run_twice() {
    let run = || {
        let mut physics = physics(&format!(
            "{FLOOR}{ROBOT}{}",
            ROBOT.replace("0 0 0.05", "0.3 0.05 0.05")
        ));
        let id = physics.bodies()[0].id;
        physics.set_sides(id, 7.0, 8.0);
        for _ in 0..300 {
            physics.step(0.032);
        }
        format!("{:?}", physics.places())
    };
    assert_eq!(run(), run());
}
