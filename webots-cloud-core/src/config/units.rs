//! Sizes, as people write them.

/// Names of sizes, largest first within each family.
const UNITS: [(&str, u64); 12] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("KB", 1000),
    ("bytes", 1),
    ("byte", 1),
    ("B", 1),
];

/// A number of bytes like `512 MiB` (1024 is meant), `10 MB` (1000 is meant), `1.5 GiB` or `4096`;
/// `None` if it is none, or not a whole number of bytes below 2^53.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim_start();
    let factor = if unit.is_empty() {
        1
    } else {
        UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, factor)| *factor)?
    };
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor).filter(|bytes| *bytes < MOST);
    }
    if factor == 1 {
        return None;
    }
    let bytes = number.parse::<f64>().ok()? * factor as f64;
    whole_number(bytes.round())
}

/// One more than the largest size: above it, JSON's numbers are not exact.
const MOST: u64 = 1 << 53;

/// A float that is a whole number of bytes.
pub(super) fn whole_number(float: f64) -> Option<u64> {
    (float >= 0.0 && float < MOST as f64 && float.fract() == 0.0).then_some(float as u64)
}

/// `bytes` with the largest unit that leaves a whole number: `512 MiB`, `10 MB`, `1025 bytes`.
pub fn show_size(bytes: u64) -> String {
    UNITS
        .iter()
        .find(|(_, factor)| bytes > 0 && bytes.is_multiple_of(*factor))
        .map_or_else(
            || format!("{bytes} bytes"),
            |(name, factor)| format!("{} {name}", bytes / factor),
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("4096", Some(4096)),
            ("512 MiB", Some(512 << 20)),
            ("512mib", Some(512 << 20)),
            (" 10 MB ", Some(10_000_000)),
            ("1.5 GiB", Some(3 << 29)),
            ("1 B", Some(1)),
            ("", None),
            ("MiB", None),
            ("1.5", None),
            ("-1 MB", None),
            ("1 MX", None),
            ("1e3", None),
            ("1.2.3 MB", None),
            ("99999999 TB", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text:?}");
        }
        for (bytes, text) in [
            (1 << 20, "1 MiB"),
            (10_000_000, "10 MB"),
            (7, "7 bytes"),
            (0, "0 bytes"),
        ] {
            assert_eq!(show_size(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_understood(bytes in 0u64..1 << 53, text in any::<String>()) {
            prop_assert_eq!(parse_size(&show_size(bytes)), Some(bytes));
            let _ = parse_size(&text);
        }
    }
}
