//! Descriptors that a process was started with.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use rustix::io::fcntl_dupfd_cloexec;

/// Closes every descriptor above 2, so that nothing of the server reaches an instance even where
/// somebody forgot `O_CLOEXEC`.
///
/// Only for the first lines of `main`: whatever is open then came from the parent.
pub(crate) fn close_inherited() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else {
        // No /proc, as in some sandboxes: they close what they do not need themselves.
        return;
    };
    let open: Vec<RawFd> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    // The listing's own descriptor is in the list, but closed by now.
    let still = |fd: &RawFd| std::fs::symlink_metadata(format!("/proc/self/fd/{fd}")).is_ok();
    for fd in open.into_iter().filter(|fd| *fd > 2).filter(still) {
        // SAFETY: called first thing in a single-threaded process that has opened nothing itself,
        // so no object of this process owns any of these numbers.
        unsafe { rustix::io::close(fd) };
    }
}

/// The three standard descriptors, out of reach of children, and `/dev/null` in their places.
#[derive(Debug)]
pub(crate) struct Standard {
    pub(crate) input: OwnedFd,
    pub(crate) output: OwnedFd,
    pub(crate) error: OwnedFd,
}

impl Standard {
    /// Moves them up. Where there is no `/dev/null` the old ones stay in place as well.
    pub(crate) fn take() -> rustix::io::Result<Self> {
        let taken = Self {
            input: fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?,
            output: fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?,
            error: fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3)?,
        };
        if let Ok(null) = File::options().read(true).write(true).open("/dev/null") {
            debug_assert!(null.as_raw_fd() > 2);
            rustix::stdio::dup2_stdin(null.as_fd())?;
            rustix::stdio::dup2_stdout(null.as_fd())?;
            rustix::stdio::dup2_stderr(null.as_fd())?;
        }
        Ok(taken)
    }
}
