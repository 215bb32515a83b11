//! The little geometry the stand-in needs: vectors and rotations.

use std::ops::{Add, Mul, Sub};

/// A point or direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec3 {
    /// First coordinate.
    pub x: f64,
    /// Second coordinate.
    pub y: f64,
    /// Third coordinate.
    pub z: f64,
}

impl Vec3 {
    /// The origin.
    pub const ZERO: Self = Self::new(0.0, 0.0, 0.0);

    /// A vector of its coordinates.
    #[must_use]
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    /// The scalar product.
    #[must_use]
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// The vector product.
    #[must_use]
    pub fn cross(self, o: Self) -> Self {
        Self::new(
            self.y * o.z - self.z * o.y,
            self.z * o.x - self.x * o.z,
            self.x * o.y - self.y * o.x,
        )
    }

    /// The length.
    #[must_use]
    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The same direction with length 1, or `None` where there is no direction.
    #[must_use]
    pub fn unit(self) -> Option<Self> {
        let length = self.length();
        (length > 1e-12 && length.is_finite()).then(|| self * (1.0 / length))
    }

    /// Coordinate by coordinate.
    #[must_use]
    pub fn scaled(self, o: Self) -> Self {
        Self::new(self.x * o.x, self.y * o.y, self.z * o.z)
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self::new(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self::new(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f64> for Vec3 {
    type Output = Self;
    fn mul(self, k: f64) -> Self {
        Self::new(self.x * k, self.y * k, self.z * k)
    }
}

/// A rotation as a unit quaternion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotation {
    w: f64,
    v: Vec3,
}

impl Default for Rotation {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Rotation {
    /// No rotation.
    pub const IDENTITY: Self = Self {
        w: 1.0,
        v: Vec3::ZERO,
    };

    /// A turn by `angle` radians about `axis`; none where the axis has no direction.
    #[must_use]
    pub fn about(axis: Vec3, angle: f64) -> Self {
        match axis.unit() {
            Some(axis) if angle.is_finite() => {
                let (sin, cos) = (angle / 2.0).sin_cos();
                Self {
                    w: cos,
                    v: axis * sin,
                }
            }
            _ => Self::IDENTITY,
        }
    }

    /// First `other`, then `self`.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        let w = self.w * other.w - self.v.dot(other.v);
        let v = other.v * self.w + self.v * other.w + self.v.cross(other.v);
        let length = (w * w + v.dot(v)).sqrt();
        if length > 1e-12 {
            Self {
                w: w / length,
                v: v * (1.0 / length),
            }
        } else {
            Self::IDENTITY
        }
    }

    /// Turns a vector.
    #[must_use]
    pub fn turn(self, p: Vec3) -> Vec3 {
        let t = self.v.cross(p) * 2.0;
        p + t * self.w + self.v.cross(t)
    }

    /// Axis and angle, the angle from 0 to pi; the axis is `0 0 1` where the angle is 0.
    #[must_use]
    pub fn axis_angle(self) -> (Vec3, f64) {
        let (w, v) = if self.w < 0.0 {
            (-self.w, self.v * -1.0)
        } else {
            (self.w, self.v)
        };
        let sin = v.length();
        match v.unit() {
            Some(axis) if sin > 1e-9 => (axis, 2.0 * sin.atan2(w)),
            _ => (Vec3::new(0.0, 0.0, 1.0), 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, PI};

    #[test]
    fn a_quarter_turn_and_back() {
        let up = Vec3::new(0.0, 0.0, 1.0);
        let quarter = Rotation::about(up, FRAC_PI_2);
        let turned = quarter.turn(Vec3::new(1.0, 0.0, 0.0));
        assert!((turned - Vec3::new(0.0, 1.0, 0.0)).length() < 1e-12);
        let (axis, angle) = quarter.after(quarter).axis_angle();
        assert!((axis - up).length() < 1e-9 && (angle - PI).abs() < 1e-9);
        assert_eq!(Rotation::about(Vec3::ZERO, 1.0), Rotation::IDENTITY);
    }
}
