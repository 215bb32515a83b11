//! The warden inside the sandbox: its main process.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::thread;

use rustix::process::{Signal, getpid, kill_process};
use webots_cloud_core::ports::Exit;

use super::begin::{NOT_STARTED, begin, number};
use super::link::Inner;
use super::plan::Ask;
use super::watch::Watch;
use crate::platform::linux::descriptors::{Standard, close_inherited};
use crate::platform::linux::procfs;

/// Counts as memory of the instance.
const STACK: usize = 128 << 10;

/// Standard input is the lifeline, or the link over which it comes; the rest goes to the instance as it is. Exits as the instance
/// did, with 128 + N for signal N as shells do.
pub(super) fn inside(arguments: &[OsString]) -> i32 {
    close_inherited();
    let [folder, outer, program, arguments @ ..] = arguments else {
        return NOT_STARTED;
    };
    let outer: Option<u64> = outer.to_str().and_then(|it| it.parse().ok());
    let alone =
        matches!((outer, procfs::pid_namespace()), (Some(outer), Some(own)) if outer != own);
    // Sandboxes may start their main process elsewhere. If it fails, Webots says what is wrong.
    let _ = std::env::set_current_dir(folder);
    let (Ok(signals), Ok(standard)) = (begin(), Standard::take()) else {
        return NOT_STARTED;
    };
    let Standard {
        input,
        output,
        error,
    } = standard;
    let Ok((lifeline, link)) = Inner::or_lifeline(input) else {
        return NOT_STARTED;
    };
    if let Some(link) = link
        && serve(link).is_err()
    {
        return NOT_STARTED;
    }
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(
            error
                .try_clone()
                .map_or_else(|_| Stdio::null(), Stdio::from),
        )
        .spawn();
    let leader = match started {
        Ok(child) => number(child.id()),
        Err(problem) => {
            let name = program.to_string_lossy();
            let text = format!("cannot start {name}: {problem}\n");
            let _ = rustix::io::write(&error, text.as_bytes());
            return NOT_STARTED;
        }
    };
    // Held open, it would keep the server from seeing the end of the output.
    drop(error);
    let _ = std::env::set_current_dir("/");
    let watch = Watch {
        leader,
        ask: Ask::Everyone,
        signals,
        lifeline,
        control: None,
        alone,
        codes_of_signals: false,
        meter: None,
        cgroup: None,
    };
    match watch.run() {
        Exit::Code(code) => code,
        Exit::Signal(signal) => 128 + signal,
        Exit::Limit(_) | Exit::Unknown => NOT_STARTED,
    }
}

/// In a thread of its own: watching and connecting know nothing of each other. The end of the link
/// is told as the order that a signal is.
fn serve(link: Inner) -> std::io::Result<()> {
    let served = move || {
        link.serve();
        let _ = kill_process(getpid(), Signal::TERM);
    };
    let thread = thread::Builder::new().name("link".to_owned());
    thread.stack_size(STACK).spawn(served).map(drop)
}
