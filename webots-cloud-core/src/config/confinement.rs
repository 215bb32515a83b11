//! What an instance may reach and use.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::reader::Reader;
use super::{PathKind, defaults};
use crate::limits::Limits;

/// What confines the instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxChoice {
    /// The strongest that works on this machine; if there is none, the server does not start.
    #[default]
    Auto,
    /// firejail.
    Firejail,
    /// bubblewrap.
    Bubblewrap,
    /// Nothing: for operators who run only their own projects.
    None,
}

/// Whether an instance has a network of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkChoice {
    /// It has where that works, else it shares the machine's.
    #[default]
    Auto,
    /// It has; where that does not work, the server does not start.
    Private,
    /// It shares the machine's: it can connect to whatever the machine can.
    Host,
}

/// Where instances get cgroups of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CgroupChoice {
    /// Below the server's own, if it may make some there.
    #[default]
    Auto,
    /// Nowhere.
    None,
    /// Below this folder of the cgroup file system, version 2.
    Folder(PathBuf),
}

pub(super) fn sandbox(r: &mut Reader<'_>) -> SandboxChoice {
    let choice = |text: &str| match text {
        "auto" => Some(SandboxChoice::Auto),
        "firejail" => Some(SandboxChoice::Firejail),
        "bubblewrap" => Some(SandboxChoice::Bubblewrap),
        "none" => Some(SandboxChoice::None),
        _ => None,
    };
    r.parsed("sandbox", choice).unwrap_or_default()
}

/// Only a sandbox can give a network of its own.
pub(super) fn network(r: &mut Reader<'_>, sandbox: SandboxChoice) -> NetworkChoice {
    let choice = |text: &str| match text {
        "auto" => Some(NetworkChoice::Auto),
        "private" => Some(NetworkChoice::Private),
        "host" => Some(NetworkChoice::Host),
        _ => None,
    };
    let network = r.parsed("network", choice).unwrap_or_default();
    if (sandbox, network) == (SandboxChoice::None, NetworkChoice::Private) {
        r.wrong(
            "network",
            "\"private\" takes a sandbox, but `sandbox` is \"none\"",
        );
    }
    network
}

pub(super) fn devices(r: &mut Reader<'_>) -> Option<Vec<PathBuf>> {
    let device = |text: &str| {
        let path = PathBuf::from(text);
        let inside = path.components().all(|part| part != Component::ParentDir);
        (inside && path.starts_with("/dev") && path != Path::new("/dev")).then_some(path)
    };
    r.list("devices", device)
}

/// A folder, unless it is one of the two words: those are not taken for names of folders.
pub(super) fn cgroup(r: &mut Reader<'_>) -> CgroupChoice {
    if r.is("cgroup", "none") {
        r.take("cgroup");
        return CgroupChoice::None;
    }
    if r.is("cgroup", "auto") {
        r.take("cgroup");
    }
    r.existing("cgroup", PathKind::Folder)
        .map_or(CgroupChoice::Auto, CgroupChoice::Folder)
}

pub(super) fn limits(r: &mut Reader<'_>) -> Limits {
    let default = defaults::LIMITS;
    let cpu = default.cpu.map(|cpu| cpu.as_secs());
    Limits {
        memory: r.size_limit("limits.memory", 1 << 20, default.memory),
        processes: r.whole_limit("limits.processes", 1, default.processes),
        open_files: r.whole_limit("limits.openFiles", 16, default.open_files),
        cpu: r
            .whole_limit("limits.cpuSeconds", 1, cpu)
            .map(Duration::from_secs),
        disk: r.size_limit("limits.disk", 1 << 10, default.disk),
        files: r.whole_limit("limits.files", 1, default.files),
    }
}
