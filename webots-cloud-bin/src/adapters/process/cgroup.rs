//! The cgroup of one instance (version 2): what the kernel knows of its processes, whatever they do
//! to their parents, sessions and environments.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::platform::linux::cgroup2;

/// So many cgroups below it are removed at a time; an instance cannot make any, unless it has the
/// server's rights.
const BELOW: usize = 4096;
/// After the last process has ended, the kernel may take a moment.
const ROUNDS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Its folder, and which limits the kernel enforces there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cgroup {
    pub(crate) folder: PathBuf,
    #[serde(default)]
    pub(crate) memory: bool,
    #[serde(default)]
    pub(crate) processes: bool,
}

impl Cgroup {
    /// That of an instance whose server is dead, if this is one: where a mark is wrong, nothing may
    /// be killed.
    pub(crate) fn of_mark(folder: PathBuf, name: &str) -> Option<Self> {
        let named = folder.file_name().is_some_and(|last| last == name);
        let plain = folder.is_absolute()
            && folder
                .components()
                .all(|part| part != std::path::Component::ParentDir);
        (named && plain && cgroup2::is_one(&folder)).then_some(Self {
            folder,
            memory: false,
            processes: false,
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where a process can be forked into.
    pub(crate) fn open(&self) -> io::Result<File> {
        File::open(&self.folder)
    }

    /// Who writes `0` to it joins.
    pub(crate) fn door(&self) -> io::Result<File> {
        File::options().write(true).open(self.file("cgroup.procs"))
    }

    /// Kills every process in it at once, new ones included. Where the kernel cannot (before 5.14),
    /// nothing happens.
    pub(crate) fn kill(&self) {
        let _ = fs::write(self.file("cgroup.kill"), "1");
    }

    /// Whether a process is in it or below; one that has ended but was not waited for does not count.
    pub(crate) fn is_populated(&self) -> bool {
        cgroup2::number(&self.file("cgroup.events"), "populated") == Some(1)
    }

    /// The processes in it and below.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let mut all = Vec::new();
        for folder in with_below(&self.folder) {
            let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            // Those of other pid namespaces are shown as 0.
            let pids = text.lines().filter_map(|line| line.parse::<i32>().ok());
            all.extend(pids.filter(|pid| *pid > 0));
        }
        all
    }

    /// The processor time of all that was ever in it.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        cgroup2::number(&self.file("cpu.stat"), "usage_usec").map(Duration::from_micros)
    }

    /// Whether the kernel killed somebody for the memory of this cgroup.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        let events = self.file("memory.events");
        let happened = |word| cgroup2::number(&events, word).is_some_and(|count| count > 0);
        happened("oom_kill") || happened("oom_group_kill")
    }

    /// How often it was refused a process.
    pub(crate) fn refused_processes(&self) -> u64 {
        cgroup2::number(&self.file("pids.events"), "max").unwrap_or(0)
    }

    /// Removes it. Blocks, for a second at most.
    ///
    /// # Errors
    /// Somebody is in it. That it is not there is no error.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let mut last = None;
        for round in 0..ROUNDS {
            if round > 0 {
                std::thread::sleep(PAUSE);
            }
            for folder in with_below(&self.folder).iter().rev() {
                last = fs::remove_dir(folder).err();
            }
            match &last {
                None => return Ok(()),
                Some(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Some(_) => {}
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::ResourceBusy.into()))
    }
}

/// The server's hold on the cgroup of an instance. Dropping it removes the cgroup; that takes a
/// moment, and a second where somebody is still in it.
#[derive(Debug)]
pub(crate) struct Kept(pub(super) Cgroup);

impl Deref for Kept {
    type Target = Cgroup;

    fn deref(&self) -> &Cgroup {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let folder = self.folder.display();
        let refused = self.refused_processes();
        if refused > 0 {
            tracing::info!(cgroup = %folder, refused, "it was refused processes");
        }
        if let Err(error) = self.remove() {
            tracing::warn!(cgroup = %folder, %error, "cannot be removed");
        }
    }
}

/// A cgroup and those below it, parents before children.
fn with_below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut at = 0;
    while at < all.len() && all.len() < BELOW {
        let entries = fs::read_dir(&all[at]).into_iter().flatten();
        let folders = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            entry.file_type().ok()?.is_dir().then(|| entry.path())
        });
        all.extend(folders);
        at += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_files_are_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        let cgroup = Cgroup {
            folder: folder.path().to_owned(),
            memory: true,
            processes: true,
        };
        // An old kernel, or no controllers.
        assert!(!cgroup.is_populated() && !cgroup.ran_out_of_memory());
        assert_eq!((cgroup.cpu(), cgroup.refused_processes()), (None, 0));
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("ok");
        write("cgroup.events", "populated 1\nfrozen 0\n");
        write(
            "cpu.stat",
            "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n",
        );
        write(
            "memory.events",
            "low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 0\n",
        );
        write("pids.events", "max 7\n");
        assert!(cgroup.is_populated() && !cgroup.ran_out_of_memory());
        assert_eq!(cgroup.cpu(), Some(Duration::from_millis(1500)));
        assert_eq!(cgroup.refused_processes(), 7);
        write("memory.events", "oom_kill 2\n");
        assert!(cgroup.ran_out_of_memory());
        fs::create_dir(folder.path().join("below")).expect("made");
        write("cgroup.procs", "7\n0\n");
        write("below/cgroup.procs", "8\n");
        assert_eq!(cgroup.processes(), [7, 8]);
    }

    #[test]
    fn a_mark_leads_to_nothing_but_a_cgroup_of_that_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("w1-2-a-3");
        fs::create_dir(&place).expect("made");
        fs::write(place.join("cgroup.procs"), "1\n").expect("written");
        assert_eq!(Cgroup::of_mark(place, "w1-2-a-3"), None);
        assert_eq!(Cgroup::of_mark("/".into(), "w1-2-a-3"), None);
        assert_eq!(
            Cgroup::of_mark("../w1-2-a-3".into(), "w1-2-a-3"),
            None,
            "relative"
        );
    }
}
