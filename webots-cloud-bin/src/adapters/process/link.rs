//! What the two wardens of an instance with a private network say to each other: the link, a pair of
//! sockets of which one end is the standard input of the warden inside.
//!
//! | message | from | carries |
//! |---|---|---|
//! | `lifeline` | outside, once and first | the lifeline's end, so that both wardens watch it |
//! | `connect PORT` | outside | |
//! | `connecting` | inside, the answer | a socket inside, on its way to 127.0.0.1:PORT |
//! | `refused` | inside, the answer | |
//!
//! Sockets only ever travel *outwards*. A socket keeps the network in which it was made, and whoever
//! has it can disconnect it and connect it to something else there: one of the machine's, passed
//! inwards, would be a door to every port of the machine. And none lies in the file system, where an
//! instance could put a link to somebody else's into its place.
//!
//! That the link closes means to both sides what the closing of the lifeline means: end. Whoever is
//! outside believes nothing that comes from inside.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::io::{Errno, Result};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, connect, recvmsg, sendmsg,
    socket_with, socketpair, sockopt,
};

const LIFELINE: &[u8] = b"lifeline";
const CONNECT: &str = "connect ";
const CONNECTING: &[u8] = b"connecting";
const REFUSED: &[u8] = b"refused";
/// No message is longer.
const LONGEST: usize = 32;
const NOW: SendFlags = SendFlags::DONTWAIT;

/// Makes both ends. Of packets, so that nothing is ever half read.
pub(crate) fn link() -> Result<(Outer, Inner)> {
    let (outer, inner) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    Ok((Outer(outer), Inner(inner)))
}

/// The end of the warden outside. Nothing that it does waits.
#[derive(Debug)]
pub(crate) struct Outer(OwnedFd);

/// What came from inside.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A descriptor that is said to be a socket on its way to the instance.
    Connecting(OwnedFd),
    /// No socket could be made or sent.
    Refused,
}

impl Outer {
    /// Hands in the lifeline. Where the kernel refuses that (a user's processes may only have so
    /// many descriptors on their way to each other), the closing of the link has to be enough.
    pub(crate) fn send_lifeline(&self, lifeline: BorrowedFd<'_>) -> Result<()> {
        send(&self.0, LIFELINE, Some(lifeline), NOW).or_else(|_| send(&self.0, LIFELINE, None, NOW))
    }

    /// Asks for a connection. One answer will come, some time.
    pub(crate) fn ask(&self, port: u16) -> Result<()> {
        send(&self.0, format!("{CONNECT}{port}").as_bytes(), None, NOW)
    }

    /// The next answer; `None` if there is none yet. An error if nothing sensible can come any more.
    pub(crate) fn answer(&self) -> Result<Option<Answer>> {
        match receive(&self.0, RecvFlags::DONTWAIT) {
            Ok((message, Some(socket))) if message == CONNECTING => {
                Ok(Some(Answer::Connecting(socket)))
            }
            Ok((message, None)) if message == REFUSED => Ok(Some(Answer::Refused)),
            Ok(_) => Err(Errno::PROTO),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl AsFd for Outer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The end of the warden inside.
#[derive(Debug)]
pub(crate) struct Inner(OwnedFd);

impl Inner {
    /// What standard input is: the lifeline itself, or a link, over which the lifeline comes first.
    ///
    /// # Errors
    /// The link closed, or something else came first.
    pub(crate) fn or_lifeline(input: OwnedFd) -> Result<(Option<OwnedFd>, Option<Self>)> {
        if sockopt::socket_type(&input) != Ok(SocketType::SEQPACKET) {
            return Ok((Some(input), None));
        }
        match receive(&input, RecvFlags::empty())? {
            (message, lifeline) if message == LIFELINE => Ok((lifeline, Some(Self(input)))),
            _ => Err(Errno::PROTO),
        }
    }

    /// Makes the connections that are asked for, until the link closes.
    pub(crate) fn serve(&self) {
        while let Ok(port) = self.asked() {
            if self.reply(connecting_to(port)).is_err() {
                return;
            }
        }
    }

    /// Waits for the next request: the port. An error if none can come any more.
    pub(super) fn asked(&self) -> Result<u16> {
        loop {
            match receive(&self.0, RecvFlags::empty()) {
                Ok((message, _)) => return port_of(&message).ok_or(Errno::PROTO),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Answers a request.
    pub(super) fn reply(&self, socket: Result<OwnedFd>) -> Result<()> {
        let wait = SendFlags::empty();
        socket
            .and_then(|socket| send(&self.0, CONNECTING, Some(socket.as_fd()), wait))
            // Also where so many descriptors are on their way that the kernel takes no more.
            .or_else(|_| send(&self.0, REFUSED, None, wait))
    }
}

impl From<Inner> for OwnedFd {
    fn from(inner: Inner) -> Self {
        inner.0
    }
}

fn port_of(message: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(message).ok()?;
    text.strip_prefix(CONNECT)?.parse().ok()
}

/// A socket that waits for nobody: whether it gets through, the other side sees.
fn connecting_to(port: u16) -> Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}

fn send(
    link: &OwnedFd,
    message: &[u8],
    descriptor: Option<BorrowedFd<'_>>,
    flags: SendFlags,
) -> Result<()> {
    let descriptors: Vec<BorrowedFd<'_>> = descriptor.into_iter().collect();
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    let flags = flags | SendFlags::NOSIGNAL;
    sendmsg(link, &[IoSlice::new(message)], &mut control, flags).map(drop)
}

/// One message, and the first descriptor that came with it; others are closed.
fn receive(link: &OwnedFd, flags: RecvFlags) -> Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut bytes = [0_u8; LONGEST];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let received = recvmsg(
        link,
        &mut parts,
        &mut control,
        flags | RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut descriptor = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            for found in descriptors {
                descriptor.get_or_insert(found);
            }
        }
    }
    match received.bytes {
        // No message is empty: the link is closed.
        0 => Err(Errno::PIPE),
        count => Ok((bytes[..count].to_vec(), descriptor)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;

    fn next(outer: &Outer) -> Result<Option<Answer>> {
        poll(&mut [PollFd::new(outer, PollFlags::IN)], None)?;
        outer.answer()
    }

    #[test]
    fn a_connection_comes_out() {
        let (outer, inner) = link().expect("a link");
        let (here, lifeline) = link().expect("a pair");
        outer.send_lifeline(lifeline.0.as_fd()).expect("sent");
        drop(lifeline);
        let (lifeline, inner) = Inner::or_lifeline(inner.into()).expect("a lifeline");
        drop(here);
        let closed = receive(&lifeline.expect("it came"), RecvFlags::DONTWAIT);
        assert_eq!(closed.err(), Some(Errno::PIPE));
        let inner = inner.expect("a link");
        let served = std::thread::spawn(move || inner.serve());
        assert!(matches!(outer.answer(), Ok(None)), "unasked");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        outer.ask(port).expect("asked");
        let answer = next(&outer);
        let Ok(Some(Answer::Connecting(socket))) = answer else {
            panic!("{answer:?}");
        };
        let (_accepted, from) = listener.accept().expect("connected");
        let own = rustix::net::getsockname(&socket).expect("bound");
        assert_eq!(std::net::SocketAddr::try_from(own), Ok(from));
        drop(outer);
        served.join().expect("ended with the link");
    }

    #[test]
    fn standard_input_may_be_the_lifeline_itself() {
        let (_here, lifeline) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let (lifeline, link) = Inner::or_lifeline(lifeline.into()).expect("a lifeline");
        assert!(lifeline.is_some() && link.is_none());
    }

    #[test]
    fn what_makes_no_sense_ends_the_link() {
        let null = std::fs::File::open("/dev/null").expect("there");
        for (message, descriptor) in [
            (&b"hello"[..], None),
            (CONNECTING, None),
            (REFUSED, Some(null.as_fd())),
            (&[b'x'; 100][..], Some(null.as_fd())),
            (b"", None),
        ] {
            let (outer, inner) = link().expect("a link");
            send(&inner.0, message, descriptor, NOW).expect("sent");
            assert!(outer.answer().is_err(), "{message:?}");
        }
        let (outer, inner) = link().expect("a link");
        outer.ask(1).expect("asked");
        assert!(Inner::or_lifeline(inner.into()).is_err(), "no lifeline");
    }

    #[test]
    fn a_full_link_does_not_hold_anybody_up() {
        let (outer, _inner) = link().expect("a link");
        let full = (0..1_000_000).find_map(|_| outer.ask(1).err());
        assert_eq!(full, Some(Errno::AGAIN));
    }
}
