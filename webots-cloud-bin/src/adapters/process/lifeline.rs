//! The server's ends of what ties a warden to it.
//!
//! The lifeline is a pair of sockets over which nothing is ever sent: *that it closes* is the order
//! to end, so both wardens can watch the one end without taking bytes from each other, and a killed
//! server gives the same order as one that asks. A socket and not a pipe, because whoever may look
//! into `/proc/PID/fd` could open a pipe's writing end from there and keep it open.
//!
//! The order to kill is a byte on the control socket, which only the warden outside has.
//!
//! A warden that somebody stopped hears neither, so with each order it is told to go on.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::status::KILL;

/// What the server keeps; dropping it is the order to terminate.
#[derive(Debug)]
pub(crate) struct Orders {
    lifeline: Mutex<Option<UnixStream>>,
    control: UnixStream,
    /// Held, as its pid may be a stranger's once it was waited for. None before Linux 5.3.
    warden: Option<OwnedFd>,
}

/// What the warden gets.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) lifeline: Stdio,
    pub(crate) control: Stdio,
    pub(crate) output: Stdio,
}

/// What the server reads from.
#[derive(Debug)]
pub(crate) struct Reports {
    pub(crate) control: UnixStream,
    pub(crate) output: OwnedFd,
}

/// Makes the three connections of one instance; all ends are close-on-exec.
pub(crate) fn connect() -> io::Result<(Orders, Reports, Ends)> {
    let (lifeline, warden_lifeline) = UnixStream::pair()?;
    let (control, warden_control) = UnixStream::pair()?;
    let (output, warden_output) = io::pipe()?;
    control.set_nonblocking(true)?;
    let orders = Orders {
        lifeline: Mutex::new(Some(lifeline)),
        control: control.try_clone()?,
        warden: None,
    };
    let ends = Ends {
        lifeline: OwnedFd::from(warden_lifeline).into(),
        control: OwnedFd::from(warden_control).into(),
        output: OwnedFd::from(warden_output).into(),
    };
    Ok((
        orders,
        Reports {
            control,
            output: output.into(),
        },
        ends,
    ))
}

impl Orders {
    /// For the warden with this pid: a child that nobody has waited for yet.
    pub(crate) fn to(mut self, warden: i32) -> Self {
        let pid = Pid::from_raw(warden);
        self.warden = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        self
    }

    /// Asks the instance to end, and has it killed if it does not. The second time nothing happens.
    pub(crate) fn terminate(&self) {
        self.lifeline
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(warden) = &self.warden {
            let _ = pidfd_send_signal(warden, Signal::CONT);
        }
    }

    /// Has every process killed at once.
    pub(crate) fn kill(&self) {
        // First the byte: the warden must not begin with the polite way.
        let _ = rustix::io::write(&self.control, &[KILL]);
        self.terminate();
    }
}
