//! What `/proc` says of processes. Every answer may be old by the time it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    state: char,
}

impl Process {
    pub(crate) fn read(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, after) = stat.rsplit_once(") ")?;
        let mut fields = after.split(' ');
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        Some(Self { pid, parent, state })
    }

    pub(crate) fn is_zombie(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    pub(crate) fn args(&self) -> Vec<String> {
        let line = fs::read(self.path("cmdline")).unwrap_or_default();
        let words = line.split(|byte| *byte == 0);
        words
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    }

    /// Whether it belongs to one of these workspaces' servers or works in this folder, by what of
    /// it can be read.
    pub(crate) fn belongs(&self, instances: &Path, prefixes: &[String]) -> bool {
        let folder = instances.to_string_lossy();
        let named = |word: &str| {
            word.contains(&*folder) || prefixes.iter().any(|prefix| word.contains(prefix))
        };
        let variables = fs::read(self.path("environ")).unwrap_or_default();
        let links = ["cwd", "root"].map(|link| fs::read_link(self.path(link)));
        self.args().iter().any(|word| named(word))
            || named(&String::from_utf8_lossy(&variables))
            || links
                .into_iter()
                .flatten()
                .any(|it| it.starts_with(instances))
    }

    fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.pid))
    }
}

/// All processes that are there now.
pub(crate) fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(Process::read).collect()
}

/// Those of `all` that are below `root`.
pub(crate) fn below(root: i32, all: &[Process]) -> Vec<Process> {
    let mut children: BTreeMap<i32, Vec<&Process>> = BTreeMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(process);
    }
    let (mut next, mut seen, mut found) = (vec![root], BTreeSet::from([root]), Vec::new());
    while let Some(pid) = next.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if seen.insert(child.pid) {
                next.push(child.pid);
                found.push(**child);
            }
        }
    }
    found
}

/// Whether `pid` is below `root` right now, by the chain of its parents.
pub(crate) fn is_below(root: i32, pid: i32) -> bool {
    let parents = std::iter::successors(Process::read(pid), |it| Process::read(it.parent));
    parents.take(100).any(|it| it.parent == root)
}

/// A line of `/proc/PID/status`, in KiB.
pub(crate) fn kib(pid: i32, key: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let mut values = status.lines().filter_map(|line| line.strip_prefix(key));
    let value = values
        .next()
        .expect("such a line")
        .trim_matches([':', '\t', ' ']);
    let number = value.split(' ').next().expect("a number");
    number.parse().expect("a number")
}

/// What its descriptors lead to.
pub(crate) fn descriptors(pid: i32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let mut names: Vec<String> = links.map(|it| it.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
