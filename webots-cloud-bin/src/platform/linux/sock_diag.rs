//! Who listens on a TCP port, asked of the kernel by sock_diag(7).
//!
//! `/proc/net/tcp` tells the same, but the kernel walks through its whole table of connections for
//! each look: a millisecond on a machine with much memory, however few connections there are.

use rustix::io::{Errno, Result};
use rustix::net::{
    AddressFamily, Protocol, RawProtocol, RecvFlags, SendFlags, SocketFlags, SocketType, recv,
    send, socket_with,
};

/// `NETLINK_SOCK_DIAG`.
const SOCK_DIAG: RawProtocol = RawProtocol::new(4).expect("not 0");
/// `SOCK_DIAG_BY_FAMILY`, `NLMSG_ERROR`, `NLMSG_DONE`.
const BY_FAMILY: u16 = 20;
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// `NLM_F_REQUEST | NLM_F_DUMP`.
const ALL: u16 = 0x301;
/// `IPPROTO_TCP`, and the state `TCP_LISTEN` as a bit.
const TCP: u8 = 6;
const LISTEN: u32 = 1 << 10;

/// Bytes of `nlmsghdr`, and of a request with `inet_diag_req_v2`.
const HEADER: usize = 16;
const REQUEST: usize = HEADER + 56;
/// Where `idiag_sport`, `idiag_uid` and `idiag_inode` are in an answer.
const PORT: usize = HEADER + 4;
const UID: usize = HEADER + 64;
const INODE: usize = HEADER + 68;

/// One listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) uid: u32,
    pub(crate) inode: u64,
}

/// Those that listen on `port`, on any address of this network namespace. Blocks for microseconds.
///
/// # Errors
/// The kernel has no sock_diag, or a filter of system calls forbids it.
pub(crate) fn listeners(port: u16) -> Result<Vec<Listener>> {
    let protocol = Some(Protocol::from_raw(SOCK_DIAG));
    let kernel = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        protocol,
    )?;
    let mut found = Vec::new();
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        send(&kernel, &request(family, port), SendFlags::empty())?;
        let mut bytes = [0_u8; 8192];
        while let (length, _) = recv(&kernel, &mut bytes, RecvFlags::empty())?
            && !take(bytes.get(..length).unwrap_or_default(), port, &mut found)?
        {}
    }
    Ok(found)
}

fn request(family: AddressFamily, port: u16) -> [u8; REQUEST] {
    let mut request = [0; REQUEST];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = request.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, &u32::try_from(REQUEST).unwrap_or_default().to_ne_bytes());
    put(4, &BY_FAMILY.to_ne_bytes());
    put(6, &ALL.to_ne_bytes());
    let family = u8::try_from(family.as_raw()).unwrap_or_default();
    put(HEADER, &[family, TCP]);
    put(HEADER + 4, &LISTEN.to_ne_bytes());
    put(HEADER + 8, &port.to_be_bytes());
    request
}

/// Takes the messages of one packet. `true` if it was the last.
fn take(mut bytes: &[u8], port: u16, found: &mut Vec<Listener>) -> Result<bool> {
    loop {
        let (Some(length), Some(kind)) = (number(bytes, 0), half(bytes, 4)) else {
            return Ok(false);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(message) = bytes.get(..length).filter(|it| it.len() >= HEADER) else {
            return Err(Errno::PROTO);
        };
        match kind {
            DONE => return Ok(true),
            ERROR => return Err(Errno::OPNOTSUPP),
            BY_FAMILY => {
                let own = message.get(PORT..PORT + 2) == Some(&port.to_be_bytes()[..]);
                if let (true, Some(uid), Some(inode)) =
                    (own, number(message, UID), number(message, INODE))
                {
                    let inode = u64::from(inode);
                    found.push(Listener { uid, inode });
                }
            }
            _ => {}
        }
        // Messages begin at multiples of four.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.try_into().ok().map(u32::from_ne_bytes)
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?;
    bytes.try_into().ok().map(u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn listeners_of_both_families_are_found_and_nothing_else() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address).expect("a port");
            let port = listener.local_addr().expect("bound").port();
            let _connected = std::net::TcpStream::connect(("localhost", port));
            let own = Listener {
                uid: rustix::process::geteuid().as_raw(),
                inode: rustix::fs::fstat(listener.as_fd()).expect("open").st_ino,
            };
            assert_eq!(listeners(port), Ok(vec![own]), "{address}");
            drop(listener);
            assert_eq!(listeners(port), Ok(Vec::new()));
        }
    }

    #[test]
    fn a_packet_that_is_none_is_an_error_and_never_more() {
        let mut found = Vec::new();
        let mut torn = request(AddressFamily::INET, 80).to_vec();
        torn.truncate(40);
        assert_eq!(take(&torn, 80, &mut found), Err(Errno::PROTO));
        assert_eq!(take(&[0; 16], 80, &mut found), Err(Errno::PROTO));
        assert_eq!(take(&[], 80, &mut found), Ok(false));
        assert!(found.is_empty());
    }
}
