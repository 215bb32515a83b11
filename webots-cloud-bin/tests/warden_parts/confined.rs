//! Command lines in the real sandboxes.

use std::path::{Path, PathBuf};

use webots_cloud_core::ports::{CommandLine, Confined, Network, StopPlan, Workspace};

use super::rig::WARDEN;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Firejail,
    Bubblewrap,
}

pub(crate) const NETWORKS: [Network; 2] = [Network::Host, Network::Private];

pub(crate) fn program(kind: Kind) -> Option<PathBuf> {
    let name = match kind {
        Kind::Firejail => "firejail",
        Kind::Bubblewrap => "bwrap",
    };
    let found = ["/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: no {name}");
    }
    found
}

pub(crate) fn confine(
    kind: Kind,
    network: Network,
    program: &Path,
    command: CommandLine,
    own: &Workspace,
) -> Confined {
    let own = own.path.to_str().expect("UTF-8");
    let warden = Path::new(WARDEN).canonicalize().expect("built");
    let warden = warden.to_str().expect("UTF-8");
    // What is shown of /tmp empties the rest of it; both together do not work.
    let tmp = if own.starts_with("/tmp/") {
        ""
    } else {
        "--private-tmp"
    };
    let net = match (kind, network) {
        (Kind::Firejail, Network::Private) => "--net=none",
        (Kind::Bubblewrap, Network::Host) => "--share-net",
        (Kind::Firejail, Network::Host) | (Kind::Bubblewrap, Network::Private) => "",
    };
    let text = match kind {
        Kind::Firejail => format!(
            "--quiet --noprofile --whitelist={own} --read-write={own} --whitelist={warden} \
             {tmp} --private-dev --disable-mnt --noroot --caps.drop=all --seccomp \
             --restrict-namespaces --nonewprivs --dbus-user=none --dbus-system=none \
             --private-etc=ld.so.cache,ssl,fonts,localtime,nsswitch.conf,hosts,resolv.conf \
             --rlimit-nofile=256 {net} --"
        ),
        Kind::Bubblewrap => format!(
            "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
             --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp \
             --ro-bind {warden} {warden} --bind {own} {own} --unshare-all {net} \
             --new-session --"
        ),
    };
    let program = program.to_str().expect("UTF-8");
    let words = text.split_ascii_whitespace().map(str::to_owned);
    Confined {
        command: command.wrapped_in(program, words),
        stop: StopPlan::SignalLeader,
        network,
    }
}
