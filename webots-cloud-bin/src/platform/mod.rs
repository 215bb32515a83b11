//! What differs between operating systems. Linux is built and tested; others say that they are not
//! supported.

#[cfg(target_os = "linux")]
pub(crate) mod linux;
mod own_process;

pub(crate) use own_process::own_process;

/// This operating system cannot do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: not supported on this operating system")]
pub struct NotSupported(pub &'static str);
