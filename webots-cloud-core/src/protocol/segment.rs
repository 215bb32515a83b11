//! Names that become parts of a path: what strangers may call a folder or a file.

use thiserror::Error;

/// The most bytes in one segment: what the usual file systems allow.
pub const MAX_SEGMENT: usize = 255;
/// The most bytes in a whole relative path.
pub const MAX_PATH: usize = 1024;

/// Why a text cannot be a part of a path. `Display` continues a sentence: "the world …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentFault {
    /// There is none, or two `/` follow each other.
    #[error("is empty or has an empty part: give it without leading, trailing or double `/`")]
    Empty,
    /// More than [`MAX_SEGMENT`] bytes, or [`MAX_PATH`] in all.
    #[error("is too long: use at most {MAX_SEGMENT} bytes for a name and {MAX_PATH} for a path")]
    TooLong,
    /// `.` or `..`: would lead elsewhere.
    #[error("has a part `.` or `..`: give it without")]
    Dots,
    /// `/` or `\` where one name is expected.
    #[error("contains a slash or backslash: use a name without")]
    Separator,
    /// `:`, which names drives and streams on Windows and means something to git.
    #[error("contains a colon: use a name without")]
    Colon,
    /// A control character.
    #[error("contains a control character: use a name without")]
    Control,
    /// A leading `-`: programs would take it for an option.
    #[error("begins with `-`: use a name that does not")]
    Dash,
    /// Not the name of a world file.
    #[error("is not the name of a world file: it must end in `.wbt`")]
    NotAWorld,
}

/// Checks one segment: the name of a file or folder.
///
/// # Errors
/// Everything of [`SegmentFault`] but a leading `-` and a missing `.wbt`.
pub fn check_segment(segment: &str) -> Result<(), SegmentFault> {
    if segment.is_empty() {
        return Err(SegmentFault::Empty);
    }
    if segment.len() > MAX_SEGMENT {
        return Err(SegmentFault::TooLong);
    }
    if matches!(segment, "." | "..") {
        return Err(SegmentFault::Dots);
    }
    for c in segment.chars() {
        match c {
            '/' | '\\' => return Err(SegmentFault::Separator),
            ':' => return Err(SegmentFault::Colon),
            c if c.is_control() => return Err(SegmentFault::Control),
            _ => {}
        }
    }
    Ok(())
}

/// Checks a segment that is handed to a program as, or at the start of, an argument.
///
/// # Errors
/// As [`check_segment`], and a leading `-`.
pub fn check_argument(segment: &str) -> Result<(), SegmentFault> {
    check_segment(segment)?;
    if segment.starts_with('-') {
        return Err(SegmentFault::Dash);
    }
    Ok(())
}

/// Checks a relative path of segments with `/` between them.
///
/// # Errors
/// As [`check_segment`] for each segment, and for the length of the whole.
pub fn check_path(path: &str) -> Result<(), SegmentFault> {
    if path.len() > MAX_PATH {
        return Err(SegmentFault::TooLong);
    }
    path.split('/').try_for_each(check_segment)
}

/// Checks the name of a world file: one segment, something and then `.wbt`.
///
/// # Errors
/// As [`check_segment`], and [`SegmentFault::NotAWorld`].
pub fn check_world(world: &str) -> Result<(), SegmentFault> {
    check_segment(world)?;
    if world.len() <= ".wbt".len() || !world.ends_with(".wbt") {
        return Err(SegmentFault::NotAWorld);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_segments() {
        for good in [
            "a",
            "e-puck",
            "été",
            "with space",
            ".hidden",
            "-dash",
            "$(id)",
        ] {
            assert_eq!(check_segment(good), Ok(()), "{good:?}");
        }
        let long = "x".repeat(MAX_SEGMENT + 1);
        let cases = [
            ("", SegmentFault::Empty),
            (".", SegmentFault::Dots),
            ("..", SegmentFault::Dots),
            ("a/b", SegmentFault::Separator),
            ("a\\b", SegmentFault::Separator),
            ("C:", SegmentFault::Colon),
            ("a\0b", SegmentFault::Control),
            ("a\nb", SegmentFault::Control),
            (&long, SegmentFault::TooLong),
        ];
        for (bad, fault) in cases {
            assert_eq!(check_segment(bad), Err(fault), "{bad:?}");
        }
        assert_eq!(check_argument("--upload-pack=x"), Err(SegmentFault::Dash));
    }

    #[test]
    fn paths_stay_below_their_folder() {
        assert_eq!(check_path("robotbenchmark/humanoid_sprint"), Ok(()));
        for bad in ["/a", "a/", "a//b", "../a", "a/../b", "a/./b", "C:/a", ""] {
            assert!(check_path(bad).is_err(), "{bad:?}");
        }
        assert_eq!(check_path(&"a/".repeat(600)), Err(SegmentFault::TooLong));
    }

    #[test]
    fn worlds_end_in_wbt() {
        assert_eq!(check_world("simple.wbt"), Ok(()));
        for bad in ["simple.wbo", ".wbt", "wbt"] {
            assert_eq!(check_world(bad), Err(SegmentFault::NotAWorld), "{bad:?}");
        }
        assert_eq!(check_world("worlds/x.wbt"), Err(SegmentFault::Separator));
    }
}
