//! Processes of an instance whose warden is gone.
//!
//! Those of its cgroup are found whatever they do. Without one they are known by the [`MARK`] in
//! their environment, by their session, and by being below such a process. A process that took the
//! mark out of its own environment, left the session and lost its parents cannot be found this way;
//! in a sandbox with a pid namespace it does not exist, because the warden inside ends the namespace.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getpid, pidfd_open, pidfd_send_signal, waitpid,
};

use super::MARK;
use super::cgroup::Cgroup;
use super::warden::OUTSIDE;
use crate::platform::linux::procfs;

/// The session of an instance: it is named by its leader, also when that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    leader: i32,
    /// When the leader started, if it was seen.
    start: Option<u64>,
}

impl Session {
    /// That of a leader that was started just now and cannot have been waited for yet.
    pub(crate) fn of_new(leader: i32) -> Self {
        Self {
            leader,
            start: procfs::stat(leader).map(|stat| stat.start),
        }
    }

    /// As long as it has a member, its leader's pid is given to nobody else.
    fn exists(&self) -> bool {
        procfs::stat(self.leader).is_none_or(|stat| Some(stat.start) == self.start)
    }
}

/// Between two looks.
const ROUND: Duration = Duration::from_millis(50);

/// The live processes of the instance with this workspace name. Blocks.
pub(crate) fn find(name: &str, session: Option<Session>, cgroup: Option<&Cgroup>) -> BTreeSet<i32> {
    let mark = format!("{MARK}={name}");
    let own = getpid().as_raw_nonzero().get();
    let session = session.filter(Session::exists).map(|it| it.leader);
    let mut found: BTreeSet<i32> = cgroup
        .map(Cgroup::processes)
        .into_iter()
        .flatten()
        .collect();
    for pid in procfs::processes() {
        let Some(stat) = procfs::stat(pid) else {
            continue;
        };
        let member = session == Some(stat.session) || procfs::has_variable(pid, &mark);
        if pid != own && !stat.is_zombie() && member {
            found.insert(pid);
            let below = procfs::descendants(pid).into_iter();
            found.extend(below.filter(|pid| procfs::stat(*pid).is_some_and(|s| !s.is_zombie())));
        }
    }
    found
}

/// Kills them until none is left, or `limit` is over; then answers with what is left. Blocks.
pub(crate) fn end(
    name: &str,
    session: Option<Session>,
    cgroup: Option<&Cgroup>,
    limit: Duration,
) -> BTreeSet<i32> {
    let until = Instant::now() + limit;
    loop {
        if let Some(cgroup) = cgroup {
            cgroup.kill();
        }
        let held: Vec<_> = find(name, session, cgroup)
            .into_iter()
            .filter_map(|pid| {
                let target = Pid::from_raw(pid)?;
                Some((target, pidfd_open(target, PidfdFlags::empty()).ok()?))
            })
            .collect();
        // Looked at again now that they are held: a pid that changed hands is not in both.
        let left = find(name, session, cgroup);
        // Those of other pid namespaces have no number here.
        let nobody = left.is_empty() && !cgroup.is_some_and(Cgroup::is_populated);
        if nobody || Instant::now() >= until {
            return left;
        }
        for (pid, pidfd) in held {
            if left.contains(&pid.as_raw_nonzero().get()) {
                let _ = pidfd_send_signal(&pidfd, Signal::KILL);
            }
        }
        std::thread::sleep(ROUND);
        reap_adopted(&left);
    }
}

/// Where this server is init, as in a container, or a subreaper, the orphans are its children.
fn reap_adopted(pids: &BTreeSet<i32>) {
    for pid in pids.iter().filter_map(|pid| Pid::from_raw(*pid)) {
        let _ = waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

/// Waits, at most for `limit`, while a warden of the instance is at work. Blocks.
pub(crate) fn wait_for_warden(name: &str, limit: Duration) {
    let until = Instant::now() + limit;
    let is_warden =
        |pid: i32| procfs::has_argument(pid, OUTSIDE) && procfs::has_argument(pid, name);
    loop {
        let wardens: Vec<i32> = find(name, None, None)
            .into_iter()
            .filter(|pid| is_warden(*pid))
            .collect();
        if wardens.is_empty() || Instant::now() >= until {
            return;
        }
        for pid in wardens.into_iter().filter_map(Pid::from_raw) {
            // One that is stopped would do nothing.
            if let Ok(held) = pidfd_open(pid, PidfdFlags::empty())
                && is_warden(pid.as_raw_nonzero().get())
            {
                let _ = pidfd_send_signal(&held, Signal::CONT);
            }
        }
        std::thread::sleep(ROUND);
    }
}
