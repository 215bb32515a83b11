//! Instances as processes of this machine, each under a warden of its own
//! (how it works: `docs/src/warden.md`).
//!
//! | file | does |
//! |---|---|
//! | `warden`, `begin`, `outside`, `inside` | the helper process, in its two uses |
//! | `restricted` | the last step before the instance: limits, filter of system calls |
//! | `plan` | what it is told at its start |
//! | `watch`, `tree` | its loop, its reach |
//! | `status` | what the two sides say to each other |
//! | `lifeline` | the server's ends of a warden's descriptors |
//! | `link`, `relay` | between the two wardens, where the instance has a network of its own |
//! | `config`, `launcher`, `running`, `help` | the port |
//! | `instance`, `output` | one running instance, its output in lines |
//! | `listening` | who listens on a port |
//! | `workspace`, `owner`, `remove` | the folders |
//! | `survivors`, `sweep` | what an earlier server, or a killed warden, left behind |
//! | `limit`, `meter` | what an instance may use; whether it keeps to that |
//! | `usage` | its processes, memory, processor time |
//! | `storage`, `walk`, `hidden` | what it stores |
//! | `cgroup_base`, `cgroup` | cgroups of version 2, where they can be made |

mod begin;
mod cgroup;
mod cgroup_base;
mod config;
mod help;
mod hidden;
mod inside;
mod instance;
mod launcher;
mod leader;
mod lifeline;
mod limit;
mod link;
mod listening;
mod meter;
mod output;
mod outside;
mod owner;
mod plan;
mod relay;
mod remove;
mod restricted;
mod running;
mod status;
mod storage;
mod survivors;
mod sweep;
mod tree;
mod usage;
mod usages;
mod walk;
mod warden;
mod watch;
mod workspace;

pub use config::{ProcessLauncherConfig, SetupError};
pub use launcher::ProcessLauncher;
pub use output::OutputLimits;
pub use restricted::{RESTRICTED, restricted};
pub use sweep::{LeftWorkspace, SweepReport};
pub(crate) use warden::run;
pub use warden::{INSIDE, OUTSIDE};
pub use watch::{GRACE, GUARD_MARGIN, STRAY_GRACE};

/// The variable that every process of an instance inherits: its value is the name of the workspace.
pub const MARK: &str = "WEBOTS_CLOUD_INSTANCE";

/// The processes of the instance whose workspace has this name, as far as they carry its mark.
/// Looks through `/proc`, so it blocks for some milliseconds.
pub fn processes_of(workspace: &str) -> Vec<i32> {
    survivors::find(workspace, None, None).into_iter().collect()
}
