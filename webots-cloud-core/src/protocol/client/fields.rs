//! The limits and forms of single fields.

use std::net::Ipv6Addr;

use serde_json::{Number, Value};

use super::FieldFault;
use crate::protocol::authority::Authority;

/// The most bytes in a user's id or name.
pub const MAX_USER_FIELD: usize = 255;
/// The most bytes in a user's authentication datum.
pub const MAX_AUTHENTICATION: usize = 4096;
/// The most bytes in `customData`.
pub const MAX_CUSTOM_DATA: usize = 64 * 1024;

/// The origin of a page that was opened from a disk.
pub(super) const FILE_ORIGIN: &str = "file://";

/// A text, or a number as its decimal text; nothing is the empty text.
pub(super) fn text(value: Value) -> Result<String, FieldFault> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(decimal(&number)),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(FieldFault::Type),
    }
}

/// `1.0` is written `1`, as a browser does; exponents are written out.
fn decimal(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => (float + 0.0).to_string(),
        Some(_) | None => number.to_string(),
    }
}

/// A text of at most `limit` bytes on one line.
pub(super) fn line(text: String, limit: usize) -> Result<String, FieldFault> {
    let text = bounded(text, limit)?;
    if text.contains(char::is_control) {
        return Err(FieldFault::Control);
    }
    Ok(text)
}

/// A text of at most `limit` bytes.
pub(super) fn bounded(text: String, limit: usize) -> Result<String, FieldFault> {
    if text.len() > limit {
        return Err(FieldFault::TooLong { limit });
    }
    Ok(text)
}

/// `http[s]://HOST[:PORT]`, kept as it was written but for a `/` at the end.
///
/// Anything more could send a host's key somewhere else (W5, 6).
pub(super) fn origin(mut text: String) -> Result<String, FieldFault> {
    if text == FILE_ORIGIN {
        return Ok(text);
    }
    if text.ends_with('/') {
        text.pop();
    }
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(FieldFault::Origin)?;
    // Elsewhere an IPv6 address is understood without brackets, but not in a URL.
    if authority.parse::<Authority>().is_err() || authority.parse::<Ipv6Addr>().is_ok() {
        return Err(FieldFault::Origin);
    }
    Ok(text)
}
