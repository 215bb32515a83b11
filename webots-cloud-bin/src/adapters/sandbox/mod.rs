//! What confines instances: bubblewrap or firejail, of which [`choose`] takes the stronger one that
//! works.
//!
//! | | bubblewrap | firejail |
//! |---|---|---|
//! | files | sees **only** what is named here: `/usr`, a little of `/etc`, the workspace | sees all but what is named here and what lies beside it |
//! | system calls | those that have no use in a simulation are refused ([`restricted`]) | firejail's list as well |
//! | capabilities, setuid programs | none | none |
//! | new user namespaces | refused, unless the machine cannot | refused, unless the machine cannot |
//! | network | its own, with its own loopback interface only | the same |
//! | other processes, their signals and memory | not there | not there |
//! | needs | user namespaces for everybody | a setuid program, a login shell, no `NoNewPrivileges=`, a server that is not root |
//!
//! What exactly each confines is tried by [`probe`] at each start (`docs/src/sandboxes.md`).
//!
//! bubblewrap is the stronger one: a list of what may be seen stays right when somebody puts a new
//! secret on the machine, a list of what may not be seen does not.
//!
//! [`restricted`]: super::process::restricted
//!
//! # The network
//!
//! An instance has a network of its own, in which there is nothing but its loopback interface: no
//! way to the internet, to the ports of this machine and of other instances, and to abstract
//! sockets. The wardens carry its one port out to browsers (see
//! [`process`](super::process)). Where the kernel does not allow that, or `network` is `host`, it
//! shares the network of this machine and reaches whatever the machine reaches.
//!
//! # What is stronger
//!
//! [`choose`] goes down this ladder, as far as the configuration lets it, and takes the first that
//! passes its trial:
//!
//! 1. bubblewrap with a private network; 2. the same, with user namespaces allowed;
//! 3. firejail with a private network; 4. the same, with user namespaces allowed;
//! 5. to 8. the same four with the machine's network.
//!
//! The network comes first: who shares it can talk to every service of the machine that trusts its own
//! loopback interface, and to every other instance, as it is, while files that are seen too
//! much and namespaces that are allowed need a mistake of somebody else, or a hole in the kernel,
//! to be of use. Then files, for the reason above; then namespaces.
//!
//! # What is left
//!
//! Neither confines: sockets in the file system, where they can be seen (firejail hides the known
//! ones only). X programs see each other through the display that they share. Of
//! [`Limits`](webots_cloud_core::limits::Limits) they apply those of single processes; those of the
//! instance as a whole are the launcher's.

mod bubblewrap;
mod choose;
mod firejail;
mod graphics;
pub mod probe;
mod self_test;
mod trial;

use std::path::{Path, PathBuf};

use webots_cloud_core::config::NetworkChoice;
use webots_cloud_core::ports::{Network, PortError};

pub use bubblewrap::Bubblewrap;
pub(crate) use choose::untried;
pub use choose::{ChooseError, choose};
pub use firejail::Firejail;
pub use graphics::{gpu_devices, x11_socket};

/// What sandboxes need to know of this machine. Paths are absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxConfig {
    /// The program of the warden, which runs inside under this very path: see
    /// [`ProcessLauncherConfig::warden`](super::process::ProcessLauncherConfig::warden).
    pub warden: PathBuf,
    /// Folders and files that instances may read: Webots' folder, the program to be started. What is
    /// in `/usr` can be read anyway; what is not there is left out.
    pub visible: Vec<PathBuf>,
    /// Folders that instances must not read: keys, configuration, logs, projects.
    pub hidden_folders: Vec<PathBuf>,
    /// Files that instances must not read: those of TLS.
    pub hidden_files: Vec<PathBuf>,
    /// The socket of the X server, like `/tmp/.X11-unix/X0`; its cookie file, if there is one, must
    /// be among the visible.
    pub display: Option<PathBuf>,
    /// Devices that instances may use, as for GPUs `/dev/dri` and `/dev/nvidia0`. Empty: none but
    /// `/dev/null` and its like. firejail knows only all GPUs or none.
    pub devices: Vec<PathBuf>,
    /// What [`choose`] takes: a network of its own for each instance, the machine's, or the first
    /// where that works.
    pub network: NetworkChoice,
}

/// What everybody sees inside, and what is never listed in a configuration.
const SYSTEM: [&str; 8] = [
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc",
];

fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
}

impl SandboxConfig {
    /// The same, with links followed and without what is to be hidden and is not there. Reads the
    /// file system: blocks.
    fn resolved(&self) -> std::io::Result<Self> {
        let warden = std::fs::canonicalize(&self.warden)?;
        let mut visible = Vec::new();
        for path in &self.visible {
            // Programs know it by its name, and the name leads where the link leads.
            visible.push(path.clone());
            visible.extend(std::fs::canonicalize(path));
        }
        // Parents before children: what is mounted later covers what is there.
        visible.sort();
        visible.dedup();
        let real = |paths: &[PathBuf]| {
            let found = paths
                .iter()
                .filter_map(|path| std::fs::canonicalize(path).ok());
            found.collect()
        };
        Ok(Self {
            warden,
            visible,
            hidden_folders: real(&self.hidden_folders),
            hidden_files: real(&self.hidden_files),
            display: self.display.clone(),
            devices: self.devices.clone(),
            network: self.network,
        })
    }
}

/// What is in force, in words.
fn form(name: &str, strict: bool, network: Network) -> String {
    let network = match network {
        Network::Private => "private network",
        Network::Host => "the host's network",
    };
    let lenient = if strict {
        ""
    } else {
        ", user namespaces allowed"
    };
    format!("{name}, {network}{lenient}")
}

/// A path as an argument.
fn text(path: &Path) -> Result<String, PortError> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| cannot(format!("{} is not UTF-8", path.display())))
}

/// The client need not know why.
fn cannot(why: String) -> PortError {
    PortError::permanent("the simulation cannot be confined").because(why)
}
