//! One process, for ever: its pid alone is given to others later.

use std::fmt;
use std::io;

use rustix::process::Pid;

use super::procfs;

/// A process that ran once, as a text of three lines: `pid`, `start`, `boot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessIdentity {
    pub(crate) pid: i32,
    /// Field 22 of `/proc/PID/stat`.
    pub(crate) start: u64,
    pub(crate) boot: String,
}

impl ProcessIdentity {
    /// The process that has this pid now.
    pub(crate) fn of(pid: Pid) -> io::Result<Self> {
        let pid = pid.as_raw_nonzero().get();
        let stat = procfs::stat(pid).ok_or_else(|| io::Error::other("/proc/PID/stat"))?;
        Ok(Self {
            pid,
            start: stat.start,
            boot: procfs::boot_id()?,
        })
    }

    pub(crate) fn this_process() -> io::Result<Self> {
        Self::of(rustix::process::getpid())
    }

    /// Reads the three lines.
    pub(crate) fn parse<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut value = |key: &str| lines.next()?.strip_prefix(key)?.strip_prefix(' ');
        Some(Self {
            pid: value("pid")?.parse().ok()?,
            start: value("start")?.parse().ok()?,
            boot: value("boot")?.to_owned(),
        })
    }

    /// Whether it still runs, as far as its number tells.
    pub(crate) fn runs(&self) -> bool {
        procfs::boot_id().is_ok_and(|boot| boot == self.boot)
            && procfs::stat(self.pid)
                .is_some_and(|stat| stat.start == self.start && !stat.is_zombie())
    }
}

impl fmt::Display for ProcessIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, start, boot } = self;
        writeln!(f, "pid {pid}\nstart {start}\nboot {boot}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_very_process_of_this_boot_runs() {
        let own = ProcessIdentity::this_process().expect("Linux");
        let text = own.to_string();
        assert_eq!(ProcessIdentity::parse(&mut text.lines()), Some(own.clone()));
        assert!(own.runs());
        let later = ProcessIdentity {
            start: own.start + 1,
            ..own.clone()
        };
        let before = ProcessIdentity {
            boot: "another".to_owned(),
            ..own
        };
        assert!(!later.runs() && !before.runs());
    }
}
