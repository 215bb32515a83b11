//! Fields of a node as values of a type, bounded: what is missing or wrong is the default.

use super::math::{Rotation, Vec3};
use super::wbt::{Node, Value};

/// The largest coordinate or size that is taken, metres.
const FAR: f64 = 1e6;
/// The longest text that is taken, bytes.
const LONG: usize = 4096;

/// A number within limits.
pub(super) fn number(node: &Node, name: &str, default: f64, min: f64, max: f64) -> f64 {
    match node.field(name) {
        Some(Value::Numbers(numbers)) => numbers.first().map_or(default, |n| n.clamp(min, max)),
        _ => default,
    }
}

/// `TRUE` or `FALSE`.
pub(super) fn flag(node: &Node, name: &str, default: bool) -> bool {
    match node.field(name) {
        Some(Value::Bool(flag)) => *flag,
        _ => default,
    }
}

/// Numbers, `N` of them.
fn numbers<const N: usize>(node: &Node, name: &str) -> Option<[f64; N]> {
    match node.field(name) {
        Some(Value::Numbers(numbers)) => numbers.get(..N)?.try_into().ok(),
        _ => None,
    }
}

/// A point or size.
pub(super) fn vector(node: &Node, name: &str, default: Vec3) -> Vec3 {
    match numbers::<3>(node, name) {
        Some(n) => {
            let [x, y, z] = n.map(|n| n.clamp(-FAR, FAR));
            Vec3::new(x, y, z)
        }
        None => default,
    }
}

/// A colour.
pub(super) fn color(node: &Node, name: &str, default: Vec3) -> Vec3 {
    let [x, y, z] = match numbers::<3>(node, name) {
        Some(n) => n.map(|n| n.clamp(0.0, 1.0)),
        None => return default,
    };
    Vec3::new(x, y, z)
}

/// Two sizes.
pub(super) fn pair(node: &Node, name: &str, default: f64) -> [f64; 2] {
    numbers::<2>(node, name).map_or([default; 2], |n| n.map(|n| n.abs().clamp(1e-6, FAR)))
}

/// Axis and angle.
pub(super) fn rotation(node: &Node, name: &str) -> Rotation {
    numbers::<4>(node, name).map_or(Rotation::IDENTITY, |[x, y, z, angle]| {
        Rotation::about(Vec3::new(x, y, z), angle)
    })
}

/// A text, cut at a limit.
pub(super) fn text(node: &Node, name: &str) -> Option<String> {
    texts(node, name).into_iter().next()
}

/// Texts, each cut at a limit.
pub(super) fn texts(node: &Node, name: &str) -> Vec<String> {
    match node.field(name) {
        Some(Value::Texts(texts)) => texts.iter().take(100).map(|text| cut(text)).collect(),
        _ => Vec::new(),
    }
}

fn cut(text: &str) -> String {
    let end = text
        .char_indices()
        .map(|(i, c)| i + c.len_utf8())
        .take_while(|&end| end <= LONG)
        .last();
    text.get(..end.unwrap_or(0)).unwrap_or("").to_owned()
}

/// The nodes of a field.
pub(super) fn nodes<'a>(node: &'a Node, name: &str) -> &'a [std::sync::Arc<Node>] {
    match node.field(name) {
        Some(Value::Nodes(nodes)) => nodes,
        _ => &[],
    }
}

/// All numbers of a field.
pub(super) fn all_numbers<'a>(node: &'a Node, name: &str) -> &'a [f64] {
    match node.field(name) {
        Some(Value::Numbers(numbers)) => numbers,
        _ => &[],
    }
}
