#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use webots_cloud_core::ports::{Confined, Confinement, Network, PortError, Sandbox, StopPlan};

use super::{SandboxConfig, cannot, form, is_system, text};
use crate::adapters::process::restricted;

/// What does not depend on anything. Not among it, and why: `--private=` writes into the workspace
/// and refuses one of another owner, `--timeout` tells the end two seconds late, `--bind` changes
/// owners.
const ALWAYS: [&str; 13] = [
    "--quiet",
    "--noprofile",
    "--private-dev",
    "--disable-mnt",
    "--noroot",
    "--caps.drop=all",
    "--seccomp",
    "--nonewprivs",
    "--dbus-user=none",
    "--dbus-system=none",
    "--nodvd",
    "--notv",
    "--novideo",
];

/// All of `/etc` that instances see.
const ETC: &str = "--private-etc=ld.so.cache,ssl,fonts,localtime,nsswitch.conf,hosts,resolv.conf,\
                   alternatives,glvnd,vulkan,ca-certificates,pki";

/// Where people and services keep what is theirs, and by which a server of somebody else could be
/// told what to do.
const HIDDEN: [&str; 22] = [
    "/boot",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/etc/ssl/private",
    "/etc/pki/tls/private",
    "/run/containerd",
    "/run/docker.sock",
    "/run/libvirt",
    "/run/mysqld",
    "/run/podman",
    "/run/postgresql",
    "/run/systemd",
    "/run/user",
    "/var/backups",
    "/var/lib",
    "/var/log",
    "/var/mail",
    "/var/opt",
    "/var/spool",
    "/var/www",
];

/// Where X servers have their sockets.
const DISPLAYS: &str = "/tmp/.X11-unix";

/// Characters that mean something to firejail in a path, or that it refuses.
const ODD: [char; 13] = [
    ',', '*', '?', '&', ';', '{', '}', '[', ']', '$', '\\', '~', '%',
];

/// Confines with firejail: an instance sees everything but what is named here, and of each folder in
/// `/` that holds something it needs, only that.
///
/// Needs the setuid program of the distribution, and a user with a login shell who is not root:
/// root's instances could write in `/` and `/run`, which the self-test refuses. What it does not
/// confine: see the [module](super); and folders in `/` of the operator's own making, like `/data`,
/// unless they are among the hidden ones.
///
/// # Errors
/// Paths that are not UTF-8 or hold a character that firejail does not take; a workspace in a folder
/// that instances may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firejail {
    program: PathBuf,
    config: SandboxConfig,
    strict: bool,
    network: Network,
}

impl Firejail {
    /// With this program, usually `/usr/bin/firejail`, and a network of its own for each instance. Looks at nothing: links in `config` must be
    /// followed already.
    pub const fn new(program: PathBuf, config: SandboxConfig) -> Self {
        Self {
            program,
            config,
            strict: true,
            network: Network::Private,
        }
    }

    /// Without what firejail knows only from 0.9.72 on: instances can then make user namespaces of
    /// their own, and reach more of the kernel there.
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

    fn arguments(&self, workspace: &Path) -> Result<Vec<String>, PortError> {
        let config = &self.config;
        let mut all: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
        all.push(ETC.to_owned());
        match self.network {
            Network::Host => {}
            Network::Private => all.push("--net=none".to_owned()),
        }
        if self.strict {
            all.push("--restrict-namespaces".to_owned());
        }
        if config.devices.is_empty() {
            all.push("--no3d".to_owned());
        }
        let visible = config.visible.iter().map(PathBuf::as_path);
        let needed = [workspace, &config.warden].into_iter().chain(visible);
        // In folders of the system, a whitelist would hide the system.
        let mut needed: Vec<&Path> = needed.filter(|path| !is_system(path)).collect();
        let in_tmp = |path: &&Path| path.starts_with("/tmp");
        if needed.iter().any(in_tmp) {
            // What is shown of /tmp empties the rest of it; both together do not work.
            needed.extend(config.display.as_deref().filter(in_tmp));
        } else {
            all.push("--private-tmp".to_owned());
            if config.display.is_none() {
                all.push(format!("--blacklist={DISPLAYS}"));
            }
        }
        if needed.iter().any(|path| path.starts_with("/var")) {
            // For ordinary users nothing in there could be executed, and /var/tmp would be empty.
            // What is not needed of it is hidden all the same.
            all.extend(["--writable-var", "--keep-var-tmp"].map(str::to_owned));
        }
        for path in &needed {
            if path != &workspace && workspace.starts_with(path) {
                let why = format!("the workspaces are in {}", path.display());
                return Err(cannot(why));
            }
            all.push(format!("--whitelist={}", checked(path)?));
            // Where the server may write, an instance could write as well.
            if path != &workspace && Some(*path) != config.display.as_deref() {
                all.push(format!("--read-only={}", checked(path)?));
            }
        }
        all.push(format!("--read-write={}", checked(workspace)?));
        let usual = HIDDEN.iter().map(Path::new);
        let own = config.hidden_folders.iter().chain(&config.hidden_files);
        for hidden in usual.chain(own.map(PathBuf::as_path)) {
            if hidden.starts_with(workspace) {
                return Err(cannot(format!("{} is in a workspace", hidden.display())));
            }
            if !needed.iter().any(|path| path.starts_with(hidden)) {
                all.push(format!("--blacklist={}", checked(hidden)?));
            } else if needed.iter().any(|path| hidden.starts_with(path)) {
                let why = format!("a part of {} is to be hidden, a part not", hidden.display());
                return Err(cannot(why));
            }
            // Else what is needed in there shows itself only, and the rest is hidden by that.
        }
        all.push("--".to_owned());
        Ok(all)
    }
}

fn checked(path: &Path) -> Result<String, PortError> {
    let text = text(path)?;
    if text.contains(|c: char| c.is_control() || ODD.contains(&c)) {
        return Err(cannot(format!("firejail cannot take the path `{text}`")));
    }
    Ok(text)
}

impl Sandbox for Firejail {
    fn name(&self) -> &str {
        "firejail"
    }

    fn form(&self) -> String {
        form(self.name(), self.strict, self.network)
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        let (program, warden) = (text(&self.program)?, text(&self.config.warden)?);
        let own = text(&confinement.workspace.path)?;
        let writable = [own.as_str(), "/tmp", "/dev"];
        let arguments = self.arguments(&confinement.workspace.path)?;
        Ok(Confined {
            command: restricted(confinement.command, &warden, &confinement.limits, &writable)
                .wrapped_in(program, arguments),
            // With a leader that is deaf, it would never end; the warden inside sees to that.
            stop: StopPlan::SignalLeader,
            network: self.network,
        })
    }
}
