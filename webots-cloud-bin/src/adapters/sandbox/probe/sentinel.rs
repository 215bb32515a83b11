//! A process outside the sandbox, to be looked for, and its two ends.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::children::{READY, say_ready, until_closed};
use super::roles::{PROBE, SENTINEL};
use super::target::SECRET;
use crate::platform::linux::signals::Signals;

/// For what takes milliseconds, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(10);

const SIGNALLED: &str = "signalled";

/// The process: it ends with its input, and then says whether a signal came.
pub(super) fn watch() -> i32 {
    let Ok(signals) = Signals::catch(&[Signal::URG]) else {
        return 1;
    };
    say_ready();
    until_closed();
    if !signals.take().is_empty() {
        println!("{SIGNALLED}");
    }
    0
}

/// The judge's end. Dropping it ends the process.
#[derive(Debug)]
pub(super) struct Sentinel {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    pub(super) pid: i32,
}

impl Sentinel {
    /// Starts it, and waits until it would notice a signal.
    pub(super) async fn start(program: &Path, word: &str) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args([PROBE, SENTINEL, word])
            .env_clear()
            .env(SECRET, word)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let ended = || io::Error::other("the process to be looked for ended at once");
        let output = child.stdout.take().ok_or_else(ended)?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let mut sentinel = Self {
            output: BufReader::new(output).lines(),
            pid: pid.ok_or_else(ended)?,
            child,
        };
        match sentinel.line().await {
            Some(line) if line == READY.trim_end() => Ok(sentinel),
            Some(_) | None => Err(ended()),
        }
    }

    async fn line(&mut self) -> Option<String> {
        let line = timeout(SOON, self.output.next_line()).await;
        line.ok()?.ok()?
    }

    /// Ends it; the value is what was done to it, if anything.
    pub(super) async fn end(mut self) -> Option<String> {
        let before = self.child.try_wait().ok().flatten();
        drop(self.child.stdin.take());
        let said = self.line().await;
        let ended = timeout(SOON, self.child.wait()).await;
        match (before, said, ended) {
            (Some(status), _, _) => Some(format!("it ended: {status}")),
            (None, Some(said), _) if said == SIGNALLED => Some("it came".to_owned()),
            (None, _, Ok(Ok(status))) if !status.success() => Some(format!("it ended: {status}")),
            (None, _, Ok(_)) => None,
            (None, _, Err(_)) => Some("it was stopped".to_owned()),
        }
    }
}
