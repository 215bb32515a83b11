//! The folder that an archive is unpacked into.

use std::ffi::CString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fchmod, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;

use super::error::{ArchiveError, shown};
use super::name::SafeName;
use crate::adapters::local_fetcher::copy::mode;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const NEW: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// An open folder, in which paths are walked a part at a time and through no link.
#[derive(Debug)]
pub(super) struct Target(OwnedFd);

impl Target {
    pub(super) fn open(path: &Path) -> Result<Self, ArchiveError> {
        Ok(Self(openat(CWD, path, FOLDER, Mode::empty())?))
    }

    /// Makes the folder and those above it, and tells how many were not there.
    pub(super) fn folder(&self, name: &SafeName) -> Result<u64, ArchiveError> {
        self.walk(name, &name.path).map(|(_, made)| made)
    }

    /// Makes the file anew, and the folders above it; tells how many of those were not there.
    pub(super) fn file(&self, name: &SafeName) -> Result<(File, u64), ArchiveError> {
        let (above, last) = name.path.rsplit_once('/').unwrap_or(("", &name.path));
        let (folder, made) = self.walk(name, above)?;
        let folder = folder.as_ref().unwrap_or(&self.0);
        match statat(folder, last, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
            Ok(stat) => {
                let there = FileType::from_raw_mode(stat.st_mode);
                if there.is_dir() {
                    return Err(both(name));
                } else if !there.is_file() {
                    return Err(through_link(name));
                }
                // Not written into: it might be a second name of a file elsewhere.
                unlinkat(folder, last, AtFlags::empty())?;
            }
        }
        let file = openat(folder, last, NEW, Mode::RUSR | Mode::WUSR)?;
        // By the descriptor, as the process's umask does not count then.
        fchmod(&file, mode(&c_string(last)?, false))?;
        Ok((file.into(), made))
    }

    /// Opens the folder and makes what is missing of it. `None` is this folder itself.
    fn walk(&self, name: &SafeName, path: &str) -> Result<(Option<OwnedFd>, u64), ArchiveError> {
        let (mut inner, mut made) = (None, 0);
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let here = inner.as_ref().unwrap_or(&self.0);
            let new = match mkdirat(here, part, Mode::RWXU) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(error.into()),
            };
            let next = match openat(here, part, FOLDER, Mode::empty()) {
                Ok(next) => next,
                Err(Errno::NOTDIR | Errno::LOOP) => return Err(in_the_way(here, part, name)),
                Err(error) => return Err(error.into()),
            };
            if new {
                fchmod(&next, mode(&c_string(part)?, true))?;
                made += 1;
            }
            inner = Some(next);
        }
        Ok((inner, made))
    }
}

/// What stands where a folder is to be.
fn in_the_way(here: &OwnedFd, part: &str, name: &SafeName) -> ArchiveError {
    match statat(here, part, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_file() => both(name),
        _ => through_link(name),
    }
}

fn both(name: &SafeName) -> ArchiveError {
    let name = shown(name.path.as_bytes());
    ArchiveError::FileAndFolder { name }
}

fn through_link(name: &SafeName) -> ArchiveError {
    let name = shown(name.path.as_bytes());
    ArchiveError::ThroughLink { name }
}

fn c_string(text: &str) -> Result<CString, Errno> {
    CString::new(text).map_err(|_| Errno::INVAL)
}
