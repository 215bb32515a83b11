//! Whether the tree keeps to its limits, as far as no cgroup sees to that.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use super::limit::{Bounds, Reached, Resource};
use super::storage::Storage;
use super::usage::Usage;

/// Between two looks, while all is well.
const CALM: Duration = Duration::from_millis(250);
/// Between two looks, from half of a limit on.
const NEAR: Duration = Duration::from_millis(100);
/// Between two looks at most, however long they take.
const LONGEST: Duration = Duration::from_secs(2);
/// The pause is at least so many times what the look took: 2 % of a processor.
const CALM_SHARE: u32 = 50;
/// The same near a limit: 10 %.
const NEAR_SHARE: u32 = 10;

/// Looks at what the tree below this process uses.
#[derive(Debug)]
pub(crate) struct Meter {
    bounds: Bounds,
    cgroup: Option<Cgroup>,
    usage: Usage,
    storage: Option<Storage>,
    next: Instant,
}

impl Meter {
    /// To be made when the instance runs: it starts a thread where storage is limited. `None` if
    /// there is nothing to look at.
    pub(crate) fn new(
        bounds: Bounds,
        workspace: PathBuf,
        cgroup: Option<Cgroup>,
        own: i32,
    ) -> Option<Self> {
        (bounds != Bounds::default()).then(|| Self {
            bounds,
            cgroup,
            usage: Usage::of(own),
            storage: Storage::watch(workspace, bounds, own),
            next: Instant::now() + NEAR,
        })
    }

    /// When to look next.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// Looks if it is time, and says which limit is reached.
    pub(crate) fn look(&mut self) -> Option<Reached> {
        let start = Instant::now();
        if start < self.next {
            return None;
        }
        if let Some(reached) = self.storage.as_ref().and_then(Storage::reached) {
            return Some(reached);
        }
        let near = match self.measure() {
            Ok(near) => near,
            Err(reached) => return Some(reached),
        };
        self.next = Instant::now() + pause(start.elapsed(), near);
        None
    }

    /// How the leader's end came about, if the kernel ended it for a limit.
    pub(crate) fn at_end(&mut self) -> Option<Reached> {
        if let Err(reached) = self.out_of_memory() {
            return Some(reached);
        }
        let most = self.bounds.cpu?;
        let cpu = self.cgroup.as_ref().and_then(Cgroup::cpu);
        let cpu = cpu.unwrap_or_else(|| self.usage.cpu_at_end());
        // The kernel ends a process at its limit, not beyond.
        (cpu >= Duration::from_millis(most)).then(|| Resource::Cpu.above(most))
    }

    /// Whether a limit is near.
    fn measure(&mut self) -> Result<bool, Reached> {
        self.out_of_memory()?;
        let enforced = |which: fn(&Cgroup) -> bool| self.cgroup.as_ref().is_some_and(which);
        let memory = self
            .bounds
            .memory
            .filter(|_| !enforced(|cgroup| cgroup.memory));
        let processes = self
            .bounds
            .processes
            .filter(|_| !enforced(|cgroup| cgroup.processes));
        let cpu = self.bounds.cpu;
        let by_kernel = cpu.and_then(|_| self.cgroup.as_ref()?.cpu());
        if memory.is_none() && processes.is_none() && (cpu.is_none() || by_kernel.is_some()) {
            return match (by_kernel, cpu) {
                (Some(found), Some(most)) => check(Resource::Cpu, milliseconds(found), most),
                _ => Ok(false),
            };
        }
        let found = self.usage.look(memory.is_some(), processes);
        let mut near = false;
        if let Some(most) = processes {
            near |= check(Resource::Processes, found.processes, most)?;
        }
        if let Some(most) = cpu {
            let found = milliseconds(by_kernel.unwrap_or(found.cpu));
            near |= check(Resource::Cpu, found, most)?;
        }
        if let Some(most) = memory {
            near |= match check(Resource::Memory, found.memory, most) {
                // What is shared may have been counted more than once.
                Err(_) => {
                    check(Resource::Memory, self.usage.exact_memory(most), most)?;
                    true
                }
                Ok(near) => near,
            };
        }
        Ok(near)
    }

    fn out_of_memory(&self) -> Result<(), Reached> {
        match (&self.cgroup, self.bounds.memory) {
            (Some(cgroup), Some(most)) if cgroup.memory && cgroup.ran_out_of_memory() => {
                Err(Resource::Memory.above(most))
            }
            _ => Ok(()),
        }
    }
}

/// Whether it is near its limit, if it is not above.
fn check(resource: Resource, found: u64, most: u64) -> Result<bool, Reached> {
    if found > most {
        return Err(resource.above(most));
    }
    Ok(found >= most / 2)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn pause(took: Duration, near: bool) -> Duration {
    let (least, share) = if near {
        (NEAR, NEAR_SHARE)
    } else {
        (CALM, CALM_SHARE)
    };
    least.max(took * share).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_rarer_the_longer_they_take_and_quicker_near_a_limit() {
        let milliseconds = Duration::from_millis;
        assert_eq!(pause(milliseconds(1), false), CALM);
        assert_eq!(pause(milliseconds(1), true), NEAR);
        assert_eq!(pause(milliseconds(20), false), milliseconds(1000));
        assert_eq!(pause(milliseconds(20), true), milliseconds(200));
        assert_eq!(pause(milliseconds(5000), false), LONGEST);
    }

    #[test]
    fn at_the_limit_is_not_above_it() {
        assert_eq!(check(Resource::Files, 4, 10), Ok(false));
        assert_eq!(check(Resource::Files, 10, 10), Ok(true));
        let reached = Resource::Files.above(10);
        assert_eq!(check(Resource::Files, 11, 10), Err(reached));
    }

    /// What the kernel says is believed, without a look at any process.
    #[test]
    fn a_cgroup_that_ran_out_of_memory_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let cgroup = Cgroup {
            folder: folder.path().to_owned(),
            memory: true,
            processes: true,
        };
        let bounds = Bounds {
            memory: Some(1 << 30),
            cpu: Some(1000),
            ..Bounds::default()
        };
        let workspace = folder.path().to_owned();
        let own = i32::try_from(std::process::id()).expect("small");
        let mut meter = Meter::new(bounds, workspace, Some(cgroup), own).expect("limits");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("written");
        };
        write("cpu.stat", "usage_usec 999999\n");
        assert_eq!(meter.measure(), Ok(true));
        assert_eq!(meter.at_end(), None);
        write("cpu.stat", "usage_usec 1000000\n");
        assert_eq!(meter.at_end(), Some(Resource::Cpu.above(1000)));
        write("memory.events", "oom_kill 1\n");
        let reached = Resource::Memory.above(1 << 30);
        assert_eq!(meter.measure(), Err(reached));
        assert_eq!(meter.at_end(), Some(reached));
    }
}
