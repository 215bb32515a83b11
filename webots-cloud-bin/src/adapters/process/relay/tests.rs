//! The relay beside a warden inside that the test plays, on this machine's loopback interface.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use super::super::link::{Inner, link};
use super::*;

/// Generous, for machines that are busy.
const LIMIT: Duration = Duration::from_secs(30);
const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

struct Rig {
    port: u16,
    inside: Inner,
    running: JoinHandle<()>,
}

impl Rig {
    /// A relay whose door is still closed.
    fn closed() -> Self {
        let listener = TcpListener::bind((HOST, 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let (outer, inner) = link().expect("a link");
        let (_server, lifeline) = UnixStream::pair().expect("a pair");
        outer.send_lifeline(lifeline.as_fd()).expect("sent");
        let (_, inside) = Inner::or_lifeline(inner.into()).expect("a lifeline");
        let relay = Relay::new(port, outer).expect("a free port");
        Self {
            port,
            inside: inside.expect("a link"),
            running: thread::spawn(|| relay.run()),
        }
    }

    fn open() -> Self {
        let rig = Self::closed();
        let _look = rig.answer();
        let until = Instant::now() + LIMIT;
        // This one is answered by whoever comes next.
        while TcpStream::connect((HOST, rig.port)).is_err() {
            assert!(Instant::now() < until, "it does not open");
            thread::sleep(Duration::from_millis(5));
        }
        drop(rig.answer());
        rig
    }

    /// Waits for a request, and answers with one end of a connection: the other.
    fn answer(&self) -> TcpStream {
        let (given, kept) = connected();
        self.answer_with(given);
        kept.set_read_timeout(Some(LIMIT)).expect("set");
        kept
    }

    fn answer_with(&self, descriptor: impl Into<OwnedFd>) {
        assert_eq!(self.inside.asked(), Ok(self.port));
        self.inside.reply(Ok(descriptor.into())).expect("sent");
    }

    fn browser(&self) -> TcpStream {
        let browser = TcpStream::connect((HOST, self.port)).expect("it is open");
        browser.set_read_timeout(Some(LIMIT)).expect("set");
        browser.set_write_timeout(Some(LIMIT)).expect("set");
        browser
    }

    /// When the one inside ends, so does the relay.
    fn end(self) {
        drop(self.inside);
        self.running.join().expect("no panic");
        assert!(TcpStream::connect((HOST, self.port)).is_err());
    }
}

fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((HOST, 0)).expect("a port");
    let one = TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
    (one, listener.accept().expect("accepted").0)
}

fn carries(from: &mut TcpStream, to: &mut TcpStream) {
    from.write_all(b"\0over\xff").expect("sent");
    let mut got = [0; 6];
    to.read_exact(&mut got).expect("it came");
    assert_eq!(&got, b"\0over\xff");
}

fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0))
        || matches!(stream.read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset)
}

fn odd_descriptors() -> Vec<OwnedFd> {
    let (pipe, writer) = std::io::pipe().expect("a pipe");
    let stream = socket_of_nobody();
    vec![
        File::open("/dev/null").expect("there").into(),
        File::open("/dev/zero").expect("there").into(),
        File::open("/").expect("there").into(),
        pipe.into(),
        writer.into(),
        UdpSocket::bind((HOST, 0)).expect("a socket").into(),
        UnixStream::pair().expect("a pair").0.into(),
        TcpListener::bind((HOST, 0)).expect("a socket").into(),
        stream,
    ]
}

fn socket_of_nobody() -> OwnedFd {
    use rustix::net::{AddressFamily, SocketType, socket};
    socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket")
}

#[test]
fn what_is_no_connection_opens_no_door_and_carries_nothing() {
    let rig = Rig::closed();
    for odd in odd_descriptors() {
        rig.answer_with(odd);
        assert!(TcpStream::connect((HOST, rig.port)).is_err());
    }
    rig.inside.asked().expect("asked again");
    rig.inside.reply(Err(Errno::CONNREFUSED)).expect("sent");
    assert!(TcpStream::connect((HOST, rig.port)).is_err());
    rig.end();

    let rig = Rig::open();
    for odd in odd_descriptors() {
        let mut browser = rig.browser();
        rig.answer_with(odd);
        assert!(is_closed(&mut browser));
    }
    let mut browser = rig.browser();
    let mut instance = rig.answer();
    carries(&mut browser, &mut instance);
    carries(&mut instance, &mut browser);
    drop((browser, instance));
    rig.end();
}

/// Descriptors inside are the same open sockets: what is set there counts for the relay too.
#[test]
fn a_socket_that_blocks_and_lingers_holds_nobody_up() {
    let rig = Rig::open();
    let mut deaf = rig.browser();
    let (given, _silent) = connected();
    given.set_nonblocking(false).expect("set");
    let kept = given.try_clone().expect("a copy");
    rig.answer_with(given);
    // Until nothing more fits into any buffer on the way.
    deaf.set_nonblocking(true).expect("set");
    let bytes = vec![7; 1 << 20];
    let mut last = Instant::now();
    while last.elapsed() < Duration::from_millis(200) {
        if deaf.write(&bytes).is_ok() {
            last = Instant::now();
        }
    }
    rustix::net::sockopt::set_socket_linger(&kept, Some(LIMIT)).expect("set");
    let mut browser = rig.browser();
    let mut instance = rig.answer();
    carries(&mut browser, &mut instance);
    drop((kept, deaf));
    carries(&mut instance, &mut browser);
    drop((browser, instance));
    rig.end();
}

#[test]
fn half_closed_is_half_open() {
    let rig = Rig::open();
    let mut browser = rig.browser();
    let mut instance = rig.answer();
    browser.write_all(b"question").expect("sent");
    browser.shutdown(std::net::Shutdown::Write).expect("shut");
    let mut got = String::new();
    instance.read_to_string(&mut got).expect("to its end");
    assert_eq!(got, "question");
    instance.write_all(b"answer").expect("sent");
    drop(instance);
    got.clear();
    browser.read_to_string(&mut got).expect("to its end");
    assert_eq!(got, "answer");
    rig.end();
}

#[test]
fn a_connection_that_is_cut_off_is_cut_off_on_the_other_side() {
    let rig = Rig::open();
    for browser_cuts in [true, false] {
        let mut browser = rig.browser();
        let mut instance = rig.answer();
        // Cut off before the relay has both, it would be one that was never answered.
        carries(&mut browser, &mut instance);
        let (cutter, mut other) = match browser_cuts {
            true => (browser, instance),
            false => (instance, browser),
        };
        rustix::net::sockopt::set_socket_linger(&cutter, Some(Duration::ZERO)).expect("set");
        drop(cutter);
        let error = other.read(&mut [0]).expect_err("no end like others");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    rig.end();
}

#[test]
fn there_are_only_so_many_at_a_time() {
    let rig = Rig::open();
    let all = (0..MOST).map(|_| (rig.browser(), rig.answer()));
    let mut all: Vec<_> = all.collect();
    assert!(is_closed(&mut rig.browser()), "one too many");
    for (browser, instance) in &mut all {
        carries(browser, instance);
    }
    let (browser, mut instance) = all.swap_remove(MOST / 2);
    drop(browser);
    assert!(is_closed(&mut instance));
    drop(instance);
    let mut browser = rig.browser();
    let mut instance = rig.answer();
    carries(&mut browser, &mut instance);
    drop((browser, instance, all));
    rig.end();
}

#[test]
fn an_answer_that_nobody_asked_for_is_the_end() {
    let rig = Rig::open();
    let (given, _kept) = connected();
    rig.inside.reply(Ok(given.into())).expect("sent");
    rig.running.join().expect("no panic");
    assert!(rig.inside.asked().is_err(), "the link is closed");
}

#[test]
fn who_gets_no_answer_is_not_waited_for() {
    let rig = Rig::open();
    let mut browser = rig.browser();
    rig.inside.asked().expect("asked");
    // No answer. The relay's own time limit is shorter than this test's.
    let begun = Instant::now();
    assert!(is_closed(&mut browser));
    assert!(begun.elapsed() >= CONNECT);
    // The late answer is for whoever waits then.
    let mut browser = rig.browser();
    let mut instance = rig.answer();
    carries(&mut browser, &mut instance);
    drop((browser, instance));
    rig.end();
}

#[test]
fn a_port_that_somebody_has_cannot_be_taken() {
    let listener = TcpListener::bind((HOST, 0)).expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let (outer, _inner) = link().expect("a link");
    assert_eq!(Relay::new(port, outer).err(), Some(Errno::ADDRINUSE));
}
