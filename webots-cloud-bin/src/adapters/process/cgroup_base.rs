//! The cgroup below which the instances of one server get theirs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use webots_cloud_core::config::CgroupChoice;

use super::cgroup::{Cgroup, Kept};
use super::limit::Bounds;
use crate::platform::linux::cgroup2;

/// Where the server itself goes: a cgroup that gives controllers to those below it may hold no
/// process of its own.
const LEAF: &str = "server";

/// Where cgroups of instances are made, and what they can do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CgroupBase {
    folder: PathBuf,
    memory: bool,
    processes: bool,
    kill: bool,
}

impl CgroupBase {
    /// Finds it; `None` if there is none, or none is wanted. `probe` is the name of a cgroup that
    /// is made there for a moment.
    ///
    /// Controllers are switched on only where the operator named the folder or systemd delegated it
    /// (`Delegate=yes`), and for that the server may move itself into a leaf below. Nothing else is
    /// changed there.
    ///
    /// # Errors
    /// The operator named a folder that cannot be used.
    pub(crate) fn find(choice: &CgroupChoice, probe: &str) -> io::Result<Option<Self>> {
        match choice {
            CgroupChoice::None => Ok(None),
            CgroupChoice::Auto => {
                let Some(own) = cgroup2::own() else {
                    return Ok(None);
                };
                let (folder, ours) = base_of(own, cgroup2::is_delegated);
                Ok(Self::at(folder, ours, probe).ok())
            }
            CgroupChoice::Folder(folder) => {
                let folder = fs::canonicalize(folder)?;
                if !cgroup2::is_one(&folder) {
                    let what = "it is no folder of the cgroup file system, version 2";
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
                }
                Self::at(folder, true, probe).map(Some)
            }
        }
    }

    fn at(folder: PathBuf, ours: bool, probe: &str) -> io::Result<Self> {
        // Marks name it, in one line of text.
        if folder.to_str().is_none_or(|text| text.contains('\n')) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8"));
        }
        if ours {
            switch_on_controllers(&folder);
        }
        let probe = Cgroup {
            folder: folder.join(probe),
            memory: false,
            processes: false,
        };
        fs::create_dir(&probe.folder)?;
        let has = |file: &str| probe.folder.join(file).exists();
        let base = Self {
            memory: has("memory.max"),
            processes: has("pids.max"),
            kill: has("cgroup.kill"),
            folder,
        };
        let joined = probe.door();
        probe.remove()?;
        joined?;
        Ok(base)
    }

    /// What instances get there, for operators.
    pub(crate) fn form(&self) -> String {
        let named = [
            (self.memory, "memory"),
            (self.processes, "processes"),
            (self.kill, "kill"),
        ];
        let parts: Vec<&str> = named
            .iter()
            .filter_map(|(there, name)| there.then_some(*name))
            .collect();
        format!(
            "cgroup v2 at {} ({})",
            self.folder.display(),
            parts.join(", ")
        )
    }

    /// Where that of the workspace `name` is.
    pub(crate) fn folder_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes the cgroup of one instance, with what of its limits the kernel can enforce there. `None`
    /// if it cannot be made after all: then everything is watched.
    pub(crate) fn make(&self, name: &str, bounds: &Bounds) -> Option<Arc<Kept>> {
        let folder = self.folder_of(name);
        match fs::create_dir(&folder) {
            Ok(()) => Some(Arc::new(Kept(limited(folder, bounds)))),
            Err(error) => {
                tracing::warn!(cgroup = %folder.display(), %error, "cannot be made");
                None
            }
        }
    }
}

/// Writes what can be written; what cannot is for the warden to watch.
fn limited(folder: PathBuf, bounds: &Bounds) -> Cgroup {
    let set = |file: &str, value: &str| {
        let file = folder.join(file);
        // Not created where it is missing: this may be no cgroup at all.
        file.exists() && fs::write(file, value).is_ok()
    };
    // Nobody but us makes any below.
    set("cgroup.max.descendants", "0");
    let memory = bounds.memory.is_some_and(|most| {
        // What is swapped out would be limited by nobody.
        set("memory.swap.max", "0");
        set("memory.oom.group", "1") && set("memory.max", &most.to_string())
    });
    let processes = bounds
        .processes
        .is_some_and(|most| set("pids.max", &most.to_string()));
    Cgroup {
        folder,
        memory,
        processes,
    }
}

/// Whether to use the server's own, or the one above: another launcher of this server, or systemd
/// (`DelegateSubgroup=`), may have put it into a leaf already. And whether it is given to us.
fn base_of(own: PathBuf, is_delegated: impl Fn(&Path) -> bool) -> (PathBuf, bool) {
    if is_delegated(&own) {
        return (own, true);
    }
    match own.parent() {
        Some(above) if is_delegated(above) => (above.to_owned(), true),
        _ => (own, false),
    }
}

/// As far as it goes: what cannot be switched on is watched instead.
fn switch_on_controllers(base: &Path) {
    if cgroup2::own().is_some_and(|own| own == base) {
        let leaf = base.join(LEAF);
        let made = match fs::create_dir(&leaf) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Ok(()),
        };
        let moved = made.and_then(|()| {
            let pid = std::process::id().to_string();
            fs::write(leaf.join("cgroup.procs"), pid)
        });
        if let Err(error) = moved {
            tracing::warn!(%error, cgroup = %leaf.display(), "the server cannot move there");
        }
    }
    let there = fs::read_to_string(base.join("cgroup.controllers")).unwrap_or_default();
    for controller in there.split_ascii_whitespace() {
        if !matches!(controller, "memory" | "pids") {
            continue;
        }
        let on = fs::write(
            base.join("cgroup.subtree_control"),
            format!("+{controller}"),
        );
        if let Err(error) = on {
            tracing::warn!(%error, controller, cgroup = %base.display(), "cannot be switched on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        memory: Some(1 << 30),
        processes: Some(64),
        cpu: None,
        disk: None,
        files: None,
    };

    /// No kernel with these controllers is needed: the files are what counts.
    #[test]
    fn limits_are_written_where_there_are_files_for_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let none = limited(folder.path().to_owned(), &BOUNDS);
        assert!(!none.memory && !none.processes);
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
        let files = [
            ("memory.max", "1073741824"),
            ("memory.swap.max", "0"),
            ("memory.oom.group", "1"),
            ("pids.max", "64"),
            ("cgroup.max.descendants", "0"),
        ];
        for (file, _) in files {
            fs::write(folder.path().join(file), "max").expect("written");
        }
        let both = limited(folder.path().to_owned(), &BOUNDS);
        assert!(both.memory && both.processes);
        for (file, value) in files {
            let text = fs::read_to_string(folder.path().join(file)).expect("there");
            assert_eq!(text, value, "{file}");
        }
        let unlimited = limited(folder.path().to_owned(), &Bounds::default());
        assert!(!unlimited.memory && !unlimited.processes, "nothing to set");
    }

    #[test]
    fn the_delegated_one_is_used_also_from_a_leaf_of_it() {
        let given = Path::new("/c/w.service");
        let is_delegated = |folder: &Path| folder == given;
        let base = |own: &str| base_of(own.into(), is_delegated);
        assert_eq!(base("/c/w.service"), (given.to_owned(), true));
        assert_eq!(base("/c/w.service/server"), (given.to_owned(), true));
        assert_eq!(base("/c/other"), ("/c/other".into(), false));
        assert_eq!(base("/"), ("/".into(), false));
    }

    #[test]
    fn controllers_are_switched_on_one_by_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let controllers = folder.path().join("cgroup.controllers");
        fs::write(controllers, "cpuset cpu io pids\n").expect("written");
        switch_on_controllers(folder.path());
        let written = fs::read_to_string(folder.path().join("cgroup.subtree_control"));
        assert_eq!(written.expect("there"), "+pids");
    }

    #[test]
    fn a_folder_that_is_no_cgroup_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let choice = CgroupChoice::Folder(folder.path().to_owned());
        let error = CgroupBase::find(&choice, "w1").expect_err("no cgroup");
        assert!(error.to_string().contains("version 2"), "{error}");
        assert_eq!(CgroupBase::find(&CgroupChoice::None, "w1").ok(), Some(None));
    }
}
