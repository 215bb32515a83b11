//! The helper process between the server and an instance: a hidden command of each binary.

use std::ffi::{OsStr, OsString};

use super::inside::inside;
use super::outside::outside;
use super::restricted::{self, RESTRICTED};

/// `argv[1]` of a warden outside the sandbox; then NAME PLAN PROGRAM ARGUMENT…
pub const OUTSIDE: &str = "--warden-outside";
/// `argv[1]` of a warden inside the sandbox; then FOLDER OUTER PROGRAM ARGUMENT…, where
/// OUTER names the server's pid namespace.
pub const INSIDE: &str = "--warden-inside";

/// Does what the first argument asks for, if it is one of this module's helpers; the answer is the
/// exit code.
pub(crate) fn run(first: &OsStr, arguments: &[OsString]) -> Option<i32> {
    match first.to_str()? {
        OUTSIDE => Some(outside(arguments)),
        INSIDE => Some(inside(arguments)),
        RESTRICTED => Some(restricted::run(arguments)),
        _ => None,
    }
}
