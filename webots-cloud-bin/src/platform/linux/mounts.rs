//! Mounts, of `/proc/PID/mountinfo`.

use std::fs;
use std::path::PathBuf;

/// So many of a process' mounts are looked at.
const MOST: usize = 4096;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// `MAJOR:MINOR`.
    pub(crate) device: (u32, u32),
    /// What of the file system is mounted.
    pub(crate) root: PathBuf,
    /// Where, as the process sees it.
    pub(crate) place: PathBuf,
    pub(crate) writable: bool,
    /// Like `tmpfs`.
    pub(crate) kind: String,
}

/// The mounts that the process sees, in the order they were made; none if it may not be looked at.
pub(crate) fn of(pid: &str) -> Vec<Mount> {
    let text = fs::read(format!("/proc/{pid}/mountinfo")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().take(MOST).filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Mount> {
    // ID PARENT MAJOR:MINOR ROOT PLACE OPTIONS [FIELD…] - KIND SOURCE OPTIONS
    let (about, file_system) = line.split_once(" - ")?;
    let mut fields = about.split(' ').skip(2);
    let (major, minor) = fields.next()?.split_once(':')?;
    Some(Mount {
        device: (major.parse().ok()?, minor.parse().ok()?),
        root: unescaped(fields.next()?),
        place: unescaped(fields.next()?),
        writable: fields.next()?.split(',').any(|option| option == "rw"),
        kind: file_system.split(' ').next()?.to_owned(),
    })
}

/// Spaces, tabs, line ends and backslashes are written as `\040` and so on.
fn unescaped(text: &str) -> PathBuf {
    let mut all = text.to_owned();
    for (written, meant) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n")] {
        all = all.replace(written, meant);
    }
    PathBuf::from(all.replace("\\134", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_understood_with_and_without_optional_fields() {
        let line =
            "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,relatime shared:9 - cgroup2 none rw";
        let mount = parse(line).expect("well-formed");
        assert_eq!(mount.device, (0, 38));
        assert_eq!(mount.place, PathBuf::from("/sys/fs/cgroup/uni fied"));
        assert_eq!((mount.kind.as_str(), mount.writable), ("cgroup2", true));
        let line = "22 1 8:1 /a /b ro - ext4 /dev/sda1 rw,discard";
        let mount = parse(line).expect("well-formed");
        assert_eq!(mount.root, PathBuf::from("/a"));
        assert_eq!((mount.kind.as_str(), mount.writable), ("ext4", false));
        assert_eq!(parse("22 1 8:1 /a"), None);
        assert!(of("self").iter().any(|mount| mount.kind == "proc"));
    }
}
