//! Which places are told, and how (W3.6).

use std::collections::BTreeMap;

use super::super::math::{Rotation, Vec3};
use super::super::number;
use super::super::physics::Places;
use super::super::scene::NodeId;

/// A change below this is not told.
const SMALLEST: f64 = 1e-3;

/// What clients were told last.
#[derive(Debug, Default)]
pub(super) struct Sent {
    places: BTreeMap<NodeId, (Vec3, Rotation)>,
}

impl Sent {
    /// The poses that differ from what was told, noted as told.
    pub(super) fn changes(&mut self, places: &Places) -> Vec<String> {
        let mut poses = Vec::new();
        for (id, (at, turned)) in places {
            let old = self.places.get(id);
            let moved = old.is_none_or(|(old, _)| far(*old, *at));
            let spun = old.is_none_or(|(_, old)| {
                let ((axis, angle), (old_axis, old_angle)) =
                    (turned.axis_angle(), old.axis_angle());
                far(axis, old_axis) || (angle - old_angle).abs() >= SMALLEST
            });
            if moved || spun {
                poses.push(pose(*id, moved.then_some(*at), spun.then_some(*turned)));
                let (told_at, told_turned) = self.places.entry(*id).or_insert((*at, *turned));
                if moved {
                    *told_at = *at;
                }
                if spun {
                    *told_turned = *turned;
                }
            }
        }
        poses
    }

    /// Everything was told.
    pub(super) fn all(&mut self, places: &Places) {
        self.places.clone_from(places);
    }
}

/// All poses.
pub(super) fn all(places: &Places) -> Vec<String> {
    places
        .iter()
        .map(|(id, (at, turned))| pose(*id, Some(*at), Some(*turned)))
        .collect()
}

fn far(a: Vec3, b: Vec3) -> bool {
    let d = a - b;
    d.x.abs().max(d.y.abs()).max(d.z.abs()) >= SMALLEST
}

fn pose(id: NodeId, at: Option<Vec3>, turned: Option<Rotation>) -> String {
    let mut pose = format!("{{\"id\":{id}");
    if let Some(at) = at {
        pose.push_str(&format!(",\"translation\":\"{}\"", number::position(at)));
    }
    if let Some(turned) = turned {
        pose.push_str(&format!(",\"rotation\":\"{}\"", number::rotation(turned)));
    }
    pose.push('}');
    pose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_changed_is_told() {
        let up = Vec3::new(0.0, 0.0, 1.0);
        let mut sent = Sent::default();
        let mut places = Places::from([(7, (Vec3::ZERO, Rotation::IDENTITY))]);
        assert_eq!(
            sent.changes(&places),
            ["{\"id\":7,\"translation\":\"0 0 0\",\"rotation\":\"0 0 1 0\"}"]
        );
        assert!(sent.changes(&places).is_empty());
        places.insert(7, (Vec3::new(5e-4, 0.0, 0.0), Rotation::IDENTITY));
        assert!(sent.changes(&places).is_empty());
        places.insert(7, (Vec3::new(2e-3, 0.0, 0.0), Rotation::IDENTITY));
        assert_eq!(
            sent.changes(&places),
            ["{\"id\":7,\"translation\":\"0.002 0 0\"}"]
        );
        places.insert(7, (Vec3::new(2e-3, 0.0, 0.0), Rotation::about(up, 0.5)));
        assert_eq!(
            sent.changes(&places),
            ["{\"id\":7,\"rotation\":\"0 0 1 0.5\"}"]
        );
    }
}
