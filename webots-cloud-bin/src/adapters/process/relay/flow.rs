//! One direction of a connection: bytes from one socket to another, in order, as far as both go
//! along.

use std::os::fd::OwnedFd;

use rustix::io::{Errno, Result};
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};

/// So many bytes may be held; a sender that is faster than its receiver waits.
pub(super) const HELD: usize = 64 << 10;
/// So often a flow is filled and emptied before it is the turn of others.
const TURNS: usize = 4;

/// Bytes on their way. Never waits: not even where somebody else who holds the same socket turns
/// `O_NONBLOCK` off, which is why the flag is not relied on.
#[derive(Debug)]
pub(super) struct Flow {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
    /// The sender sends no more.
    ended: bool,
    /// The receiver was told so.
    told: bool,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; HELD].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            told: false,
        }
    }

    /// Moves what can be moved now. An error is the end of the connection, in both directions.
    pub(super) fn step(&mut self, from: &OwnedFd, to: &OwnedFd) -> Result<()> {
        for _ in 0..TURNS {
            let moved = self.take(from)? | self.give(to)?;
            if !moved {
                break;
            }
        }
        if self.ended && !self.has_bytes() && !self.told {
            self.told = true;
            // Fails where the receiver is gone, which the other direction will see.
            let _ = shutdown(to, Shutdown::Write);
        }
        Ok(())
    }

    fn take(&mut self, from: &OwnedFd) -> Result<bool> {
        if !self.wants_bytes() {
            return Ok(false);
        }
        match recv(from, &mut self.bytes[self.end..], RecvFlags::DONTWAIT) {
            Ok((0, _)) => self.ended = true,
            Ok((count, _)) => self.end += count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    fn give(&mut self, to: &OwnedFd) -> Result<bool> {
        if !self.has_bytes() {
            return Ok(false);
        }
        let held = &self.bytes[self.start..self.end];
        match send(to, held, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => self.start += count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(false),
            Err(error) => return Err(error),
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        Ok(true)
    }

    /// Whether there is something for the receiver.
    pub(super) const fn has_bytes(&self) -> bool {
        self.start < self.end
    }

    /// Whether the sender may send.
    pub(super) const fn wants_bytes(&self) -> bool {
        !self.ended && self.end < HELD
    }

    /// Whether all that was sent has been passed on, its end too.
    pub(super) const fn is_done(&self) -> bool {
        self.told
    }
}
