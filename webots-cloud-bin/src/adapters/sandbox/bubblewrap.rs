#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{Confined, Confinement, Network, PortError, Sandbox, StopPlan};

use super::{SYSTEM, SandboxConfig, cannot, form, is_system, text};
use crate::adapters::process::restricted;

/// What programs need of `/etc`. Not `/etc/ssl` as a whole, which holds private keys.
const ETC: [&str; 13] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/glvnd",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki/tls/certs",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/vulkan",
];

/// The private folders for temporary files.
const TEMPORARY: [&str; 2] = ["/tmp", "/dev/shm"];

/// Where GPU drivers look their devices up.
const DEVICE_LISTS: [&str; 4] = ["/sys/bus", "/sys/class", "/sys/dev", "/sys/devices"];

/// Confines with bubblewrap: an instance sees what is named here and nothing else.
///
/// Works for root and ordinary users alike, without a setuid program, as long as the kernel lets
/// the user make namespaces. What it does not confine: see the [module](super).
///
/// # Errors
/// Paths that are not UTF-8; a workspace that holds what is to be hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bubblewrap {
    program: PathBuf,
    config: SandboxConfig,
    strict: bool,
    network: Network,
}

impl Bubblewrap {
    /// With this program, usually `/usr/bin/bwrap`, and a network of its own for each instance. Looks at nothing: links in `config` must be
    /// followed already, and `hidden_folders` and `hidden_files` must be there.
    pub const fn new(program: PathBuf, config: SandboxConfig) -> Self {
        Self {
            program,
            config,
            strict: true,
            network: Network::Private,
        }
    }

    /// Without what bubblewrap knows only from 0.8 on, and containers do not always allow: instances
    /// can then make user namespaces of their own, and reach more of the kernel there.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }

    /// With the machine's network: instances reach whatever this machine reaches, its loopback
    /// interface and abstract sockets too.
    #[must_use]
    pub const fn sharing_network(mut self) -> Self {
        self.network = Network::Host;
        self
    }

    fn arguments(
        &self,
        workspace: &Path,
        directory: &str,
        limits: &Limits,
    ) -> Result<Vec<String>, PortError> {
        let mut all = Arguments::default();
        all.put(&["--unshare-all", "--unshare-user"]);
        match self.network {
            Network::Host => all.put(&["--share-net"]),
            Network::Private => {}
        }
        if self.strict {
            all.put(&["--disable-userns"]);
        }
        // Its parent is a warden with one thread, so that the end of a thread cannot end it.
        all.put(&["--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        for folder in SYSTEM.into_iter().filter(|folder| *folder != "/etc") {
            all.show("--ro-bind-try", folder);
        }
        for path in ETC {
            all.show("--ro-bind-try", path);
        }
        all.put(&["--proc", "/proc", "--dev", "/dev"]);
        for folder in TEMPORARY {
            // In memory, so it must not grow for ever.
            if let Some(disk) = limits.disk {
                all.put(&["--size", &disk.to_string()]);
            }
            all.put(&["--perms", "1777", "--tmpfs", folder]);
        }
        // The kernel takes its settings from root's processes whatever their capabilities; with
        // `core_pattern` it would even run a program as root outside.
        all.put(&["--remount-ro", "/proc"]);
        for device in &self.config.devices {
            all.show("--dev-bind-try", &text(device)?);
        }
        if !self.config.devices.is_empty() {
            for folder in DEVICE_LISTS {
                all.show("--ro-bind-try", folder);
            }
        }
        if let Some(display) = &self.config.display {
            all.show("--ro-bind-try", &text(display)?);
            // Its pictures cannot go through shared memory, which is private here.
            all.put(&["--setenv", "QT_X11_NO_MITSHM", "1"]);
        }
        self.files(&mut all, workspace)?;
        all.put(&["--remount-ro", "/dev", "--remount-ro", "/"]);
        all.put(&["--chdir", directory, "--"]);
        Ok(all.0)
    }

    /// Parents before children, so that what is shown in a hidden folder is there, and what is hidden
    /// in a shown one is not.
    fn files(&self, all: &mut Arguments, workspace: &Path) -> Result<(), PortError> {
        let config = &self.config;
        let visible = || config.visible.iter().filter(|path| !is_bound(path));
        let seen =
            |path: &&Path| is_bound(path) || visible().any(|visible| path.starts_with(visible));
        // Where the workspace is, there are others.
        let folders = config.hidden_folders.iter().map(PathBuf::as_path);
        let folders = folders.chain(workspace.parent()).filter(seen);
        let files = config.hidden_files.iter().map(PathBuf::as_path);
        let mut steps: Vec<(&Path, Step)> = visible()
            .map(|path| (path.as_path(), Step::Show))
            .chain([(config.warden.as_path(), Step::Show)])
            .chain(folders.map(|path| (path, Step::HideFolder)))
            .chain(files.filter(seen).map(|path| (path, Step::HideFile)))
            .chain([(workspace, Step::Own)])
            .collect();
        steps.sort();
        for (path, step) in steps {
            if step != Step::Own && path.starts_with(workspace) {
                return Err(cannot(format!("{} is in a workspace", path.display())));
            }
            let path = &text(path)?;
            match step {
                Step::Show => all.show("--ro-bind-try", path),
                Step::HideFolder => all.put(&["--tmpfs", path]),
                // A device that is bound like this can be neither read nor written.
                Step::HideFile => all.put(&["--ro-bind", "/dev/null", path]),
                Step::Own => all.show("--bind", path),
            }
        }
        Ok(())
    }
}

/// What is done with a path; of two on the same path, the second counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Show,
    HideFolder,
    HideFile,
    Own,
}

/// Whether it is there without being named.
fn is_bound(path: &Path) -> bool {
    is_system(path) && (!path.starts_with("/etc") || ETC.iter().any(|it| path.starts_with(it)))
}

#[derive(Debug, Default)]
struct Arguments(Vec<String>);

impl Arguments {
    fn put(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// Under its own name.
    fn show(&mut self, how: &str, path: &str) {
        self.put(&[how, path, path]);
    }
}

impl Sandbox for Bubblewrap {
    fn name(&self) -> &str {
        "bubblewrap"
    }

    fn form(&self) -> String {
        form(self.name(), self.strict, self.network)
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        let (program, warden) = (text(&self.program)?, text(&self.config.warden)?);
        let own = text(&confinement.workspace.path)?;
        let writable = [own.as_str(), "/tmp", "/dev"];
        let directory = confinement.command.directory.clone();
        let arguments =
            self.arguments(&confinement.workspace.path, &directory, &confinement.limits)?;
        Ok(Confined {
            command: restricted(confinement.command, &warden, &confinement.limits, &writable)
                .wrapped_in(program, arguments),
            // It would end everybody at once; the warden inside asks the instance first.
            stop: StopPlan::SignalLeader,
            network: self.network,
        })
    }
}
