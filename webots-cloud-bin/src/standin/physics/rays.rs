//! What a distance sensor sees.

use super::super::math::Vec3;
use super::Physics;
use super::bodies::WallForm;

/// How far a ray goes until it meets something, at most `reach`.
pub(super) fn distance(
    at: Vec3,
    ray: Vec3,
    reach: f64,
    physics: &Physics,
    own: Option<usize>,
) -> f64 {
    let up = physics.up.axis();
    let Some(ray) = (ray - up * ray.dot(up)).unit() else {
        return reach;
    };
    let height = at.dot(up);
    let mut nearest = reach;
    let mut see = |hit: Option<f64>| {
        if let Some(hit) = hit
            && hit < nearest
        {
            nearest = hit;
        }
    };
    for wall in physics
        .walls
        .iter()
        .filter(|wall| (wall.low..=wall.high).contains(&height))
    {
        let d = wall.center - at;
        let d = d - up * d.dot(up);
        see(match wall.form {
            WallForm::Circle { radius } => circle(d, ray, radius),
            WallForm::Box {
                u,
                v,
                half_u,
                half_v,
            } => slab(d, ray, [(u, half_u), (v, half_v)]),
        });
    }
    for (index, body) in physics.bodies.iter().enumerate() {
        if Some(index) != own && (body.low..=body.high).contains(&height) {
            let d = body.position - at;
            see(circle(d - up * d.dot(up), ray, body.radius));
        }
    }
    nearest
}

/// Where a ray meets a circle whose middle is at `d`.
fn circle(d: Vec3, ray: Vec3, radius: f64) -> Option<f64> {
    let along = d.dot(ray);
    let off = radius * radius - (d.dot(d) - along * along);
    if off < 0.0 {
        return None;
    }
    let (near, far) = (along - off.sqrt(), along + off.sqrt());
    (far >= 0.0).then_some(near.max(0.0))
}

/// Where a ray meets a box whose middle is at `d`.
fn slab(d: Vec3, ray: Vec3, sides: [(Vec3, f64); 2]) -> Option<f64> {
    let (mut near, mut far) = (0.0_f64, f64::INFINITY);
    for (axis, half) in sides {
        let (middle, speed) = (d.dot(axis), ray.dot(axis));
        if speed.abs() < 1e-12 {
            if middle.abs() > half {
                return None;
            }
            continue;
        }
        let (a, b) = ((middle - half) / speed, (middle + half) / speed);
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    (near <= far).then_some(near)
}

/// The value of a distance between two rows of a lookup table.
pub(super) fn look_up(table: &[(f64, f64)], distance: f64) -> f64 {
    let Some((first, last)) = table.first().zip(table.last()) else {
        return distance;
    };
    if distance <= first.0 {
        return first.1;
    }
    for pair in table.windows(2) {
        if let [(d0, v0), (d1, v1)] = pair
            && distance <= *d1
        {
            let part = if d1 > d0 {
                (distance - d0) / (d1 - d0)
            } else {
                1.0
            };
            return v0 + (v1 - v0) * part;
        }
    }
    last.1
}
