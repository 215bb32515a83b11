//! Requests on connections that are kept, from one thread with as little work as can be: the load and the
//! server share the machine.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use crate::Outcome;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) count: usize,
    pub(crate) time: Duration,
    latencies: Vec<Duration>,
}

impl Answered {
    pub(crate) fn a_second(&self) -> f64 {
        self.count as f64 / self.time.as_secs_f64()
    }

    /// The latency that so many percent do not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.latencies.len() * percent).div_ceil(100).max(1);
        self.latencies.get(rank - 1).copied().unwrap_or_default()
    }
}

struct Connection {
    stream: TcpStream,
    sent: Instant,
    /// What has come of the head, while it is not whole.
    head: Vec<u8>,
    /// What is to come of the body.
    missing: usize,
}

/// A server that says nothing for so long is broken.
const SILENCE: Duration = Duration::from_secs(30);

/// Asks for `path`, on so many connections, for so long.
pub(crate) fn ask(
    server: SocketAddr,
    path: &str,
    connections: usize,
    time: Duration,
) -> Outcome<Answered> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n");
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let begun = Instant::now();
    let mut all = Vec::new();
    for number in 0..connections {
        let mut stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&poll, stream.as_fd(), data, epoll::EventFlags::IN)?;
        stream.write_all(request.as_bytes())?;
        stream.set_nonblocking(true)?;
        all.push(Connection {
            stream,
            sent: Instant::now(),
            head: Vec::new(),
            missing: 0,
        });
    }
    let mut latencies = Vec::new();
    let mut events = Vec::with_capacity(1024);
    let mut buffer = vec![0; 64 * 1024];
    while begun.elapsed() < time {
        events.clear();
        let limit = Timespec::try_from(SILENCE)?;
        if epoll::wait(&poll, spare_capacity(&mut events), Some(&limit))? == 0 {
            return Err(format!("{server}{path}: no answer within {SILENCE:?}").into());
        }
        for event in &events {
            let Some(connection) = all.get_mut(event.data.u64() as usize) else {
                continue;
            };
            if connection.is_answered(&mut buffer)? {
                let now = Instant::now();
                latencies.push(now - connection.sent);
                connection.sent = now;
                connection.stream.write_all(request.as_bytes())?;
            }
        }
    }
    let time = begun.elapsed();
    latencies.sort_unstable();
    Ok(Answered {
        count: latencies.len(),
        time,
        latencies,
    })
}

impl Connection {
    /// Reads what is there; whether the answer is whole.
    fn is_answered(&mut self, buffer: &mut [u8]) -> Outcome<bool> {
        let count = match self.stream.read(buffer) {
            Ok(0) => return Err("a server closed a connection that was to be kept".into()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let bytes = &buffer[..count];
        if self.missing > 0 {
            self.missing = self.missing.saturating_sub(count);
            return Ok(self.missing == 0);
        }
        // An answer is whole in one piece as a rule: nothing is copied then.
        if self.head.is_empty()
            && let Some(missing) = missing(bytes)?
        {
            self.missing = missing;
        } else {
            self.head.extend_from_slice(bytes);
            let Some(missing) = missing(&self.head)? else {
                return Ok(false);
            };
            self.head.clear();
            self.missing = missing;
        }
        Ok(self.missing == 0)
    }
}

/// How much of the body is missing; `None` if the head is not whole.
fn missing(bytes: &[u8]) -> Outcome<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("an answer that is none: {head}").into());
    }
    let is_length = |line: &&str| {
        line.get(..15)
            .is_some_and(|name| name.eq_ignore_ascii_case("content-length:"))
    };
    let length = head
        .lines()
        .find(is_length)
        .ok_or("an answer without a length")?;
    let length: usize = length[15..].trim().parse()?;
    Ok(Some((end + 4 + length).saturating_sub(bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn the_head_says_how_much_is_missing() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n";
        let missing = |text: &str| missing(text.as_bytes());
        assert!(matches!(missing(&head[..20]), Ok(None)));
        assert!(matches!(missing(head), Ok(Some(3))));
        assert!(matches!(missing(&format!("{head}123")), Ok(Some(0))));
        assert!(missing("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n").is_err());
    }
}
