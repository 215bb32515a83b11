//! What is left: processes, folders, mounts, ports, cgroups.

use std::fs;
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::procs::{self, Process};
use super::reaper::bury;
use crate::common::listing;

/// Where to look.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) instances: PathBuf,
    /// The ports of instances.
    pub(crate) ports: RangeInclusive<u16>,
    /// The server that runs now, or the last that did.
    pub(crate) server: i32,
    /// What the names of the workspaces of all servers so far begin with.
    pub(crate) prefixes: Vec<String>,
}

impl Scene {
    /// All that should not be there.
    pub(crate) fn remains(&self) -> Vec<String> {
        let all = procs::all();
        bury(self.server, &all);
        let mut remains = self.processes(&all);
        let files = listing(&self.instances).into_iter();
        remains.extend(files.map(|file| {
            let held = fs::read_to_string(self.instances.join(&file)).unwrap_or_default();
            format!("file {file} {held:?}")
        }));
        remains.extend(self.mounts());
        let taken = self.ports.clone().filter(|port| !is_free(*port));
        remains.extend(taken.map(|port| format!("port {port}")));
        remains.extend(self.cgroups());
        remains
    }

    /// Whatever is below this process, which is a subreaper, but the server; and, in case that one
    /// escaped that, whatever bears the name of a workspace.
    fn processes(&self, all: &[Process]) -> Vec<String> {
        let own = std::process::id().cast_signed();
        let below = procs::below(own, all);
        let is_below = |pid| below.iter().any(|it| it.pid == pid);
        let others = all
            .iter()
            .filter(|it| it.pid != own && it.pid != self.server);
        others
            .filter(|it| is_below(it.pid) || it.belongs(&self.instances, &self.prefixes))
            .map(|it| format!("process {it:?} {:?}", it.args()))
            .collect()
    }

    fn mounts(&self) -> Vec<String> {
        let folder = self.instances.to_string_lossy();
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("/proc");
        let here = mounts.lines().filter(|line| line.contains(&*folder));
        here.map(|line| format!("mount {line}")).collect()
    }

    fn cgroups(&self) -> Vec<String> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("/proc");
        let of_v2 = mounts.lines().filter(|line| line.contains(" - cgroup2 "));
        let mut found = Vec::new();
        for mount in of_v2.filter_map(|line| line.split(' ').nth(4)) {
            self.cgroups_below(Path::new(mount), &mut found);
        }
        found
    }

    fn cgroups_below(&self, folder: &Path, found: &mut Vec<String>) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.filter(|it| it.file_type().is_ok_and(|kind| kind.is_dir())) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if self.prefixes.iter().any(|prefix| name.contains(prefix)) {
                found.push(format!("cgroup {}", entry.path().display()));
            }
            self.cgroups_below(&entry.path(), found);
        }
    }

    /// Waits until `look` finds nothing.
    pub(crate) async fn settle(what: &str, limit: Duration, look: impl Fn() -> Vec<String>) {
        let start = Instant::now();
        loop {
            let left = look();
            if left.is_empty() {
                return;
            }
            let left = left.join("\n");
            assert!(start.elapsed() < limit, "{what}, after {limit:?}:\n{left}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("::", port)).is_ok()
}
