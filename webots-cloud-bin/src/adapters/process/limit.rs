//! What an instance may use as a whole, and the words for a limit that it reached.

use std::fmt;

use serde::{Deserialize, Serialize};
use webots_cloud_core::config::show_size;
use webots_cloud_core::limits::Limits;

/// The limits of a whole process tree, as plain numbers; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Bounds {
    /// Bytes.
    pub(crate) memory: Option<u64>,
    /// Processes and threads.
    pub(crate) processes: Option<u64>,
    /// Milliseconds of processor time.
    pub(crate) cpu: Option<u64>,
    /// Bytes.
    pub(crate) disk: Option<u64>,
    /// Files and folders.
    pub(crate) files: Option<u64>,
}

impl From<&Limits> for Bounds {
    fn from(limits: &Limits) -> Self {
        let milliseconds = |cpu: std::time::Duration| u64::try_from(cpu.as_millis());
        Self {
            memory: limits.memory,
            processes: limits.processes,
            cpu: limits.cpu.and_then(|cpu| milliseconds(cpu).ok()),
            disk: limits.disk,
            files: limits.files,
        }
    }
}

/// What there is a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Resource {
    Memory,
    Processes,
    Cpu,
    Disk,
    Files,
    /// Folders in folders.
    Depth,
    /// The length of one file.
    FileSize,
}

impl Resource {
    const ALL: [Self; 7] = [
        Self::Memory,
        Self::Processes,
        Self::Cpu,
        Self::Disk,
        Self::Files,
        Self::Depth,
        Self::FileSize,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Processes => "processes",
            Self::Cpu => "cpu",
            Self::Disk => "disk",
            Self::Files => "files",
            Self::Depth => "depth",
            Self::FileSize => "filesize",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// This limit of this resource was reached.
    pub(crate) const fn above(self, most: u64) -> Reached {
        Reached {
            resource: self,
            most,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) resource: Resource,
    /// In the unit of [`Bounds`].
    pub(crate) most: u64,
}

impl Reached {
    /// For the user.
    pub(crate) fn words(self) -> String {
        let most = self.most;
        match self.resource {
            Resource::Memory => format!("it used more than its {} of memory", show_size(most)),
            Resource::Processes => {
                format!("it had more than its {most} processes and threads")
            }
            Resource::Cpu => {
                #[allow(clippy::cast_precision_loss)]
                let seconds = most as f64 / 1000.0;
                format!("it used more than its {seconds} s of processor time")
            }
            Resource::Disk => format!("it used more than its {} of disk", show_size(most)),
            Resource::Files => format!("it made more than its {most} files and folders"),
            Resource::Depth => format!("it made folders more than {most} deep"),
            Resource::FileSize => format!("it made a file of more than {}", show_size(most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_its_limit_in_words() {
        for (resource, most, words) in [
            (
                Resource::Memory,
                8 << 30,
                "it used more than its 8 GiB of memory",
            ),
            (
                Resource::Processes,
                1024,
                "it had more than its 1024 processes and threads",
            ),
            (
                Resource::Cpu,
                600_000,
                "it used more than its 600 s of processor time",
            ),
            (
                Resource::Cpu,
                1500,
                "it used more than its 1.5 s of processor time",
            ),
            (
                Resource::Disk,
                4 << 30,
                "it used more than its 4 GiB of disk",
            ),
            (
                Resource::Files,
                100_000,
                "it made more than its 100000 files and folders",
            ),
        ] {
            assert_eq!(resource.above(most).words(), words);
        }
        for resource in Resource::ALL {
            assert_eq!(Resource::of_word(resource.word()), Some(resource));
        }
    }
}
