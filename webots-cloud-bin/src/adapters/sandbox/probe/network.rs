//! Who can be talked to.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::getuid;

use super::answer::Answer;
use super::files::listed;
use super::target::Target;

const CONNECT: Duration = Duration::from_secs(2);

/// Services that do what they are told, with rights of their own.
const SERVICES: [&str; 6] = [
    "/run/dbus/system_bus_socket",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/systemd/private",
    "/run/libvirt/libvirt-sock",
];

pub(super) fn port(target: &Target) -> Answer {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, target.port));
    match TcpStream::connect_timeout(&address, CONNECT) {
        Ok(_) => Answer::could("over TCP"),
        Err(error) => Answer::refused(&error),
    }
}

pub(super) fn abstract_socket(target: &Target) -> Answer {
    let address = UnixAddress::from_abstract_name(&target.socket);
    match address.and_then(|address| UnixStream::connect_addr(&address)) {
        Ok(_) => Answer::could(""),
        Err(error) => Answer::refused(&error),
    }
}

/// Asks the table of routes: nothing is sent anywhere.
pub(super) fn route(_: &Target) -> Answer {
    let table = match fs::read_to_string("/proc/net/route") {
        Ok(table) => table,
        Err(error) => return Answer::refused(&error),
    };
    let interface = |line: &str| line.split_ascii_whitespace().next().map(str::to_owned);
    let found = table.lines().skip(1).find_map(interface);
    found.map_or_else(|| Answer::could_not("there is none"), Answer::could)
}

pub(super) fn services(_: &Target) -> Answer {
    let bus = format!("/run/user/{}/bus", getuid().as_raw());
    let (mut found, mut refusal) = (Vec::new(), None);
    for path in SERVICES.iter().map(PathBuf::from).chain([bus.into()]) {
        match UnixStream::connect(&path) {
            Ok(_) => found.push(path.display().to_string()),
            Err(error) => refusal = refusal.or(Some(Answer::refused(&error))),
        }
    }
    listed(found).map_or_else(
        || refusal.unwrap_or_else(|| Answer::nothing("")),
        Answer::could,
    )
}
