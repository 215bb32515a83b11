//! Removing a folder that strangers have filled.
//!
//! No link is followed, no path is walked twice, folders without permissions are opened up, and the
//! depth of the tree does not matter: a folder inside a folder is moved to the top before it is
//! looked into, so that there is no recursion and no more than three descriptors are open.

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{
    AtFlags, CWD, Dir, Mode, OFlags, RenameFlags, chmod, openat, renameat_with, unlinkat,
};
use rustix::io::Errno;

/// So often it is tried again where somebody still writes.
const ROUNDS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);
/// Names read at a time.
const BATCH: usize = 1024;

/// Removes the folder `path` with all that is in it, or what somebody put into its place. Blocks.
///
/// # Errors
/// When something cannot be removed, or somebody writes faster than a second's worth of rounds.
/// That the folder is not there is no error.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let mut last = Errno::NOTEMPTY;
    for round in 0..ROUNDS {
        if round > 0 {
            std::thread::sleep(PAUSE);
        }
        let outcome = open_folder(CWD, path.as_os_str()).and_then(|top| empty(top.as_fd()));
        match outcome.and_then(|()| unlinkat(CWD, path, AtFlags::REMOVEDIR)) {
            Ok(()) | Err(Errno::NOENT) => return Ok(()),
            Err(error @ (Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY)) => last = error,
            // A link or a file: an instance without a sandbox can move its folder away.
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) => {
                last = error;
                remove_file(CWD, path)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

/// Removes everything in the folder.
fn empty(top: BorrowedFd<'_>) -> rustix::io::Result<()> {
    let mut moved = 0_u64;
    loop {
        let names = names(top)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if remove_file(top, name.as_c_str())? {
                continue;
            }
            let folder = match open_folder(top, name.as_c_str()) {
                Ok(folder) => folder,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                Err(error) => return Err(error),
            };
            flatten(top, folder.as_fd(), &mut moved)?;
            match unlinkat(top, &name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Removes the files of a folder and moves its folders up to `top`.
fn flatten(top: BorrowedFd<'_>, folder: BorrowedFd<'_>, moved: &mut u64) -> rustix::io::Result<()> {
    loop {
        let names = names(folder)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if remove_file(folder, name.as_c_str())? {
                continue;
            }
            // To move a folder one must be allowed to write to it: its ".." changes.
            match open_folder(folder, name.as_c_str()) {
                Ok(_) => {}
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                Err(error) => return Err(error),
            }
            loop {
                *moved += 1;
                let target = format!("removed-{moved}");
                match renameat_with(folder, &name, top, target, RenameFlags::NOREPLACE) {
                    Ok(()) | Err(Errno::NOENT) => break,
                    Err(Errno::EXIST) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// `false` if it is a folder.
fn remove_file(folder: BorrowedFd<'_>, name: impl rustix::path::Arg) -> rustix::io::Result<bool> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        // POSIX says EPERM for a folder, Linux EISDIR.
        Err(Errno::ISDIR | Errno::PERM) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens a folder, never a link, and gives us all rights to it first.
pub(crate) fn open_folder(
    at: BorrowedFd<'_>,
    name: impl rustix::path::Arg,
) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let place = openat(at, name, flags, Mode::empty())?;
    // There is no fchmod for such a descriptor; this link leads to exactly what is open.
    let own = format!("/proc/self/fd/{}", place.as_raw_fd());
    let changed = chmod(own.as_str(), Mode::RWXU);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = openat(&place, ".", flags, Mode::empty());
    // If it cannot be opened, that it could not be changed is the reason.
    opened.map_err(|error| changed.err().unwrap_or(error))
}

/// Some of the names in the folder; none only if it is empty.
fn names(folder: BorrowedFd<'_>) -> rustix::io::Result<Vec<CString>> {
    let mut all = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_owned();
        if name.as_bytes() != b"." && name.as_bytes() != b".." {
            all.push(name);
        }
        if all.len() == BATCH {
            break;
        }
    }
    Ok(all)
}

/// The names in a folder as text, links and files alike.
pub(crate) fn list(path: &Path) -> io::Result<Vec<OsString>> {
    let all = std::fs::read_dir(path)?;
    all.map(|entry| Ok(OsString::from_vec(entry?.file_name().into_vec())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn what_an_instance_may_leave_is_removed_and_nothing_else() {
        let parent = tempfile::tempdir().expect("a folder");
        let outside = parent.path().join("outside");
        fs::create_dir(&outside).expect("made");
        fs::write(outside.join("kept"), "kept").expect("written");
        let folder = parent.path().join("workspace");
        fs::create_dir_all(folder.join("a/b/c")).expect("made");
        symlink(&outside, folder.join("a/b/link")).expect("linked");
        symlink(&folder, folder.join("a/loop")).expect("linked");
        fs::create_dir(folder.join("removed-1")).expect("made");
        for number in 0..2500 {
            fs::write(folder.join(format!("a/b/c/{number}")), "x").expect("written");
        }
        for closed in ["a/b/c", "a/b", "a", ""] {
            let mode = fs::Permissions::from_mode(0o000);
            fs::set_permissions(folder.join(closed), mode).expect("closed");
        }
        remove_tree(&folder).expect("removed");
        assert!(!folder.exists());
        assert!(outside.join("kept").exists());
        remove_tree(&folder).expect("it is not there any more");
    }

    #[test]
    fn what_was_put_into_its_place_is_removed_and_not_followed() {
        let parent = tempfile::tempdir().expect("a folder");
        let outside = parent.path().join("outside");
        fs::create_dir(&outside).expect("made");
        fs::write(outside.join("kept"), "kept").expect("written");
        let folder = parent.path().join("workspace");
        symlink(&outside, &folder).expect("linked");
        remove_tree(&folder).expect("removed");
        fs::write(&folder, "a file").expect("written");
        remove_tree(&folder).expect("removed");
        assert!(!folder.is_symlink() && !folder.exists());
        assert!(outside.join("kept").exists());
    }

    #[test]
    fn depth_does_not_matter() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("deep");
        fs::create_dir(&folder).expect("made");
        let mut at = open_folder(CWD, folder.as_os_str()).expect("opened");
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).expect("made");
            at = open_folder(at.as_fd(), "d").expect("opened");
        }
        remove_tree(&folder).expect("removed");
        assert!(!folder.exists());
    }
}
