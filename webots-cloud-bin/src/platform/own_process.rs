//! This process.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::sync::OnceLock;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use rustix::process::{Resource, getpid, getrlimit};
    use rustix::time::{ClockId, clock_gettime};
    use webots_cloud_core::web::view::ProcessView;

    use crate::platform::linux::procfs;

    /// What it uses. Blocks: counting 20,000 open files takes some milliseconds.
    pub(crate) fn own_process() -> Option<ProcessView> {
        let stat = procfs::stat(getpid().as_raw_nonzero().get())?;
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        let time = |count: u64| Duration::from_millis(count.saturating_mul(1000) / ticks);
        let pages = fs::read_to_string("/proc/self/statm").ok()?;
        let resident: u64 = pages.split_ascii_whitespace().nth(1)?.parse().ok()?;
        let page = u64::try_from(rustix::param::page_size()).ok()?;
        // The folder that is read is an open file itself.
        let open = fs::read_dir("/proc/self/fd")
            .ok()?
            .count()
            .saturating_sub(1);
        Some(ProcessView {
            resident: resident.saturating_mul(page),
            cpu: time(stat.ticks),
            open_files: open as u64,
            most_files: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
            started: started(time(stat.start)),
        })
    }

    /// The same each time, though the clock may be set meanwhile.
    fn started(after_boot: Duration) -> Duration {
        static STARTED: OnceLock<Duration> = OnceLock::new();
        *STARTED.get_or_init(|| {
            let since_boot = clock_gettime(ClockId::Boottime);
            let since_boot = Duration::from_secs(u64::try_from(since_boot.tv_sec).unwrap_or(0));
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let age = since_boot.saturating_sub(after_boot);
            now.unwrap_or_default().saturating_sub(age)
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_process_runs() {
            let one = own_process().expect("Linux tells");
            assert!(one.resident > 1 << 20 && one.open_files >= 3, "{one:?}");
            assert!(one.most_files >= one.open_files, "{one:?}");
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now");
            let age = now.saturating_sub(one.started);
            assert!(age < Duration::from_secs(24 * 3600), "{age:?}");
            let file = fs::File::open("/dev/null").expect("there");
            let two = own_process().expect("Linux tells");
            assert_eq!(two.started, one.started);
            assert!(two.cpu >= one.cpu);
            drop(file);
        }
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::own_process;

/// Not known here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn own_process() -> Option<webots_cloud_core::web::view::ProcessView> {
    None
}
