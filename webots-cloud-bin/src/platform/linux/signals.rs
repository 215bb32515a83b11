//! Signals as bytes on a descriptor, for a process that waits in `poll`.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Signal;

/// Each caught signal writes its number here.
#[derive(Debug)]
pub(crate) struct Signals {
    read: OwnedFd,
}

impl Signals {
    /// Catches these signals from now on, for as long as the process lives.
    pub(crate) fn catch(signals: &[Signal]) -> io::Result<Self> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let raw = write.as_raw_fd();
        // The handlers use it until the process ends.
        std::mem::forget(write);
        for signal in signals {
            let number = signal.as_raw();
            #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)]
            let byte = [number as u8];
            // SAFETY: the handler does one `write` on a descriptor that is never closed, which is
            // async-signal-safe; a full pipe is fine, for then the reader is woken anyway.
            unsafe {
                signal_hook_registry::register(number, move || {
                    let fd = BorrowedFd::borrow_raw(raw);
                    let _ = rustix::io::write(fd, &byte);
                })?;
            }
        }
        Ok(Self { read })
    }

    /// To be polled for reading.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.read.as_fd()
    }

    /// The signals since the last call; never waits.
    pub(crate) fn take(&self) -> Vec<i32> {
        let mut bytes = [0_u8; 256];
        let read = rustix::io::read(&self.read, &mut bytes).unwrap_or(0);
        bytes[..read].iter().map(|byte| i32::from(*byte)).collect()
    }
}
