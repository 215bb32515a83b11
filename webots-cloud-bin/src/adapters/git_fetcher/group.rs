//! All processes of one run of git.

use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid,
};

/// Between two looks at what is killed already.
const ROUND: Duration = Duration::from_millis(2);
/// Killed processes go in milliseconds, unless the kernel is stuck in a disk.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// The process group that git leads: git and its helpers, none of which leaves it (the one that
/// would, the maintenance in the background, is turned off).
///
/// Dropping it kills the group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Option<Pid>,
}

impl Group {
    pub(super) fn of(leader: Option<u32>) -> Self {
        let leader = leader.and_then(|pid| i32::try_from(pid).ok());
        Self {
            leader: leader.and_then(Pid::from_raw),
        }
    }

    /// Kills all of it. As long as the leader is not waited for or any of the others is there, the
    /// number belongs to this group.
    pub(super) fn kill(&self) {
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Kills what its leader, which was waited for, left behind, and returns when nothing is left.
    pub(super) async fn finish(mut self) {
        let Some(leader) = self.leader else {
            return;
        };
        let until = Instant::now() + GONE_WITHIN;
        self.kill();
        while is_there(leader) {
            if Instant::now() >= until {
                tracing::warn!(group = ?leader, "processes of git outlast SIGKILL");
                break;
            }
            tokio::time::sleep(ROUND).await;
        }
        // From here on the number may be another's.
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_there(group: Pid) -> bool {
    // Orphans are the children of this process where it is init, as in a container.
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
    // Nobody is asked for more than whether it is there; zombies count.
    test_kill_process_group(group) != Err(Errno::SRCH)
}
