//! Signals to the warden's own descendants, and to nobody else.

use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal,
};

use crate::platform::linux::procfs;

/// This process' descendants.
#[derive(Debug)]
pub(crate) struct Tree {
    own: i32,
    /// Without a `/proc` of our own only children that we started ourselves are known.
    visible: bool,
    /// Whether nobody else is in this process' pid namespace.
    alone: bool,
}

impl Tree {
    /// `alone`: all processes of this pid namespace are the instance's; the sandbox made it for them.
    pub(crate) fn of_this_process(alone: bool) -> Self {
        Self {
            own: rustix::process::getpid().as_raw_nonzero().get(),
            visible: procfs::is_ours(),
            alone,
        }
    }

    /// Whether more than the own children can be seen.
    pub(crate) const fn is_visible(&self) -> bool {
        self.visible
    }

    /// The descendants that are there now, parents first; `leader` is the child that is known
    /// without looking.
    pub(crate) fn members(&self, leader: Option<i32>) -> Vec<i32> {
        if self.visible {
            procfs::descendants(self.own)
        } else {
            leader.into_iter().collect()
        }
    }

    /// Sends `signal` to a descendant; does nothing if it is none (any more).
    ///
    /// A pid may be given to a stranger once its process was waited for. A child of ours keeps its
    /// pid until *we* wait for it, and nothing waits between this look and the signal. Anybody
    /// else is held by a pidfd first and looked at again then: whatever happens afterwards, the
    /// signal reaches that process or nobody.
    pub(crate) fn signal(&self, pid: i32, signal: Signal) {
        let Some(target) = Pid::from_raw(pid) else {
            return;
        };
        if !self.visible {
            let _ = kill_process(target, signal);
            return;
        }
        if procfs::stat(pid).is_some_and(|stat| stat.parent == self.own) {
            let _ = kill_process(target, signal);
            return;
        }
        match pidfd_open(target, PidfdFlags::empty()) {
            Ok(held) if procfs::is_descendant(self.own, pid) => {
                let _ = pidfd_send_signal(&held, signal);
            }
            // Some system call filters know no pidfd. What is left is a race of microseconds.
            Err(Errno::NOSYS | Errno::PERM) if procfs::is_descendant(self.own, pid) => {
                let _ = kill_process(target, signal);
            }
            _ => {}
        }
    }

    /// Kills all descendants that are there now, parents first, and answers with them; `leader` is
    /// the child that has not been waited for.
    ///
    /// In a namespace of its own that is one stroke: kill(2) with -1 reaches all but its init and
    /// this process, and no fork that is under way outlives the signal.
    ///
    /// To be called again and again: who is born meanwhile is killed the next time. That ends even
    /// where they multiply, because each step kills faster than a process can be made:
    /// the leader's process group at one stroke, in which no fork can be under way; then the own
    /// children, which need no second look and are one system call each; and the children of the
    /// killed come to us.
    pub(crate) fn kill(&self, leader: Option<i32>) -> Vec<i32> {
        if self.alone {
            // The group of init stands for everybody: -1.
            let _ = kill_process_group(Pid::INIT, Signal::KILL);
        }
        // Its number is nobody else's until it is waited for.
        if let Some(leader) = leader.and_then(Pid::from_raw) {
            let _ = kill_process_group(leader, Signal::KILL);
        }
        if self.visible {
            for child in procfs::children(self.own) {
                // Nothing was waited for since: it is ours, alive or not.
                if let Some(child) = Pid::from_raw(child) {
                    let _ = kill_process(child, Signal::KILL);
                }
            }
        }
        let left = self.members(leader);
        for pid in &left {
            self.signal(*pid, Signal::KILL);
        }
        left
    }

    /// Asks one process to end, also if it is stopped.
    pub(crate) fn ask(&self, pid: i32) {
        self.signal(pid, Signal::TERM);
        if procfs::stat(pid).is_some_and(|stat| stat.is_stopped()) {
            self.signal(pid, Signal::CONT);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn sleeper() -> Child {
        let mut command = Command::new("sleep");
        command.arg("100").stdin(Stdio::null());
        command.spawn().expect("it starts")
    }

    fn number(child: &Child) -> i32 {
        i32::try_from(child.id()).expect("small")
    }

    /// As when a pid was given to a stranger between the look and the signal.
    #[test]
    fn who_is_no_descendant_gets_no_signal() {
        let (mut one, mut other) = (sleeper(), sleeper());
        let tree = Tree {
            own: number(&one),
            visible: true,
            alone: false,
        };
        tree.signal(number(&other), Signal::KILL);
        tree.signal(number(&one), Signal::KILL);
        assert_eq!(tree.kill(None), [0; 0]);
        for child in [&mut one, &mut other] {
            assert_eq!(child.try_wait().expect("ours"), None, "it lives");
            child.kill().expect("ours");
            child.wait().expect("ours");
        }
        // Nobody, or a stranger by now.
        tree.signal(number(&other), Signal::KILL);
    }
}
