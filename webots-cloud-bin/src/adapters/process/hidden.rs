//! What an instance stores outside of its workspace: in temporary file systems of its sandbox's
//! own, and in files that have no name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use rustix::fs::{FileType, major, minor, stat, statvfs};

use super::limit::Reached;
use super::walk::Tally;
use crate::platform::linux::{mounts, procfs};

/// So many files of each such file system are the sandbox's own: firejail has some 400 in one.
const FURNITURE: u64 = 512;

/// Adds what the processes below `own` store, as far as this process may look. Says which limit is
/// reached, if one is.
pub(crate) fn add(tally: &mut Tally, own: i32, stop: &dyn Fn() -> bool) -> Option<Reached> {
    let tree = procfs::descendants(own);
    let private = add_private(tally, &tree, stop);
    add_nameless(tally, &tree, &private, stop)
}

/// Adds the file systems in memory that the tree has and the machine has not; gives their devices.
fn add_private(tally: &mut Tally, tree: &[i32], stop: &dyn Fn() -> bool) -> BTreeSet<(u32, u32)> {
    let ours: BTreeSet<(u32, u32)> = mounts::of("self").iter().map(|it| it.device).collect();
    // One process is enough of those that see the same.
    let mut views: BTreeMap<PathBuf, i32> = BTreeMap::new();
    for pid in tree {
        if let Ok(view) = fs::read_link(format!("/proc/{pid}/ns/mnt")) {
            views.entry(view).or_insert(*pid);
        }
    }
    if let Ok(own) = fs::read_link("/proc/self/ns/mnt") {
        views.remove(&own);
    }
    let mut counted = BTreeSet::new();
    for pid in views.into_values() {
        for mount in mounts::of(&pid.to_string()) {
            if stop() {
                return counted;
            }
            let counts = mount.kind == "tmpfs" && mount.writable;
            if !counts || ours.contains(&mount.device) || counted.contains(&mount.device) {
                continue;
            }
            // As that process sees it. A link on the way may lead elsewhere: the device tells.
            let place = format!("/proc/{pid}/root{}", mount.place.display());
            let is_it = stat(place.as_str())
                .is_ok_and(|stat| (major(stat.st_dev), minor(stat.st_dev)) == mount.device);
            if is_it && let Ok(room) = statvfs(place.as_str()) {
                let blocks = room.f_blocks.saturating_sub(room.f_bfree);
                let files = room.f_files.saturating_sub(room.f_ffree);
                tally.add(
                    blocks.saturating_mul(room.f_frsize),
                    files.saturating_sub(FURNITURE),
                );
                counted.insert(mount.device);
            }
        }
    }
    counted
}

/// Adds files that are open and in no folder: removed ones, and those that never had a name
/// (`memfd_create`).
fn add_nameless(
    tally: &mut Tally,
    tree: &[i32],
    counted: &BTreeSet<(u32, u32)>,
    stop: &dyn Fn() -> bool,
) -> Option<Reached> {
    for pid in tree {
        // Not to be looked at, or gone.
        let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            continue;
        };
        for file in open.filter_map(Result::ok) {
            if stop() {
                return None;
            }
            let Ok(stat) = stat(file.path()) else {
                continue;
            };
            let device = (major(stat.st_dev), minor(stat.st_dev));
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            if is_file && stat.st_nlink == 0 && !counted.contains(&device) {
                tally.add_nameless(&stat);
            }
            if let Some(reached) = tally.reached() {
                return Some(reached);
            }
        }
    }
    tally.reached()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::adapters::process::limit::Bounds;

    #[test]
    fn a_removed_file_counts_once_while_somebody_has_it_open() {
        let mut file = tempfile::tempfile().expect("a file without a name");
        file.write_all(&vec![1; 1 << 20]).expect("written");
        file.sync_all().expect("on the disk");
        let mut child = Command::new("/bin/cat")
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("open"))
            .stderr(file)
            .spawn()
            .expect("it starts");
        let mut tally = Tally::new(Bounds::default());
        let pid = i32::try_from(child.id()).expect("small");
        add_nameless(&mut tally, &[pid, pid], &BTreeSet::new(), &|| false);
        drop(child.stdin.take());
        child.wait().expect("ours");
        assert_eq!(tally.files, 1);
        assert!((1 << 20..2 << 20).contains(&tally.bytes), "{tally:?}");
    }
}
