//! Where cgroups of version 2 are, and which is this process' own.

use std::fs;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FsWord, getxattr, statfs};

use super::mounts::{self, Mount};

/// `CGROUP2_SUPER_MAGIC`.
const MAGIC: FsWord = 0x6367_7270;

/// The folder of this process' own cgroup, if version 2 is mounted where it can be seen.
pub(crate) fn own() -> Option<PathBuf> {
    let memberships = fs::read_to_string("/proc/self/cgroup").ok()?;
    let folder = folder_of(&memberships, &mounts::of("self"))?;
    is_one(&folder).then_some(folder)
}

fn folder_of(memberships: &str, mounts: &[Mount]) -> Option<PathBuf> {
    let path = memberships
        .lines()
        .find_map(|line| line.strip_prefix("0::"))?;
    let path = Path::new(path);
    let inside = |mount: &&Mount| mount.kind == "cgroup2" && path.starts_with(&mount.root);
    let mount = mounts.iter().rfind(inside)?;
    let below = path.strip_prefix(&mount.root).ok()?;
    // One outside of the own cgroup namespace begins with `..`.
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    below
        .components()
        .all(plain)
        .then(|| mount.place.join(below))
}

/// Whether this is a folder of the cgroup file system, version 2.
pub(crate) fn is_one(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|found| found.f_type == MAGIC) && folder.join("cgroup.procs").exists()
}

/// Whether systemd, or an operator, says that its owner may do below it what they like.
pub(crate) fn is_delegated(folder: &Path) -> bool {
    ["user.delegate", "trusted.delegate"].iter().any(|name| {
        let mut value = [0_u8; 8];
        getxattr(folder, *name, &mut value[..]).is_ok_and(|length| value[..length] == *b"1")
    })
}

/// The number after this word in a file like `cgroup.events` or `cpu.stat`.
pub(crate) fn number(file: &Path, word: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let of_line = |line: &str| line.strip_prefix(word)?.strip_prefix(' ')?.parse().ok();
    text.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(kind: &str, root: &str, place: &str) -> Mount {
        Mount {
            device: (0, 1),
            root: root.into(),
            place: place.into(),
            writable: true,
            kind: kind.to_owned(),
        }
    }

    #[test]
    fn the_own_cgroup_is_where_it_is_mounted() {
        let hybrid = [
            mount("cgroup", "/", "/sys/fs/cgroup/pids"),
            mount("cgroup2", "/", "/sys/fs/cgroup/unified"),
        ];
        let own = |text: &str, mounts: &[Mount]| folder_of(text, mounts);
        assert_eq!(
            own("8:pids:/x\n0::/\n", &hybrid),
            Some("/sys/fs/cgroup/unified".into())
        );
        assert_eq!(
            own("0::/system.slice/w.service", &hybrid),
            Some("/sys/fs/cgroup/unified/system.slice/w.service".into())
        );
        let container = [mount("cgroup2", "/box", "/sys/fs/cgroup")];
        assert_eq!(
            own("0::/box/a", &container),
            Some("/sys/fs/cgroup/a".into())
        );
        assert_eq!(own("0::/other", &container), None);
        assert_eq!(own("0::/../x", &hybrid), None);
        assert_eq!(own("8:pids:/x\n", &hybrid), None);
        assert_eq!(own("0::/", &[]), None);
    }

    #[test]
    fn a_folder_of_another_file_system_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("cgroup.procs"), "").expect("written");
        assert!(!is_one(folder.path()) && !is_delegated(folder.path()));
        let file = folder.path().join("cpu.stat");
        std::fs::write(&file, "usage_usec_x 1\nusage_usec 12\n").expect("written");
        assert_eq!(number(&file, "usage_usec"), Some(12));
        assert_eq!(number(&file, "user_usec"), None);
    }
}
