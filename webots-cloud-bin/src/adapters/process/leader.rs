//! The first process of an instance, started by the warden outside.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, WaitOptions, setpriority_process, setsid, waitpid};

use super::begin::{NOT_STARTED, number};
use super::cgroup::Cgroup;
use crate::platform::linux::fork::{Fork, fork_into};

/// What to start, and at which priority.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leader<'a> {
    pub(crate) program: &'a OsStr,
    pub(crate) arguments: &'a [OsString],
    pub(crate) priority: i32,
}

impl Leader<'_> {
    /// Starts it in a session and in the cgroup of its own; the result is its pid. Both outputs are
    /// `output`. To be called before any thread is started.
    pub(crate) fn start(
        self,
        stdin: Stdio,
        output: OwnedFd,
        cgroup: Option<&Cgroup>,
    ) -> io::Result<i32> {
        let mut command = Command::new(self.program);
        command
            .args(self.arguments)
            .stdin(stdin)
            .stdout(output.try_clone()?)
            .stderr(output);
        // SAFETY: between fork and exec it makes system calls, and allocates nothing.
        unsafe {
            command.pre_exec(move || {
                // All that it starts and that does not leave its group can be killed at one stroke.
                setsid()?;
                let _ = setpriority_process(None, self.priority);
                Ok(())
            });
        }
        let forked = cgroup.map(|cgroup| forked(&mut command, cgroup));
        let leader = match (forked.transpose()?.flatten(), cgroup) {
            (Some(leader), _) => leader,
            (None, cgroup) => spawned(&mut command, cgroup)?,
        };
        drop(command);
        // The workspace must not be anybody's working directory when it is removed.
        let _ = std::env::set_current_dir("/");
        Ok(leader)
    }
}

/// Forks into the cgroup and becomes the command there. `None` where the kernel cannot.
fn forked(command: &mut Command, cgroup: &Cgroup) -> io::Result<Option<i32>> {
    let folder = cgroup.open()?;
    let (mut told, mut tell) = io::pipe()?;
    // SAFETY: the warden has one thread.
    match unsafe { fork_into(folder.as_fd()) } {
        Ok(Fork::Parent { child }) => {
            drop(tell);
            // Its other end closes with the exec.
            let mut errno = [0; 4];
            if told.read_exact(&mut errno).is_err() {
                return Ok(Some(child));
            }
            let _ = waitpid(Pid::from_raw(child), WaitOptions::empty());
            Err(io::Error::from_raw_os_error(i32::from_ne_bytes(errno)))
        }
        Ok(Fork::Child) => {
            let errno = command.exec().raw_os_error().unwrap_or_default();
            let _ = tell.write_all(&errno.to_ne_bytes());
            // SAFETY: ends the process, and calls nothing that belongs to its parent.
            unsafe { libc::_exit(NOT_STARTED) }
        }
        Err(_) => Ok(None),
    }
}

/// Starts the command, which joins the cgroup by itself.
fn spawned(command: &mut Command, cgroup: Option<&Cgroup>) -> io::Result<i32> {
    if let Some(door) = cgroup.map(Cgroup::door).transpose()? {
        // SAFETY: one system call, on a descriptor that the closure owns.
        unsafe {
            // `0` is the process that writes it.
            command.pre_exec(move || rustix::io::write(&door, b"0").map(drop).map_err(Into::into));
        }
    }
    Ok(number(command.spawn()?.id()))
}
