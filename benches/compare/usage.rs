//! What a process and its children use, by `/proc`.

use std::fs;
use std::time::Duration;

/// Of a whole tree of processes: nginx has workers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Resident, bytes.
    pub(crate) memory: u64,
}

impl Usage {
    /// Now; nothing of a process that is gone.
    pub(crate) fn of(pid: u32) -> Self {
        let mut all = Self::of_one(pid);
        for child in children(pid) {
            let child = Self::of(child);
            all.cpu += child.cpu;
            all.memory += child.memory;
        }
        all
    }

    fn of_one(pid: u32) -> Self {
        let tasks = fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten();
        // In nanoseconds, where `stat` counts in ticks of ten milliseconds. Threads that have ended are
        // not in it: servers keep theirs.
        let cpu = tasks.flatten().filter_map(|task| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes: Option<u64> =
            resident.and_then(|text| text.split_whitespace().next()?.parse().ok());
        Self {
            cpu: Duration::from_nanos(cpu.sum()),
            memory: kibibytes.unwrap_or(0) * 1024,
        }
    }
}

/// The processes that this one started.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten();
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).ok();
    let texts: Vec<String> = tasks.flatten().filter_map(of_task).collect();
    let pids = texts.iter().flat_map(|text| text.split_whitespace());
    pids.filter_map(|pid| pid.parse().ok()).collect()
}
