//! What the probe's program can be, by the word in its arguments.

use std::ffi::OsStr;
use std::process::Command;

use super::target::Target;

/// `argv[1]` of the probe; then what it is to be: one of the roles below, and its arguments.
pub(crate) const PROBE: &str = "--sandbox-probe";

/// TARGET NAME…: makes these attempts, and prints a line for each.
pub(super) const TRY: &str = "try";
/// TARGET NAME: makes this attempt, in this process.
pub(super) const ONCE: &str = "once";
/// WORD: the process outside.
pub(super) const SENTINEL: &str = "sentinel";
/// Waits for the end of its input.
pub(super) const IDLE: &str = "idle";
/// BYTES: uses so much memory, and waits.
pub(super) const HOLD: &str = "hold";
/// PID: becomes its tracer; exits with the error's number.
pub(super) const TRACE: &str = "trace";
/// WORD: stays, whatever it is told.
pub(super) const LINGER: &str = "linger";

/// This program in another role.
pub(super) fn in_role<S: AsRef<OsStr>>(
    target: &Target,
    role: &str,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(&target.program);
    command.args([PROBE, role]).args(arguments);
    command
}
