//! Who listens on a TCP port of this machine.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use webots_cloud_core::ports::{Listening, Network};

use crate::platform::linux::procfs;
use crate::platform::linux::sock_diag::{self, Listener};

/// The state `LISTEN` in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// A listener that does not accept within this time does not listen.
const CONNECT: Duration = Duration::from_secs(1);

/// Whether somebody has this port, on any address. Best asked right before it is to be used; the
/// answer may be old at once.
///
/// The port is only bound for a moment and never listened on, with `SO_REUSEADDR`: that fails where
/// somebody listens, and not because a process that is just being started holds a copy of a socket
/// that was made for such a look.
pub(crate) fn is_taken(port: u16) -> bool {
    let bind = |address: SocketAddr| {
        let socket = if address.is_ipv6() {
            TcpSocket::new_v6()?
        } else {
            TcpSocket::new_v4()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)
    };
    let busy = |address| {
        bind(address).is_err_and(|error: io::Error| error.kind() == io::ErrorKind::AddrInUse)
    };
    // The first is for both families where there is IPv6, and fails otherwise where there is none.
    busy((Ipv6Addr::UNSPECIFIED, port).into()) || busy((Ipv4Addr::UNSPECIFIED, port).into())
}

/// Whether the port accepts a connection.
pub(crate) async fn accepts(port: u16) -> bool {
    let connected = timeout(CONNECT, TcpStream::connect((Ipv4Addr::LOCALHOST, port)));
    matches!(connected.await, Ok(Ok(_)))
}

/// Whether the listeners of `port` belong to the tree below `warden`, or, where the instance has a
/// network of its own, to `warden` itself. Blocks; connects to nothing.
///
/// The descriptors of a process in a user namespace of another owner (firejail's `--noroot` for a
/// server that is not root) cannot be read. If there is such a process in the tree, a listener of
/// the server's own user that no readable process outside the tree holds is taken for the
/// instance's: the port was free when the instance was launched. Another instance that hides in the
/// same way could take the port of this one.
pub(crate) fn who(warden: i32, port: u16, network: Network) -> Listening {
    // A second look where it seems a stranger: the tree may have changed during the first.
    match look(warden, port, network) {
        Listening::Stranger => look(warden, port, network),
        sure @ (Listening::Nobody | Listening::Instance) => sure,
    }
}

fn look(warden: i32, port: u16, network: Network) -> Listening {
    let sockets = sock_diag::listeners(port).unwrap_or_else(|_| from_proc(port));
    if sockets.is_empty() {
        return Listening::Nobody;
    }
    let tree: BTreeSet<i32> = match network {
        Network::Host => procfs::descendants(warden).into_iter().collect(),
        Network::Private => BTreeSet::from([warden]),
    };
    let mut held = BTreeSet::new();
    let mut hidden = false;
    for pid in &tree {
        match inodes(*pid) {
            Some(inodes) => held.extend(inodes),
            None => hidden |= procfs::stat(*pid).is_some_and(|stat| !stat.is_zombie()),
        }
    }
    let foreign: Vec<&Listener> = sockets
        .iter()
        .filter(|s| !held.contains(&s.inode))
        .collect();
    if foreign.is_empty() {
        return Listening::Instance;
    }
    let own = rustix::process::geteuid().as_raw();
    if !hidden || foreign.iter().any(|socket| socket.uid != own) {
        return Listening::Stranger;
    }
    let outside = procfs::processes()
        .into_iter()
        .filter(|pid| !tree.contains(pid));
    let somebody = outside
        .filter_map(inodes)
        .any(|inodes| foreign.iter().any(|socket| inodes.contains(&socket.inode)));
    if somebody {
        Listening::Stranger
    } else {
        Listening::Instance
    }
}

/// The sockets that a process holds; `None` if it may not be looked at.
fn inodes(pid: i32) -> Option<BTreeSet<u64>> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let of = |path: std::path::PathBuf| {
        let target = fs::read_link(path).ok()?;
        let inode = target
            .to_str()?
            .strip_prefix("socket:[")?
            .strip_suffix(']')?;
        inode.parse().ok()
    };
    Some(entries.filter_map(|entry| of(entry.ok()?.path())).collect())
}

/// Where the kernel cannot be asked otherwise.
fn from_proc(port: u16) -> Vec<Listener> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .flat_map(|table| listeners(&table, port))
        .collect()
}

fn listeners(table: &str, port: u16) -> Vec<Listener> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let local = fields.nth(1)?;
            let (_, own) = local.rsplit_once(':')?;
            // After the local address: remote address, state, queues, timer, retransmits.
            let state = fields.nth(1)?;
            let matches = state == LISTEN && u16::from_str_radix(own, 16) == Ok(port);
            matches.then_some(())?;
            let uid = fields.nth(3)?.parse().ok()?;
            Some(Listener {
                uid,
                inode: fields.nth(1)?.parse().ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_listeners_of_the_port_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:04D2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0\n\
             1: 0100007F:04D2 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0\n\
             2: 0100007F:04D3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0\n\
             torn";
        assert_eq!(
            listeners(table, 1234),
            [Listener {
                uid: 1000,
                inode: 4711
            }]
        );
        assert_eq!(listeners("", 1234), []);
    }

    #[test]
    fn a_listener_of_this_very_process_is_no_descendant_of_it() {
        let (in_tree, own_only) = (Network::Host, Network::Private);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        assert!(is_taken(port));
        let own = rustix::process::getpid().as_raw_nonzero().get();
        assert_eq!(who(own, port, in_tree), Listening::Stranger);
        assert_eq!(who(own, port, own_only), Listening::Instance);
        let parent = procfs::stat(own).expect("it runs").parent;
        assert_eq!(who(parent, port, in_tree), Listening::Instance);
        assert_eq!(who(parent, port, own_only), Listening::Stranger);
        drop(listener);
        assert_eq!(who(parent, port, in_tree), Listening::Nobody);
        assert!(!is_taken(port));
    }
}
