//! The warden's loop: waits for a reason to end its tree, ends it, returns when nothing is left.

use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::process::{Signal, WaitOptions, wait};
use webots_cloud_core::ports::Exit;

use super::cgroup::Cgroup;
use super::meter::Meter;
use super::plan::Ask;
use super::status::{KILL, Status};
use super::tree::Tree;
use crate::platform::linux::signals::Signals;

/// How long an instance that is asked to end may take before it is killed. With [`GUARD_MARGIN`]
/// and the killing itself it stays well below the 6 s after which everything has to be gone.
pub const GRACE: Duration = Duration::from_secs(3);
/// How much longer the outside warden waits for the one inside the sandbox.
pub const GUARD_MARGIN: Duration = Duration::from_millis(500);
/// How long the rest of a tree may take once its leader has ended.
pub const STRAY_GRACE: Duration = Duration::from_millis(250);

/// Killed processes are looked for again after this time even if none was seen to end.
const ROUND: Duration = Duration::from_millis(20);
/// From then on, and again after as long, what is left is reported.
const STUCK: Duration = Duration::from_secs(1);

/// What a warden looks at.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) leader: i32,
    pub(crate) ask: Ask,
    pub(crate) signals: Signals,
    pub(crate) lifeline: Option<OwnedFd>,
    pub(crate) control: Option<OwnedFd>,
    /// Whether all of this pid namespace is the instance.
    pub(crate) alone: bool,
    /// Exit codes above 128 are signals: the leader is a sandbox with a warden in it.
    pub(crate) codes_of_signals: bool,
    /// Whether it keeps to its limits.
    pub(crate) meter: Option<Meter>,
    /// That of the instance.
    pub(crate) cgroup: Option<Cgroup>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Watching,
    Asked { until: Instant },
    Killing { report: Instant },
}

impl Watch {
    /// Returns when no descendant is left, with how the leader ended.
    pub(crate) fn run(mut self) -> Exit {
        let tree = Tree::of_this_process(self.alone);
        let mut phase = Phase::Watching;
        let mut exit = None;
        loop {
            let had_ended = exit.is_some();
            if !self.reap(&mut exit) {
                if !self.cgroup.as_ref().is_some_and(Cgroup::is_populated) {
                    self.clear_up();
                    return exit.unwrap_or(Exit::Unknown);
                }
                // Somebody else's child: only the cgroup knows it.
                if !matches!(phase, Phase::Killing { .. }) {
                    phase = Self::kill_from_now();
                }
            }
            let leader = exit.is_none().then_some(self.leader);
            if leader.is_none() && !tree.is_visible() {
                // Strays cannot be seen; the sandbox ends them when its main process ends.
                return exit.unwrap_or(Exit::Unknown);
            }
            if exit.is_some() && !had_ended {
                phase = self.leader_ended(phase, &tree);
            }
            if let Phase::Asked { until } = phase
                && Instant::now() >= until
            {
                phase = Self::kill_from_now();
            }
            phase = self.measure(phase);
            if let Phase::Killing { report } = &mut phase {
                let left = self.kill(&tree, leader);
                if Instant::now() >= *report {
                    *report = Instant::now() + STUCK;
                    self.report(&Status::Stuck(left));
                }
            }
            self.wait(&mut phase, &tree, leader);
        }
    }

    /// Whether it keeps to its limits; one that does not is killed at once.
    fn measure(&mut self, phase: Phase) -> Phase {
        let meter = match phase {
            Phase::Watching | Phase::Asked { .. } => self.meter.as_mut(),
            Phase::Killing { .. } => None,
        };
        let Some(reached) = meter.and_then(Meter::look) else {
            return phase;
        };
        self.report(&Status::Limit(reached));
        Self::kill_from_now()
    }

    /// Kills all that is there now, and says what that is.
    fn kill(&self, tree: &Tree, leader: Option<i32>) -> Vec<i32> {
        if let Some(cgroup) = &self.cgroup {
            cgroup.kill();
        }
        let mut left = tree.kill(leader);
        if left.is_empty()
            && let Some(cgroup) = &self.cgroup
        {
            left = cgroup.processes();
        }
        left
    }

    /// Where there is no server any more that would do it.
    fn clear_up(&self) {
        if let (None, Some(cgroup)) = (&self.control, &self.cgroup) {
            let _ = cgroup.remove();
        }
    }

    fn kill_from_now() -> Phase {
        Phase::Killing {
            report: Instant::now() + STUCK,
        }
    }

    /// Waits for all that has ended. `false` if no child is left at all.
    fn reap(&mut self, exit: &mut Option<Exit>) -> bool {
        loop {
            // Not `waitpid(None)`, which waits for the own process group only.
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) => {
                    let how = match (status.exit_status(), status.terminating_signal()) {
                        (Some(code @ 129..=192), _) if self.codes_of_signals => {
                            Exit::Signal(code - 128)
                        }
                        (Some(code), _) => Exit::Code(code),
                        (None, Some(signal)) => Exit::Signal(signal),
                        (None, None) => continue,
                    };
                    if pid.as_raw_nonzero().get() == self.leader && exit.is_none() {
                        if let Some(reached) = self.meter.as_mut().and_then(Meter::at_end) {
                            self.report(&Status::Limit(reached));
                        }
                        self.report(&Status::Ended(how.clone()));
                        *exit = Some(how);
                    }
                }
                Ok(None) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    fn leader_ended(&self, phase: Phase, tree: &Tree) -> Phase {
        let soon = Instant::now() + STRAY_GRACE;
        match phase {
            Phase::Watching => {
                tree.members(None).into_iter().for_each(|pid| tree.ask(pid));
                Phase::Asked { until: soon }
            }
            Phase::Asked { until } => Phase::Asked {
                until: until.min(soon),
            },
            Phase::Killing { .. } => phase,
        }
    }

    fn terminate(&self, phase: Phase, tree: &Tree, leader: Option<i32>) -> Phase {
        let Phase::Watching = phase else {
            return phase;
        };
        let mut grace = GRACE;
        match self.ask {
            Ask::Nobody => grace += GUARD_MARGIN,
            Ask::Leader => leader.into_iter().for_each(|pid| tree.ask(pid)),
            Ask::Everyone => tree
                .members(leader)
                .into_iter()
                .for_each(|pid| tree.ask(pid)),
        }
        Phase::Asked {
            until: Instant::now() + grace,
        }
    }

    /// Sleeps until something happens, and takes it in.
    fn wait(&mut self, phase: &mut Phase, tree: &Tree, leader: Option<i32>) {
        let mut fds = vec![PollFd::from_borrowed_fd(self.signals.fd(), PollFlags::IN)];
        let of = |fd: &Option<OwnedFd>| fd.is_some();
        let (has_lifeline, has_control) = (of(&self.lifeline), of(&self.control));
        for fd in [&self.lifeline, &self.control].into_iter().flatten() {
            fds.push(PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN));
        }
        let look = self.meter.as_ref().map(Meter::next);
        let limit = match phase {
            Phase::Watching => look,
            Phase::Asked { until } => Some(look.map_or(*until, |look| look.min(*until))),
            Phase::Killing { .. } => Some(Instant::now() + ROUND),
        };
        let limit = limit.map(|until| until.saturating_duration_since(Instant::now()));
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        if poll(&mut fds, limit.as_ref()).is_err() {
            // EINTR: the signal's byte is there the next time. Anything else must not spin.
            std::thread::sleep(Duration::from_millis(1));
            return;
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        drop(fds);
        if ready[0] {
            let asked = self.signals.take().into_iter();
            if asked
                .into_iter()
                .any(|signal| signal != Signal::CHILD.as_raw())
            {
                *phase = self.terminate(*phase, tree, leader);
            }
        }
        if has_lifeline && ready[1] && Said::on(self.lifeline.as_ref()) == Said::Closed {
            self.lifeline = None;
            *phase = self.terminate(*phase, tree, leader);
        }
        if has_control && ready[1 + usize::from(has_lifeline)] {
            match Said::on(self.control.as_ref()) {
                Said::Kill => *phase = Self::kill_from_now(),
                Said::Closed => {
                    self.control = None;
                    *phase = self.terminate(*phase, tree, leader);
                }
                Said::Nothing => {}
            }
        }
    }

    fn report(&self, status: &Status) {
        if let Some(control) = &self.control {
            tell(control.as_fd(), status);
        }
    }
}

/// Sends one line; a server that is gone or deaf does not keep the warden from its work.
pub(crate) fn tell(control: BorrowedFd<'_>, status: &Status) {
    let mut line = Vec::new();
    let _ = writeln!(line, "{status}");
    let _ = rustix::io::write(control, &line);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Kill,
    Closed,
}

impl Said {
    fn on(fd: Option<&OwnedFd>) -> Self {
        let mut bytes = [0_u8; 64];
        match fd.map(|fd| read(fd, &mut bytes)) {
            Some(Ok(0)) => Self::Closed,
            Some(Ok(count)) if bytes[..count].contains(&KILL) => Self::Kill,
            Some(Err(Errno::AGAIN | Errno::INTR) | Ok(_)) | None => Self::Nothing,
            Some(Err(_)) => Self::Closed,
        }
    }
}
