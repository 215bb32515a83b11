//! Numbers as Webots prints them: six significant digits (W3.6).

use super::math::{Rotation, Vec3};

/// Like C's `%g`: six significant digits, no trailing zeros, an exponent below 1e-4 and from 1e6 on.
#[must_use]
pub fn six(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        trimmed(&format!("{value:.decimals$}")).to_owned()
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trimmed(mantissa), exponent.unsigned_abs())
    }
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    }
}

/// Three numbers with spaces.
#[must_use]
pub fn vector(v: Vec3) -> String {
    format!("{} {} {}", six(v.x), six(v.y), six(v.z))
}

/// A position, rounded to a tenth of a millimetre as Webots does in its updates.
#[must_use]
pub fn position(v: Vec3) -> String {
    let round = |x: f64| (x * 1e4).round() / 1e4;
    vector(Vec3::new(round(v.x), round(v.y), round(v.z)))
}

/// Axis and angle, rounded likewise.
#[must_use]
pub fn rotation(r: Rotation) -> String {
    let (axis, angle) = r.axis_angle();
    let round = |x: f64| (x * 1e4).round() / 1e4;
    format!(
        "{} {} {} {}",
        six(round(axis.x)),
        six(round(axis.y)),
        six(round(axis.z)),
        six(round(angle))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_percent_g() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (32.0, "32"),
            (123_456.0, "123456"),
            (999_999.6, "1e+06"),
            (1_000_000.0, "1e+06"),
            (1_234_567.0, "1.23457e+06"),
            (0.000_1, "0.0001"),
            (0.000_012_345_67, "1.23457e-05"),
            (2.345_678_91, "2.34568"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(six(value), text);
        }
        assert_eq!(
            position(Vec3::new(0.123_456, -1.0, 2.000_04)),
            "0.1235 -1 2"
        );
    }
}
