//! The probe: a hidden command of the warden's binary, run inside a sandbox.
//!
//! Every attempt is made by a process of its own, so that one that dies of it, or hangs, loses
//! nothing but itself.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};

use super::answer::Answer;
use super::attempts::{self, Attempt, Family, Place};
use super::roles::{HOLD, IDLE, LINGER, ONCE, PROBE, SENTINEL, TRACE, TRY};
use super::target::Target;
use super::{children, sentinel};

/// For one attempt, on a machine that is busy with something else.
const QUICK: Duration = Duration::from_secs(5);
/// The same where much is written or held.
const SLOW: Duration = Duration::from_secs(30);

const USAGE: i32 = 2;

/// Plays the role that the arguments name; the value is the exit code.
pub(crate) fn probe(arguments: &[OsString]) -> i32 {
    let words: Option<Vec<&str>> = arguments.iter().map(|word| word.to_str()).collect();
    let Some(words) = words else {
        return USAGE;
    };
    match words.as_slice() {
        [TRY, target, names @ ..] => try_all(target, names),
        [ONCE, target, name] => once(target, name),
        [SENTINEL, _word] => sentinel::watch(),
        [IDLE] => children::idle(),
        [HOLD, bytes] => children::hold(bytes),
        [TRACE, pid] => children::trace(pid),
        [LINGER, _word] => children::linger(),
        _ => USAGE,
    }
}

fn try_all(given: &str, names: &[&str]) -> i32 {
    let Ok(target) = serde_json::from_str::<Target>(given) else {
        return USAGE;
    };
    for name in names {
        let Some(attempt) = attempts::find(name) else {
            say(Answer::unknown("this probe does not know it"), name);
            continue;
        };
        let child = Command::new(&target.program)
            .args([PROBE, ONCE, given, name])
            .stdin(Stdio::null())
            .spawn();
        let ended = child.and_then(|child| wait(child, limit(attempt)));
        let told = match ended {
            Ok(Some(status)) => judge_end(attempt, status),
            Ok(None) => Some(Answer::unknown("hangs")),
            Err(error) => Some(Answer::unknown(format!("not tried: {error}"))),
        };
        if let Some(answer) = told {
            say(answer, name);
        }
    }
    0
}

fn once(given: &str, name: &str) -> i32 {
    let (Ok(target), Some(attempt)) = (serde_json::from_str(given), attempts::find(name)) else {
        return USAGE;
    };
    say((attempt.run)(&target), name);
    0
}

/// One `write`, so that lines of several processes do not mix.
fn say(answer: Answer, attempt: &str) {
    let line = answer.line(attempt) + "\n";
    let mut out = std::io::stdout();
    // A judge that is gone does not want to know.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}

fn limit(attempt: &Attempt) -> Duration {
    match attempt.place {
        Place::Together => QUICK,
        Place::Alone => SLOW,
    }
}

/// `None` if it had to be killed for taking too long.
fn wait(mut child: Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // Where there are no pidfds the judge's own limit holds.
    if let Some(fd) = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) {
        let limit = Timespec::try_from(limit).ok();
        let ready = poll(&mut [PollFd::new(&fd, PollFlags::IN)], limit.as_ref());
        if ready == Ok(0) {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
    }
    child.wait().map(Some)
}

/// What to say for a process that did not say anything; `None` if it did.
fn judge_end(attempt: &Attempt, status: ExitStatus) -> Option<Answer> {
    let Some(signal) = status.signal() else {
        let code = status.code().unwrap_or_default();
        return (code != 0).then(|| Answer::unknown(format!("exit code {code}")));
    };
    // What filters of system calls do, and what goes over a limit gets.
    let filtered = signal == Signal::SYS.as_raw();
    let limits = [Signal::KILL, Signal::XFSZ, Signal::XCPU].map(Signal::as_raw);
    let limited = attempt.family == Family::Limits && limits.contains(&signal);
    Some(if filtered || limited {
        Answer::could_not(format!("killed by {}", name_of(signal)))
    } else {
        Answer::unknown(format!("died of {}", name_of(signal)))
    })
}

pub(super) fn name_of(signal: i32) -> String {
    let known = [
        (Signal::SYS, "SIGSYS"),
        (Signal::KILL, "SIGKILL"),
        (Signal::XFSZ, "SIGXFSZ"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::TERM, "SIGTERM"),
    ];
    let found = known.iter().find(|(it, _)| it.as_raw() == signal);
    found.map_or_else(
        || format!("signal {signal}"),
        |(_, name)| (*name).to_owned(),
    )
}
