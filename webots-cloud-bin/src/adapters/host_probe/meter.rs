use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sysinfo::{MINIMUM_CPU_UPDATE_INTERVAL, System};
use webots_cloud_core::load::LoadParts;

use super::bounded;
use super::network::Network;

/// Measures all of a machine but its GPUs.
#[derive(Debug)]
pub(super) struct Meter {
    system: System,
    network: Network,
    instances_dir: PathBuf,
    last: Instant,
}

impl Meter {
    pub(super) fn new(
        instances_dir: PathBuf,
        network_capacity: Option<f64>,
    ) -> Result<Self, sysinfo::Error> {
        let mut system = System::new()?;
        system.refresh_cpu_usage();
        Ok(Self {
            system,
            network: Network::new(network_capacity)?,
            instances_dir,
            last: Instant::now(),
        })
    }

    /// Everything but the figures of GPUs, which are 0.
    ///
    /// Blocks: for a millisecond, or for a fifth of a second if the last sample is hardly over.
    pub(super) fn measure(&mut self) -> LoadParts {
        // Processor time comes in ticks: over a shorter time it says nothing, and sysinfo would
        // repeat its last answer, at first the mean since the machine was started.
        let least = MINIMUM_CPU_UPDATE_INTERVAL + Duration::from_millis(1);
        if let Some(early) = least.checked_sub(self.last.elapsed()) {
            std::thread::sleep(early);
        }
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let seconds = self.last.elapsed().as_secs_f64();
        self.last = Instant::now();
        let traffic = self.network.measure(seconds);
        LoadParts {
            cpu: bounded(f64::from(self.system.global_cpu_usage())),
            memory: share(self.system.used_memory(), self.system.total_memory()),
            swap: share(self.system.used_swap(), self.system.total_swap()),
            disk: disk(&self.instances_dir),
            network_sent: traffic.sent,
            network_received: traffic.received,
            network: traffic.percent,
            ..LoadParts::default()
        }
    }
}

/// `part` of `whole` in percent; nothing of nothing is 0, as where there is no swap space.
#[expect(clippy::cast_precision_loss, reason = "percents need no 53 bits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        bounded(part as f64 / whole as f64 * 100.0)
    }
}

/// How full the file system that holds `folder` is, as `df` tells it.
///
/// Not with sysinfo, which looks at every file system of the machine: one network drive that hangs
/// would hang the samples, and it knows no tmpfs.
#[cfg(unix)]
fn disk(folder: &Path) -> f64 {
    let found = folder
        .ancestors()
        .find_map(|folder| rustix::fs::statvfs(folder).ok());
    found.map_or(0.0, |it| {
        let used = it.f_blocks.saturating_sub(it.f_bfree);
        share(used, used.saturating_add(it.f_bavail))
    })
}

/// How full the file system that holds `folder` is.
#[cfg(not(unix))]
fn disk(folder: &Path) -> f64 {
    let disks = sysinfo::Disks::new_with_refreshed_list().ok();
    let disks = disks.iter().flat_map(|disks| disks.list());
    let holds = disks.filter(|disk| folder.starts_with(disk.mount_point()));
    holds
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .map_or(0.0, |disk| {
            let total = disk.total_space();
            share(total.saturating_sub(disk.available_space()), total)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(share(1, 4), 25.0);
        assert_eq!(share(0, 0), 0.0);
        assert_eq!(share(5, 4), 100.0);
    }

    /// Against what the kernel itself tells, which the crate reads elsewhere.
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_and_swap_are_those_of_the_kernel() {
        let text = std::fs::read_to_string("/proc/meminfo").expect("Linux");
        let kib = |name: &str| -> f64 {
            let line = text.lines().find(|line| line.starts_with(name));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            number.expect(name).parse().expect("a number")
        };
        let memory = 100.0 - kib("MemAvailable:") / kib("MemTotal:") * 100.0;
        let mut meter = Meter::new("/".into(), None).expect("Linux tells");
        let parts = meter.measure();
        // Others use memory as well, between the two looks.
        assert!((parts.memory - memory).abs() < 15.0, "{memory} {parts:?}");
        if kib("SwapTotal:") == 0.0 {
            assert_eq!(parts.swap, 0.0);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_is_not_there_yet_is_on_the_disk_of_its_parent() {
        let there = std::env::temp_dir();
        let missing = there.join("not/there/yet");
        assert!(disk(&missing) > 0.0);
        assert!((disk(&missing) - disk(&there)).abs() < 5.0);
    }
}
