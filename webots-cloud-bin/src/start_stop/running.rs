//! A server's process that was found running.

use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::platform::linux::identity::ProcessIdentity;

/// One process, held by a descriptor: whoever gets its pid later is never meant.
#[derive(Debug)]
pub(super) struct RunningServer {
    pid: i32,
    held: OwnedFd,
}

impl RunningServer {
    /// Finds it; `None` if it has ended.
    pub(super) fn find(identity: &ProcessIdentity) -> Option<Self> {
        let held = pidfd_open(Pid::from_raw(identity.pid)?, PidfdFlags::empty()).ok()?;
        // Asked after it is held: what is held now is the process that was meant, or it is let go.
        identity.runs().then_some(Self {
            pid: identity.pid,
            held,
        })
    }

    pub(super) const fn pid(&self) -> i32 {
        self.pid
    }

    /// Asks it to end.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends it.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        // It fails if the process has just ended, or belongs to another user: then it will be found
        // still there.
        let _ = pidfd_send_signal(&self.held, signal);
    }

    /// Waits until it has ended; `false` if it has not by then.
    pub(super) fn gone_by(&self, deadline: Instant) -> bool {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(limit) = Timespec::try_from(left) else {
                return false;
            };
            match poll(&mut [PollFd::new(&self.held, PollFlags::IN)], Some(&limit)) {
                Ok(0) => return false,
                Ok(_) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}
