//! The port on this machine.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6};
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, Result};
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, accept_with, bind, listen, socket_with, sockopt,
};

/// So many browsers may wait in the kernel.
const BACKLOG: i32 = 64;

/// A port that is taken, and opened only when there is somebody behind it.
#[derive(Debug)]
pub(super) struct Door {
    socket: OwnedFd,
    open: bool,
}

impl Door {
    /// Takes the port on all addresses, of both families where this machine has both.
    pub(super) fn take(port: u16) -> Result<Self> {
        let socket = match take_v6(port) {
            Err(Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) => take_v4(port)?,
            taken => taken?,
        };
        Ok(Self {
            socket,
            open: false,
        })
    }

    /// Lets browsers in from now on. Fails if somebody else has done so on this port before.
    pub(super) fn open(&mut self) -> Result<()> {
        listen(&self.socket, BACKLOG)?;
        self.open = true;
        Ok(())
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::new(&self.socket, PollFlags::IN)
    }

    /// The next browser; `None` if there is none now.
    pub(super) fn accept(&self) -> Result<Option<OwnedFd>> {
        match accept_with(&self.socket, SocketFlags::CLOEXEC) {
            Ok(browser) => Ok(Some(browser)),
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn stream(family: AddressFamily) -> Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // Connections of an instance that had the port before may still be fading away.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    Ok(socket)
}

fn take_v6(port: u16) -> Result<OwnedFd> {
    let socket = stream(AddressFamily::INET6)?;
    sockopt::set_ipv6_v6only(&socket, false)?;
    bind(
        &socket,
        &SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0),
    )?;
    Ok(socket)
}

fn take_v4(port: u16) -> Result<OwnedFd> {
    let socket = stream(AddressFamily::INET)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port))?;
    Ok(socket)
}
