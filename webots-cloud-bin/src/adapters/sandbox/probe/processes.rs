//! What can be seen of other processes, and done to them.

use std::process::Stdio;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use super::answer::Answer;
use super::children::is_ready;
use super::roles::{IDLE, LINGER, TRACE, in_role};
use super::target::{SECRET, Target};
use crate::platform::linux::procfs;

pub(super) fn see(target: &Target) -> Answer {
    let word = target.sentinel_word.concat();
    let mut all = procfs::processes().into_iter();
    match all.find(|pid| procfs::has_argument(*pid, &word)) {
        Some(pid) => Answer::could(format!("/proc/{pid}")),
        None => Answer::could_not("it is not in /proc"),
    }
}

pub(super) fn environment(_: &Target) -> Answer {
    let wanted = format!("{SECRET}=");
    let has = |pid: &i32| {
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|all| {
            all.split(|byte| *byte == 0)
                .any(|one| one.starts_with(wanted.as_bytes()))
        })
    };
    match procfs::processes().iter().find(|pid| has(pid)) {
        Some(pid) => Answer::could(format!("/proc/{pid}/environ")),
        None => Answer::could_not("it is in no /proc/*/environ"),
    }
}

/// A signal that does nothing to whom it was not meant for. The judge asks the sentinel for it.
pub(super) fn signal(target: &Target) -> Answer {
    let pid = Pid::from_raw(target.sentinel);
    Answer::of(pid.map_or(Err(Errno::SRCH), |pid| kill_process(pid, Signal::URG)))
}

/// Of two children, one the other.
pub(super) fn trace(target: &Target) -> Answer {
    let nobody: [&str; 0] = [];
    let started = in_role(target, IDLE, nobody).stdin(Stdio::piped()).spawn();
    let mut traced = match started {
        Ok(child) => child,
        Err(error) => return Answer::unknown(format!("not tried: {error}")),
    };
    let tracer = in_role(target, TRACE, [traced.id().to_string()]).status();
    drop(traced.stdin.take());
    let _ = traced.wait();
    match tracer.map(|status| status.code()) {
        Ok(Some(0)) => Answer::could("a sibling"),
        Ok(Some(code)) => Answer::of(Err(Errno::from_raw_os_error(code))),
        Ok(None) => Answer::could_not("killed by SIGSYS"),
        Err(error) => Answer::unknown(format!("not tried: {error}")),
    }
}

/// The judge looks whether it is there after the instance is gone.
pub(super) fn linger(target: &Target) -> Answer {
    let started = in_role(target, LINGER, [&target.linger_word])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    match started.map(|child| child.stdout.is_some_and(is_ready)) {
        Ok(true) => Answer::could(""),
        Ok(false) => Answer::unknown("it did not become deaf"),
        Err(error) => Answer::unknown(format!("not tried: {error}")),
    }
}
