//! Bodies out of walls and out of each other.

use super::super::math::Vec3;
use super::bodies::{Body, Role, Wall, WallForm};

/// How often everything is looked at again.
const PASSES: u32 = 4;
/// Heights must meet by this much, so that what stands on the floor does not touch it.
const MEET: f64 = 0.005;
/// How much of its speed a pushed thing keeps when it bounces.
const BOUNCE: f64 = 0.5;

/// Moves what overlaps apart.
pub(super) fn resolve(bodies: &mut [Body], walls: &[Wall], up: Vec3) {
    for pass in 0..PASSES {
        for body in bodies.iter_mut() {
            for wall in walls {
                if meet(body.low, body.high, wall.low, wall.high)
                    && let Some((normal, depth)) = out_of_wall(body, wall, up)
                {
                    body.position = body.position + normal * depth;
                    bounce(body, normal);
                }
            }
        }
        // In the last pass a robot yields to what it has pushed against a wall.
        let last = pass + 1 == PASSES;
        for i in 0..bodies.len() {
            let Some((one, others)) = bodies.split_at_mut(i + 1).into_pair() else {
                continue;
            };
            for other in others {
                touch(one, other, up, last);
            }
        }
    }
}

/// The last of the first part, and the second part.
trait IntoPair<'a> {
    fn into_pair(self) -> Option<(&'a mut Body, &'a mut [Body])>;
}

impl<'a> IntoPair<'a> for (&'a mut [Body], &'a mut [Body]) {
    fn into_pair(self) -> Option<(&'a mut Body, &'a mut [Body])> {
        self.0.last_mut().map(|one| (one, self.1))
    }
}

fn meet(low: f64, high: f64, other_low: f64, other_high: f64) -> bool {
    high.min(other_high) - low.max(other_low) > MEET
}

fn level(v: Vec3, up: Vec3) -> Vec3 {
    v - up * v.dot(up)
}

/// The direction out of a wall, and how far.
fn out_of_wall(body: &Body, wall: &Wall, up: Vec3) -> Option<(Vec3, f64)> {
    let d = level(body.position - wall.center, up);
    match wall.form {
        WallForm::Circle { radius } => {
            let depth = radius + body.radius - d.length();
            (depth > 0.0).then(|| (d.unit().unwrap_or_else(|| side(up)), depth))
        }
        WallForm::Box {
            u,
            v,
            half_u,
            half_v,
        } => {
            let (a, b) = (d.dot(u), d.dot(v));
            let (near_a, near_b) = (a.clamp(-half_u, half_u), b.clamp(-half_v, half_v));
            let gap = u * (a - near_a) + v * (b - near_b);
            match gap.unit() {
                Some(normal) => {
                    let depth = body.radius - gap.length();
                    (depth > 0.0).then_some((normal, depth))
                }
                None => {
                    // Its middle is inside: out by the nearest side.
                    let (out_u, out_v) = (half_u - a.abs(), half_v - b.abs());
                    Some(if out_u < out_v {
                        (u * a.signum(), out_u + body.radius)
                    } else {
                        (v * b.signum(), out_v + body.radius)
                    })
                }
            }
        }
    }
}

/// Any level direction, for two things at the very same place.
fn side(up: Vec3) -> Vec3 {
    up.cross(Vec3::new(1.0, 0.0, 0.0))
        .unit()
        .unwrap_or(Vec3::new(1.0, 0.0, 0.0))
}

fn bounce(body: &mut Body, normal: Vec3) {
    match &mut body.role {
        Role::Robot(drive) => drive.touching = true,
        Role::Loose { .. } => {
            let into = body.velocity.dot(normal);
            if into < 0.0 {
                body.velocity = body.velocity - normal * (into * (1.0 + BOUNCE));
            }
        }
    }
}

fn touch(one: &mut Body, other: &mut Body, up: Vec3, last: bool) {
    if !meet(one.low, one.high, other.low, other.high) {
        return;
    }
    let d = level(other.position - one.position, up);
    let depth = one.radius + other.radius - d.length();
    if depth <= 0.0 {
        return;
    }
    let normal = d.unit().unwrap_or_else(|| side(up));
    let (share, weight_one, weight_other) = match (&mut one.role, &mut other.role) {
        (Role::Robot(a), Role::Robot(b)) => {
            (a.touching, b.touching) = (true, true);
            (0.5, 0.0, 0.0)
        }
        (Role::Robot(a), Role::Loose { .. }) => {
            a.touching = true;
            (if last { 1.0 } else { 0.0 }, 0.0, 1.0)
        }
        (Role::Loose { .. }, Role::Robot(b)) => {
            b.touching = true;
            (if last { 0.0 } else { 1.0 }, 1.0, 0.0)
        }
        (Role::Loose { mass: a, .. }, Role::Loose { mass: b, .. }) => {
            let one = *b / (*a + *b);
            (one, one, 1.0 - one)
        }
    };
    one.position = one.position - normal * (depth * share);
    other.position = other.position + normal * (depth * (1.0 - share));
    let closing = (other.velocity - one.velocity).dot(normal);
    if closing < 0.0 && weight_one + weight_other > 0.0 {
        let change = normal * (closing * (1.0 + BOUNCE));
        one.velocity = one.velocity + change * weight_one;
        other.velocity = other.velocity - change * weight_other;
    }
}
