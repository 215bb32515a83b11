//! What a process tree uses, as `/proc` tells.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::platform::linux::{memory, procfs};

/// What was found at one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Processes and threads, the ended that nobody waited for included.
    pub(crate) processes: u64,
    /// Bytes; may be too much, never too little: see [`memory::at_most`].
    pub(crate) memory: u64,
    /// Since the start of the tree.
    pub(crate) cpu: Duration,
}

/// Looks at the tree below this process again and again.
///
/// Processor time is the larger of two sums. The kernel's own: that of the living, and of those that
/// were waited for. It lacks children that nobody waits for, because their parent ignores SIGCHLD.
/// And what each process gained from look to look: it lacks what lived between two looks.
#[derive(Debug)]
pub(crate) struct Usage {
    own: i32,
    ticks_per_second: u64,
    /// Start and ticks of the living, at the last look.
    seen: BTreeMap<i32, (u64, u64)>,
    gained: u64,
    most: u64,
}

impl Usage {
    pub(crate) fn of(own: i32) -> Self {
        Self {
            own,
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1),
            seen: BTreeMap::new(),
            gained: 0,
            most: 0,
        }
    }

    /// Looks at all, or only at how many there are where that is more than `enough`. Takes about
    /// 50 µs a process.
    pub(crate) fn look(&mut self, with_memory: bool, enough: Option<u64>) -> Found {
        let most = enough.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        let tree = procfs::some_descendants(self.own, most.saturating_add(1));
        if tree.len() > most {
            return Found {
                processes: tree.len() as u64,
                ..Found::default()
            };
        }
        // The waited-for first, and parents before children: who is waited for in between is
        // counted at the next look, never twice.
        let mut ticks = self.waited();
        let mut found = Found::default();
        let mut living = BTreeMap::new();
        for pid in tree {
            let Some(stat) = procfs::stat(pid) else {
                continue;
            };
            found.processes += stat.threads.max(1);
            ticks = ticks
                .saturating_add(stat.ticks)
                .saturating_add(stat.waited_ticks);
            let before = match self.seen.get(&pid) {
                Some((start, ticks)) if *start == stat.start => *ticks,
                _ => 0,
            };
            self.gained = self
                .gained
                .saturating_add(stat.ticks.saturating_sub(before));
            living.insert(pid, (stat.start, stat.ticks));
            if with_memory {
                found.memory = found
                    .memory
                    .saturating_add(memory::at_most(pid).unwrap_or(0));
            }
        }
        self.seen = living;
        found.cpu = self.time(ticks);
        found
    }

    /// The processes of the last look that was one.
    pub(crate) fn living(&self) -> impl Iterator<Item = u32> {
        self.seen.keys().filter_map(|pid| u32::try_from(*pid).ok())
    }

    /// Processor time, when nobody is left to look at.
    pub(crate) fn cpu_at_end(&mut self) -> Duration {
        self.time(self.waited())
    }

    fn waited(&self) -> u64 {
        procfs::stat(self.own).map_or(0, |stat| stat.waited_ticks)
    }

    fn time(&mut self, ticks: u64) -> Duration {
        self.most = self.most.max(ticks).max(self.gained);
        Duration::from_millis(self.most.saturating_mul(1000) / self.ticks_per_second)
    }

    /// Bytes of memory, what is shared counted once. Stops when it is more than `limit`.
    pub(crate) fn exact_memory(&self, limit: u64) -> u64 {
        let mut sum = 0_u64;
        for pid in procfs::descendants(self.own) {
            let bytes = memory::share(pid).or_else(|| memory::at_most(pid));
            sum = sum.saturating_add(bytes.unwrap_or(0));
            if sum > limit {
                break;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn own() -> i32 {
        i32::try_from(std::process::id()).expect("small")
    }

    #[test]
    fn a_number_that_is_given_again_begins_at_nothing() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "while :; do :; done"])
            .spawn()
            .expect("it starts");
        let pid = i32::try_from(child.id()).expect("small");
        let mut usage = Usage::of(own());
        let stat = procfs::stat(pid).expect("it runs");
        usage.seen.insert(pid, (stat.start + 1, u64::MAX));
        // With the pid's old figures it would never gain anything.
        while usage.gained == 0 {
            usage.look(false, None);
        }
        let (start, _) = usage.seen[&pid];
        assert_eq!(start, stat.start);
        child.kill().expect("ours");
        child.wait().expect("ours");
        usage.look(false, None);
        assert!(!usage.seen.contains_key(&pid), "the ended are forgotten");
        let most = usage.most;
        assert!(usage.look(true, None).cpu >= usage.time(most), "never less");
    }

    #[test]
    fn too_many_are_not_looked_at_one_by_one() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "sleep 100 & sleep 100 & wait"])
            .spawn()
            .expect("it starts");
        let pid = i32::try_from(child.id()).expect("small");
        let mut usage = Usage::of(pid);
        while usage.look(true, None).processes < 2 {}
        let found = usage.look(true, Some(1));
        assert_eq!((found.processes, found.memory), (2, 0));
        assert!(usage.look(true, Some(2)).memory > 0);
        assert!(usage.exact_memory(u64::MAX) > 0);
        for one in procfs::descendants(pid) {
            let one = rustix::process::Pid::from_raw(one).expect("a pid");
            let _ = rustix::process::kill_process(one, rustix::process::Signal::KILL);
        }
        child.wait().expect("ours");
    }
}
