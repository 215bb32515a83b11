//! A fork whose child begins in a cgroup.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `CLONE_INTO_CGROUP`, Linux 5.7.
const INTO_CGROUP: u64 = 0x2_0000_0000;

/// On which side of the fork this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fork {
    Parent { child: i32 },
    Child,
}

/// Forks; the child is in the cgroup with this folder. That takes a tenth of a millisecond. A process
/// that joins a cgroup later waits some ten, until no fork can be under way on any processor.
///
/// # Errors
/// The kernel is older than 5.7, or does not allow it.
///
/// # Safety
/// The process has one thread: the child of several may find a lock held by one that it has not.
pub(crate) unsafe fn fork_into(cgroup: BorrowedFd<'_>) -> io::Result<Fork> {
    // SAFETY: all zero is how this structure says "not used".
    let mut how: libc::clone_args = unsafe { std::mem::zeroed() };
    how.flags = INTO_CGROUP;
    how.exit_signal = u64::from(libc::SIGCHLD.unsigned_abs());
    how.cgroup = u64::from(cgroup.as_raw_fd().unsigned_abs());
    // SAFETY: without CLONE_VM and a stack of its own this is a fork: the child goes on here with a
    // copy of all memory. The structure is a whole one and outlives the call.
    let answer = unsafe { libc::syscall(libc::SYS_clone3, &raw const how, size_of_val(&how)) };
    match i32::try_from(answer) {
        Ok(0) => Ok(Fork::Child),
        Ok(child) if child > 0 => Ok(Fork::Parent { child }),
        Ok(_) | Err(_) => Err(io::Error::last_os_error()),
    }
}
