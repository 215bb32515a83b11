//! Availability clients by the thousand, from one thread, with two bytes of state each.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};

use crate::Outcome;

/// Handshakes under way at a time.
const AT_ONCE: usize = 64;
/// Clients of one source address: less than the ports that it has.
const OF_ONE_ADDRESS: u32 = 8000;
/// Clients so far: ports that were used are not free again for a minute, so later ones have other
/// addresses.
static CLIENTS: AtomicU32 = AtomicU32::new(0);
const LIMIT: Duration = Duration::from_secs(60);

/// An answer to a ping: masked, as a client's has to be.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// Clients that wait.
pub(crate) struct Crowd {
    poll: OwnedFd,
    clients: Vec<TcpStream>,
    /// Whether a client has had its first frame.
    greeted: Vec<bool>,
}

impl Crowd {
    /// Opens so many, and waits until each has been told whether there is room.
    pub(crate) fn open(server: SocketAddr, count: usize) -> Outcome<Self> {
        let mut crowd = Self {
            poll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            clients: Vec::with_capacity(count),
            greeted: vec![false; count],
        };
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let (mut done, begun) = (0, Instant::now());
        while done < count {
            while crowd.clients.len() < count && crowd.clients.len() - done < AT_ONCE {
                crowd.connect(server)?;
            }
            for (number, event) in crowd.wait(LIMIT)? {
                if event.contains(epoll::EventFlags::OUT) {
                    crowd.send(number, request.as_bytes())?;
                    crowd.watch(number)?;
                } else if crowd.greet(number)? {
                    done += 1;
                }
            }
            if begun.elapsed() > LIMIT * 5 {
                return Err(format!("{server}: {done} of {count} clients connected").into());
            }
        }
        Ok(crowd)
    }

    fn connect(&mut self, server: SocketAddr) -> Outcome<()> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let family = match server {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        if server.ip() == Ipv4Addr::LOCALHOST {
            let number = CLIENTS.fetch_add(1, Ordering::Relaxed) / OF_ONE_ADDRESS;
            let source = Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number);
            bind(&socket, &SocketAddr::from((source, 0)))?;
        }
        match connect(&socket, &server) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let data = epoll::EventData::new_u64(self.clients.len() as u64);
        epoll::add(&self.poll, &socket, data, epoll::EventFlags::OUT)?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        self.clients.push(stream);
        Ok(())
    }

    fn watch(&self, number: usize) -> Outcome<()> {
        let client = self.clients.get(number).ok_or("a client")?;
        let data = epoll::EventData::new_u64(number as u64);
        Ok(epoll::modify(
            &self.poll,
            client.as_fd(),
            data,
            epoll::EventFlags::IN,
        )?)
    }

    fn send(&mut self, number: usize, bytes: &[u8]) -> Outcome<()> {
        let client = self.clients.get_mut(number).ok_or("a client")?;
        Ok(client.write_all(bytes)?)
    }

    /// Who has something to say; nobody, if nothing comes within `limit`.
    fn wait(&self, limit: Duration) -> Outcome<Vec<(usize, epoll::EventFlags)>> {
        let mut events = Vec::with_capacity(1024);
        let limit = Timespec::try_from(limit)?;
        epoll::wait(&self.poll, spare_capacity(&mut events), Some(&limit))?;
        let of = |event: &epoll::Event| (event.data.u64() as usize, event.flags);
        Ok(events.iter().map(of).collect())
    }

    /// Reads the end of the handshake; whether the first frame has come too.
    fn greet(&mut self, number: usize) -> Outcome<bool> {
        let mut bytes = [0; 1024];
        let count = self.read(number, &mut bytes)?;
        // The head may come alone: the frame is the three bytes at the end of it all.
        let whole = bytes[..count].ends_with(b"1") || bytes[..count].ends_with(b"0");
        let greeted = self.greeted.get_mut(number).ok_or("a client")?;
        let first = whole && !*greeted;
        *greeted |= whole;
        Ok(first)
    }

    fn read(&mut self, number: usize, bytes: &mut [u8]) -> Outcome<usize> {
        let client = self.clients.get_mut(number).ok_or("a client")?;
        match client.read(bytes) {
            Ok(0) => Err("a server closed a client that waits".into()),
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until every client has been told; `idle` is called while nobody has. How long it took from
    /// the first to the last.
    pub(crate) fn told(&mut self, mut idle: impl FnMut()) -> Outcome<Duration> {
        let (begun, mut first, mut told) = (Instant::now(), None, 0);
        let mut bytes = [0; 256];
        while told < self.clients.len() {
            let events = self.wait(Duration::from_millis(20))?;
            if events.is_empty() && first.is_none() {
                idle();
            }
            for (number, _) in events {
                let count = self.read(number, &mut bytes)?;
                let mut rest = &bytes[..count];
                while let [kind, length, after @ ..] = rest {
                    match kind {
                        0x81 => {
                            first.get_or_insert_with(Instant::now);
                            told += 1;
                        }
                        0x89 => self.send(number, &PONG)?,
                        _ => {}
                    }
                    rest = after.get(usize::from(*length)..).unwrap_or_default();
                }
            }
            if begun.elapsed() > LIMIT {
                return Err(format!("{told} of {} clients were told", self.clients.len()).into());
            }
        }
        Ok(first.map_or(Duration::ZERO, |first| first.elapsed()))
    }
}
