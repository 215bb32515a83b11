//! Folders by descriptor: every step is one name, and no link is followed.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, fsync, mkdirat,
    openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

/// Deeper folders are refused: each level holds a descriptor.
pub(super) const DEEPEST: usize = 32;

const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const FOLDER: OFlags = READ.union(OFlags::DIRECTORY);
// A pipe must not make the opening wait for a writer.
const FILE: OFlags = READ.union(OFlags::NONBLOCK);
const NEW: OFlags = OFlags::WRONLY
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// An open folder. Everything blocks, for as long as the disk takes.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

/// What is in a folder: files and folders, and neither links nor pipes nor devices.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: CString,
    pub(super) is_folder: bool,
    /// Bytes, of a file.
    pub(super) size: u64,
    pub(super) executable: bool,
}

impl Folder {
    /// The folder at a path that the operator gave: links in it are the operator's.
    pub(super) fn root(path: &Path) -> io::Result<Self> {
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        Ok(Self(openat(CWD, path, flags, Mode::empty())?))
    }

    /// A folder in this one.
    pub(super) fn enter(&self, name: impl Arg) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, FOLDER, Mode::empty())?))
    }

    /// A folder in this one, made if it is missing.
    pub(super) fn enter_or_make(&self, name: &str) -> io::Result<Self> {
        match mkdirat(&self.0, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => self.enter(name),
            Err(error) => Err(error.into()),
        }
    }

    /// A regular file in this one, for reading.
    pub(super) fn file(&self, name: impl Arg) -> io::Result<(File, Stat)> {
        let file = openat(&self.0, name, FILE, Mode::empty())?;
        let stat = fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode).is_file() {
            Ok((File::from(file), stat))
        } else {
            Err(Errno::INVAL.into())
        }
    }

    /// What is here under this name; links are themselves.
    pub(super) fn kind(&self, name: &str) -> io::Result<Option<FileType>> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A file that was not there before, for writing.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let mode = Mode::from_raw_mode(0o644);
        Ok(File::from(openat(&self.0, name, NEW, mode)?))
    }

    /// Gives a file another name; whoever had that name is gone at the same moment.
    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        renameat(&self.0, from, &self.0, to)?;
        // The new name is to outlive a power failure as well.
        Ok(fsync(&self.0)?)
    }

    pub(super) fn remove(&self, name: impl Arg) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Waits until nobody else has locked the folder, in this process or another. It is unlocked
    /// when it is dropped, and when the process dies.
    pub(super) fn lock(&self) -> io::Result<()> {
        Ok(flock(&self.0, FlockOperation::LockExclusive)?)
    }

    /// The files and folders in this one, in the order of their names' bytes.
    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            entries.extend(self.entry(entry.file_name())?);
        }
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn entry(&self, name: &CStr) -> io::Result<Option<Entry>> {
        let stat = match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            // Gone since its name was read.
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let kind = FileType::from_raw_mode(stat.st_mode);
        Ok((kind.is_dir() || kind.is_file()).then(|| Entry {
            name: name.to_owned(),
            is_folder: kind.is_dir(),
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            executable: stat.st_mode & 0o100 != 0,
        }))
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whether an error means that there is no such folder or file for us: it is missing, is something
/// else, or is a link.
pub(super) fn is_missing(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(
        code,
        Some(
            Errno::NOENT
                | Errno::NOTDIR
                | Errno::LOOP
                | Errno::INVAL
                | Errno::NAMETOOLONG
                | Errno::NXIO
        )
    )
}
