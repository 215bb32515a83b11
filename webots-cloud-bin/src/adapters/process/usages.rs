//! What the instances use, for the monitor page: each tree is looked at every few seconds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{InstanceUsage, MOST_PROCESSES};

use super::usage::Usage;

/// One round takes about so long at most: instances that come after that are not told of.
const BUDGET: Duration = Duration::from_millis(500);

/// A tree to be looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    /// Its root, which does not count.
    pub(crate) warden: i32,
    /// When it was started.
    pub(crate) since: Instant,
}

/// What was seen of each instance at the last look.
#[derive(Debug, Default)]
pub(crate) struct Usages(BTreeMap<InstanceId, Seen>);

#[derive(Debug)]
struct Seen {
    usage: Usage,
    at: Instant,
    cpu: Duration,
}

impl Usages {
    /// Looks at these, and forgets the others. Blocks; 50 µs a process.
    pub(crate) fn measure(
        &mut self,
        trees: &BTreeMap<InstanceId, Tree>,
    ) -> BTreeMap<InstanceId, InstanceUsage> {
        self.0.retain(|id, _| trees.contains_key(id));
        let begun = Instant::now();
        let in_time = trees.iter().take_while(|_| begun.elapsed() < BUDGET);
        in_time
            .filter_map(|(id, tree)| Some((*id, self.look(*id, *tree)?)))
            .collect()
    }

    /// `None` for a tree that is too large to be looked at every few seconds.
    fn look(&mut self, id: InstanceId, tree: Tree) -> Option<InstanceUsage> {
        let seen = self.0.entry(id).or_insert_with(|| Seen {
            usage: Usage::of(tree.warden),
            at: tree.since,
            cpu: Duration::ZERO,
        });
        let found = seen.usage.look(true, Some(MOST_PROCESSES as u64));
        let processes: Vec<u32> = seen.usage.living().collect();
        if processes.len() > MOST_PROCESSES || found.memory == 0 {
            return None;
        }
        let now = Instant::now();
        let passed = now.duration_since(seen.at).as_secs_f64().max(0.001);
        let cpu = found.cpu.saturating_sub(seen.cpu).as_secs_f64();
        (seen.at, seen.cpu) = (now, found.cpu);
        Some(InstanceUsage {
            cpu: 100.0 * cpu / passed,
            memory: found.memory,
            processes,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn processor_memory_and_processes_of_a_tree() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "sleep 100 & while :; do :; done"])
            .spawn()
            .expect("it starts");
        let warden = i32::try_from(child.id()).expect("small");
        let own = i32::try_from(std::process::id()).expect("small");
        let since = Instant::now();
        let tree = |warden| BTreeMap::from([(InstanceId(1), Tree { warden, since })]);
        let mut usages = Usages::default();
        // The shell's own time is that of this process' tree.
        let usage = loop {
            let told = usages.measure(&tree(own));
            match told.get(&InstanceId(1)) {
                Some(usage) if usage.cpu > 0.0 => break usage.clone(),
                _ => {}
            }
        };
        assert!(usage.memory > 0 && usage.cpu.is_finite(), "{usage:?}");
        assert!(usage.processes.contains(&child.id()), "{usage:?}");
        assert!(usages.measure(&BTreeMap::new()).is_empty());
        assert!(usages.0.is_empty(), "the ended are forgotten");
        let sleeper = crate::platform::linux::procfs::children(warden);
        child.kill().expect("ours");
        child.wait().expect("ours");
        assert_eq!(usages.measure(&tree(warden)), BTreeMap::new());
        for pid in sleeper
            .into_iter()
            .filter_map(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}
