//! What the probe starts of itself.

use std::io::{Read, Write};
use std::time::Duration;

use rustix::process::{Signal, setsid};

use crate::platform::linux::calls;
use crate::platform::linux::signals::Signals;

/// How long a process lingers that nobody ends. Only a test that fails waits for it.
const LINGERS: Duration = Duration::from_secs(60);

const FAILED: i32 = 1;

/// What a child says when it has done what it is there for.
pub(super) const READY: &str = "ready\n";

pub(super) fn say_ready() {
    let mut out = std::io::stdout();
    let _ = out.write_all(READY.as_bytes()).and_then(|()| out.flush());
}

pub(super) fn until_closed() {
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}

/// Whether a child says that it is ready, rather than that it ends.
pub(super) fn is_ready(mut output: impl Read) -> bool {
    let mut said = [0; READY.len()];
    output.read_exact(&mut said).is_ok() && said == READY.as_bytes()
}

pub(super) fn idle() -> i32 {
    until_closed();
    0
}

pub(super) fn hold(bytes: &str) -> i32 {
    let Some(held) = bytes.parse().ok().and_then(|bytes| touched(bytes).ok()) else {
        return FAILED;
    };
    say_ready();
    until_closed();
    drop(held);
    0
}

/// So much memory, every page of it written. The error is how much there was.
pub(super) fn touched(bytes: u64) -> Result<Vec<u8>, u64> {
    let chunk = [1_u8; 1 << 16];
    let mut memory: Vec<u8> = Vec::new();
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    memory.try_reserve_exact(size).map_err(|_| 0_u64)?;
    while memory.len() < size {
        let next = chunk.len().min(size - memory.len());
        memory.extend_from_slice(&chunk[..next]);
    }
    Ok(memory)
}

pub(super) fn trace(pid: &str) -> i32 {
    match pid.parse().map(calls::trace) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => error.raw_os_error(),
        Err(_) => FAILED,
    }
}

/// Out of the session, deaf, and without any parent that knows it.
pub(super) fn linger() -> i32 {
    let deaf = Signals::catch(&[Signal::TERM, Signal::HUP, Signal::INT]);
    if setsid().is_err() || deaf.is_err() {
        return FAILED;
    }
    say_ready();
    std::thread::sleep(LINGERS);
    0
}
