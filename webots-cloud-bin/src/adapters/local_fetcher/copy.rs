//! Copying a project: regular files and folders only, within bounds, through no link.

use std::ffi::CStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, fchmod, fstat, mkdirat, openat, renameat, statat,
    unlinkat,
};
use rustix::io::Errno;

/// Deeper projects are refused: each level holds two descriptors.
const DEEPEST: u32 = 64;
/// Between two looks at the flag.
const PIECE: usize = 256 << 10;
/// Between two reports of progress.
const REPORT: u64 = 1 << 20;

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

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
pub(in crate::adapters) enum CopyError {
    #[error("abandoned")]
    Abandoned,
    #[error("too many files, too many bytes or too deep")]
    TooLarge,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for CopyError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

/// One copy under way.
pub(in crate::adapters) struct Copying {
    files_left: u64,
    bytes_left: u64,
    copied: u64,
    reported: u64,
    abandoned: Arc<AtomicBool>,
    tell: Box<dyn Fn(u64) + Send>,
}

impl fmt::Debug for Copying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copying")
            .field("copied", &self.copied)
            .finish_non_exhaustive()
    }
}

impl Copying {
    pub(in crate::adapters) fn new(files: u64, bytes: u64) -> Self {
        Self {
            files_left: files,
            bytes_left: bytes,
            copied: 0,
            reported: 0,
            abandoned: Arc::default(),
            tell: Box::new(|_| {}),
        }
    }

    /// Ends with an error soon after this becomes true.
    pub(in crate::adapters) fn abandoned_by(self, flag: Arc<AtomicBool>) -> Self {
        Self {
            abandoned: flag,
            ..self
        }
    }

    /// Calls `tell` with the bytes so far, every mebibyte and at the end.
    pub(in crate::adapters) fn telling(self, tell: impl Fn(u64) + Send + 'static) -> Self {
        Self {
            tell: Box::new(tell),
            ..self
        }
    }

    /// Copies what is in the folder `from` into the folder `to`.
    pub(in crate::adapters) fn tree(&mut self, from: &Path, to: &Path) -> Result<(), CopyError> {
        let from = openat(CWD, from, FOLDER, Mode::empty())?;
        let to = openat(CWD, to, FOLDER, Mode::empty())?;
        self.folder(from.as_fd(), to.as_fd(), 0)?;
        (self.tell)(self.copied);
        Ok(())
    }

    fn folder(
        &mut self,
        from: BorrowedFd<'_>,
        to: BorrowedFd<'_>,
        depth: u32,
    ) -> Result<(), CopyError> {
        if depth > DEEPEST {
            return Err(CopyError::TooLarge);
        }
        for entry in Dir::read_from(from)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind =
                FileType::from_raw_mode(statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode);
            if kind.is_dir() {
                self.count()?;
                let inner = openat(from, name, FOLDER, Mode::empty())?;
                mkdirat(to, name, Mode::RWXU)?;
                let copy = openat(to, name, FOLDER, Mode::empty())?;
                self.folder(inner.as_fd(), copy.as_fd(), depth + 1)?;
                fchmod(&copy, mode(name, true))?;
            } else if kind.is_file() {
                self.count()?;
                let source = openat(from, name, FILE, Mode::empty())?;
                let target = openat(to, name, NEW, Mode::RUSR | Mode::WUSR)?;
                self.file(name, source, target)?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), CopyError> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(CopyError::Abandoned);
        }
        self.files_left = self.files_left.checked_sub(1).ok_or(CopyError::TooLarge)?;
        Ok(())
    }

    fn file(&mut self, name: &CStr, from: OwnedFd, to: OwnedFd) -> Result<(), CopyError> {
        let stat = fstat(&from)?;
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(Errno::INVAL.into());
        }
        let executable = stat.st_mode & 0o111 != 0;
        let (mut from, mut to) = (File::from(from), File::from(to));
        let mut piece = vec![0_u8; PIECE.min(usize::try_from(stat.st_size).unwrap_or(PIECE) + 1)];
        loop {
            if self.abandoned.load(Ordering::Relaxed) {
                return Err(CopyError::Abandoned);
            }
            let count = from.read(&mut piece)?;
            if count == 0 {
                break;
            }
            let bytes = count as u64;
            self.bytes_left = self
                .bytes_left
                .checked_sub(bytes)
                .ok_or(CopyError::TooLarge)?;
            to.write_all(&piece[..count])?;
            self.copied += bytes;
            if self.copied - self.reported >= REPORT {
                self.reported = self.copied;
                (self.tell)(self.copied);
            }
        }
        fchmod(&to, mode(name, executable))?;
        Ok(())
    }
}

/// What may be run can be run, and the owner may write everything. `.py` and names without an
/// extension are programs to Webots, whatever the source says (W2.4, 7).
pub(in crate::adapters) fn mode(name: &CStr, executable: bool) -> Mode {
    let path = name.to_str().map(Path::new);
    let program = path.is_ok_and(|path| path.extension().is_none_or(|ending| ending == "py"));
    Mode::from_raw_mode(match (program, executable) {
        (true, _) => 0o775,
        (false, true) => 0o755,
        (false, false) => 0o644,
    })
}

/// Puts the file `FOLDERS…/NAME` of `from` into the place of the one below `to`. The instance may be
/// at work in `to`: nothing there is trusted, and no link is followed on either side.
pub(in crate::adapters) fn one_file(
    from: &Path,
    to: &Path,
    folders: &[&str],
    name: &str,
    limit: u64,
) -> Result<(), CopyError> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (mut source, mut target) = (
        openat(CWD, from, FOLDER, Mode::empty())?,
        openat(CWD, to, FOLDER, Mode::empty())?,
    );
    for folder in folders {
        source = openat(&source, *folder, FOLDER, Mode::empty())?;
        target = openat(&target, *folder, FOLDER, Mode::empty())?;
    }
    let original = openat(&source, name, FILE, Mode::empty())?;
    match statat(&target, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode).is_file() => {}
        Err(Errno::NOENT) => {}
        Ok(_) => return Err(Errno::LOOP.into()),
        Err(error) => return Err(error.into()),
    }
    // Written beside and moved: Webots sees the old file or the new one.
    let beside = format!(
        ".webots-cloud-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let copy = openat(&target, beside.as_str(), NEW, Mode::RUSR | Mode::WUSR)?;
    let full = std::ffi::CString::new(name).map_err(|_| Errno::INVAL)?;
    let done = Copying::new(1, limit)
        .file(&full, original, copy)
        .and_then(|()| Ok(renameat(&target, beside.as_str(), &target, name)?));
    if done.is_err() {
        let _ = unlinkat(&target, beside.as_str(), AtFlags::empty());
    }
    done
}
