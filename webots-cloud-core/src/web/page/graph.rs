//! A small graph of one figure over ten minutes.

use std::fmt::Write as _;

use crate::simulation::HISTORY;
use crate::web::escape::Escaped;

/// A figure with its name, unit and last value. `values` are oldest first; the newest is at the
/// right edge.
pub(super) fn graph(name: &str, unit: &str, least_top: f64, values: &[f64]) -> String {
    let top = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .fold(least_top, f64::max);
    let mut points = String::new();
    let first = HISTORY.saturating_sub(values.len());
    for (index, value) in values.iter().enumerate() {
        let height = if value.is_finite() {
            100.0 - 100.0 * value / top
        } else {
            100.0
        };
        // Writing to a String cannot fail.
        let _ = write!(points, "{},{height:.1} ", first + index);
    }
    let last = values.last().copied().unwrap_or_default();
    let (name, unit) = (Escaped(name), Escaped(unit));
    format!(
        "<figure><figcaption><span>{name}</span><b>{last:.1} {unit}</b></figcaption>\
         <svg viewBox=\"0 0 {HISTORY} 100\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{name}, the last ten minutes, up to {top:.0} {unit}\">\
         <polyline points=\"{points}\"/></svg></figure>\n"
    )
}
