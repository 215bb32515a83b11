//! One connection: a browser's socket on this machine, the instance's in its private network, and
//! the bytes between them.

use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, Result};
use rustix::net::{AddressFamily, SocketType, ipproto, sockopt};

use super::flow::Flow;

/// A browser that does not answer for [`IDLE`] and so many [`BETWEEN`] after is gone.
const ASKED: u32 = 4;
const IDLE: Duration = Duration::from_secs(60);
const BETWEEN: Duration = Duration::from_secs(15);

/// A socket inside that is on its way to the instance.
#[derive(Debug)]
pub(super) struct Connecting {
    socket: OwnedFd,
    until: Instant,
}

impl Connecting {
    /// Takes a descriptor that came from inside. Whatever it is, nothing that is done with it waits;
    /// `None` if it is no TCP socket.
    pub(super) fn from_inside(descriptor: OwnedFd, until: Instant) -> Option<Self> {
        let is_tcp = sockopt::socket_domain(&descriptor) == Ok(AddressFamily::INET)
            && sockopt::socket_type(&descriptor) == Ok(SocketType::STREAM)
            && sockopt::socket_protocol(&descriptor) == Ok(Some(ipproto::TCP));
        is_tcp.then_some(Self {
            socket: descriptor,
            until,
        })
    }

    pub(super) fn poll_fd(&self) -> PollFd<'_> {
        PollFd::new(&self.socket, PollFlags::OUT)
    }

    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Whether it got through, when something happened to it.
    pub(super) fn is_through(&self) -> bool {
        matches!(sockopt::socket_error(&self.socket), Ok(Ok(())))
            && matches!(rustix::net::getpeername(&self.socket), Ok(Some(_)))
    }
}

/// A connection that carries bytes.
#[derive(Debug)]
pub(super) struct Pump {
    browser: OwnedFd,
    instance: OwnedFd,
    inward: Flow,
    outward: Flow,
}

impl Pump {
    /// Options that cannot be set are done without.
    pub(super) fn new(browser: OwnedFd, connected: Connecting) -> Self {
        let instance = connected.socket;
        for socket in [&browser, &instance] {
            let _ = sockopt::set_tcp_nodelay(socket, true);
        }
        let _ = sockopt::set_socket_keepalive(&browser, true);
        let _ = sockopt::set_tcp_keepidle(&browser, IDLE);
        let _ = sockopt::set_tcp_keepintvl(&browser, BETWEEN);
        let _ = sockopt::set_tcp_keepcnt(&browser, ASKED);
        Self {
            browser,
            instance,
            inward: Flow::new(),
            outward: Flow::new(),
        }
    }

    /// The two sockets, as far as there is something to wait for at them.
    ///
    /// A socket that is closed in both directions is ready for ever: it is left out while nothing
    /// is wanted from it. Otherwise one of which nothing is wanted is watched for its breaking.
    pub(super) fn poll_fds(&self) -> [Option<PollFd<'_>>; 2] {
        let watch = |socket, takes: &Flow, gives: &Flow| {
            let mut wanted = PollFlags::empty();
            wanted.set(PollFlags::IN, takes.wants_bytes());
            wanted.set(PollFlags::OUT, gives.has_bytes());
            let quiet = wanted.is_empty() && gives.is_done();
            (!quiet).then(|| PollFd::from_borrowed_fd(socket, wanted))
        };
        [
            watch(self.browser.as_fd(), &self.inward, &self.outward),
            watch(self.instance.as_fd(), &self.outward, &self.inward),
        ]
    }

    /// Moves what can be moved, after something happened to one of the sockets. `false` when the
    /// connection is over.
    pub(super) fn step(&mut self, happened: [PollFlags; 2]) -> bool {
        let moved = self.moved(happened);
        let over = moved.is_err() || (self.inward.is_done() && self.outward.is_done());
        if over {
            self.close(moved.is_err());
        }
        !over
    }

    fn moved(&mut self, happened: [PollFlags; 2]) -> Result<()> {
        let is_readable = |flags: PollFlags| !flags.difference(PollFlags::OUT).is_empty();
        let is_writable = |flags: PollFlags| flags.contains(PollFlags::OUT);
        if is_readable(happened[0]) || is_writable(happened[1]) {
            self.inward.step(&self.browser, &self.instance)?;
        }
        if is_readable(happened[1]) || is_writable(happened[0]) {
            self.outward.step(&self.instance, &self.browser)?;
        }
        let of_browser = (happened[0], &self.inward, &self.outward);
        let of_instance = (happened[1], &self.outward, &self.inward);
        for (happened, takes, gives) in [of_browser, of_instance] {
            // Without this, a broken socket from which nothing is wanted would wake us for ever.
            let hung_up = happened.contains(PollFlags::HUP);
            let broken = hung_up && !takes.wants_bytes() && !gives.is_done();
            if broken || happened.intersects(PollFlags::ERR | PollFlags::NVAL) {
                return Err(Errno::CONNRESET);
            }
        }
        Ok(())
    }

    /// Cut off, both sides are told that what they got is not all. In any case closing must not
    /// wait, as the instance could have it do.
    fn close(&self, cut: bool) {
        let linger = cut.then_some(Duration::ZERO);
        for socket in [&self.browser, &self.instance] {
            let _ = sockopt::set_socket_linger(socket, linger);
        }
    }
}
