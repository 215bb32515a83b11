//! What a folder that strangers fill takes on the disk.
//!
//! No link is followed, no other file system entered, and the depth is bounded: each level keeps
//! its folder open, so that folders that are moved about while they are looked at lead nowhere else.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;

use super::limit::{Bounds, Reached, Resource};
use super::remove::open_folder;

/// Folders in folders; real projects have a dozen.
pub(crate) const DEPTH: u64 = 128;
/// So many files with several names, and folders still to be looked into, are remembered at most.
const HELD: usize = 1 << 20;

/// Sums up, and knows when it is enough.
#[derive(Debug)]
pub(crate) struct Tally {
    bounds: Bounds,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Device and inode of files that may be met again.
    met: BTreeSet<(u64, u64)>,
}

impl Tally {
    pub(crate) const fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            bytes: 0,
            files: 0,
            met: BTreeSet::new(),
        }
    }

    pub(crate) const fn add(&mut self, bytes: u64, files: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.files = self.files.saturating_add(files);
    }

    /// Adds what is in a folder; a file that is met again by another name counts as a name only.
    fn add_entry(&mut self, stat: &Stat, has_more_names: bool) {
        let is_new = !has_more_names || self.is_new(stat);
        self.add(if is_new { room(stat) } else { 0 }, 1);
    }

    /// Adds a file that is in no folder, once.
    pub(crate) fn add_nameless(&mut self, stat: &Stat) {
        if self.is_new(stat) {
            self.add(room(stat), 1);
        }
    }

    fn is_new(&mut self, stat: &Stat) -> bool {
        self.met.len() < HELD && self.met.insert((stat.st_dev, stat.st_ino))
    }

    pub(crate) fn reached(&self) -> Option<Reached> {
        let above = |resource: Resource, found: u64, most: Option<u64>| {
            most.filter(|most| found > *most)
                .map(|most| resource.above(most))
        };
        above(Resource::Disk, self.bytes, self.bounds.disk)
            .or_else(|| above(Resource::Files, self.files, self.bounds.files))
    }
}

/// Bytes that are reserved on the disk: a hole in a file takes no room.
fn room(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blocks)
        .unwrap_or(0)
        .saturating_mul(512)
}

/// A folder, and those in it that are still to be looked into.
struct Level {
    folder: OwnedFd,
    below: Vec<CString>,
}

/// Adds everything below `top`. Ends early when a limit is reached, and says which, or when it is
/// to `stop`. What comes and goes meanwhile is counted or not.
pub(crate) fn walk(tally: &mut Tally, top: &Path, stop: &dyn Fn() -> bool) -> Option<Reached> {
    let folder = enter(CWD, top.as_os_str()).ok()?;
    let device = fstat(&folder).ok()?.st_dev;
    let mut levels = vec![read(tally, folder, stop)?];
    loop {
        if let Some(reached) = tally.reached() {
            return Some(reached);
        }
        let depth = levels.len() as u64;
        let level = levels.last_mut()?;
        let Some(name) = level.below.pop() else {
            levels.pop();
            continue;
        };
        let Ok(folder) = enter(level.folder.as_fd(), name.as_c_str()) else {
            continue;
        };
        if fstat(&folder).map(|stat| stat.st_dev) != Ok(device) {
            continue;
        }
        if depth == DEPTH {
            return Some(Resource::Depth.above(DEPTH));
        }
        levels.push(read(tally, folder, stop)?);
    }
}

/// Opens a folder, never a link. One that its owner closed to themselves is opened up: an instance
/// must not hide anything in it from a server that is not root.
fn enter(at: BorrowedFd<'_>, name: impl rustix::path::Arg + Copy) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(at, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => open_folder(at, name),
        opened => opened,
    }
}

/// `None` if it is to stop.
fn read(tally: &mut Tally, folder: OwnedFd, stop: &dyn Fn() -> bool) -> Option<Level> {
    let mut below = Vec::new();
    let entries = Dir::read_from(&folder).ok().into_iter().flatten();
    for entry in entries.map_while(Result::ok) {
        if stop() {
            return None;
        }
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        // It may be gone by now.
        let Ok(stat) = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        tally.add_entry(&stat, !is_folder && stat.st_nlink > 1);
        if is_folder && below.len() < HELD {
            below.push(name.to_owned());
        }
        if tally.reached().is_some() {
            break;
        }
    }
    Some(Level { folder, below })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn sums(top: &Path, bounds: Bounds) -> (u64, u64, Option<Reached>) {
        let mut tally = Tally::new(bounds);
        let reached = walk(&mut tally, top, &|| false);
        (tally.bytes, tally.files, reached)
    }

    #[test]
    fn blocks_and_names_are_counted_and_nothing_outside() {
        let parent = tempfile::tempdir().expect("a folder");
        let top = parent.path().join("top");
        fs::create_dir_all(top.join("a/b")).expect("made");
        fs::write(parent.path().join("outside"), vec![1; 1 << 20]).expect("written");
        symlink(parent.path(), top.join("a/link")).expect("linked");
        fs::write(top.join("a/b/file"), vec![1; 1 << 20]).expect("written");
        fs::hard_link(top.join("a/b/file"), top.join("a/again")).expect("linked");
        let sparse = fs::File::create(top.join("sparse")).expect("made");
        sparse.set_len(1 << 40).expect("a hole");
        fs::set_permissions(top.join("a/b"), fs::Permissions::from_mode(0o000)).expect("closed");
        let (bytes, files, reached) = sums(&top, Bounds::default());
        assert_eq!((files, reached), (6, None), "a b file again link sparse");
        assert!(
            (1 << 20..(1 << 20) + (64 << 10)).contains(&bytes),
            "{bytes}"
        );
    }

    #[test]
    fn it_ends_at_the_limit() {
        let top = tempfile::tempdir().expect("a folder");
        for number in 0..100 {
            fs::write(top.path().join(number.to_string()), [1; 5000]).expect("written");
        }
        let bounds = Bounds {
            files: Some(10),
            ..Bounds::default()
        };
        let (_, files, reached) = sums(top.path(), bounds);
        assert_eq!((files, reached), (11, Some(Resource::Files.above(10))));
        let bounds = Bounds {
            disk: Some(20_000),
            files: Some(100),
            ..Bounds::default()
        };
        let (bytes, _, reached) = sums(top.path(), bounds);
        assert_eq!(reached, Some(Resource::Disk.above(20_000)));
        assert!(bytes < 40_000, "{bytes}");
        let mut tally = Tally::new(bounds);
        assert_eq!(walk(&mut tally, top.path(), &|| true), None);
        assert_eq!(
            walk(&mut tally, Path::new("/no/such/folder"), &|| false),
            None
        );
    }

    #[test]
    fn nobody_hides_in_the_depth() {
        let parent = tempfile::tempdir().expect("a folder");
        let top = parent.path().join("deep");
        fs::create_dir(&top).expect("made");
        let mut at = enter(CWD, top.as_os_str()).expect("opened");
        for depth in 0..2 * DEPTH {
            let (_, files, reached) = sums(&top, Bounds::default());
            let too_deep = depth >= DEPTH;
            assert_eq!(reached, too_deep.then(|| Resource::Depth.above(DEPTH)));
            assert!(too_deep || files == depth);
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).expect("made");
            at = enter(at.as_fd(), c"d").expect("opened");
        }
        super::super::remove::remove_tree(&top).expect("removed");
    }
}
