//! One running instance: follows its warden and tells what happens, in order.

use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Child;
use tokio::time::{sleep_until, timeout};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{EventSink, Exit, InstanceEvent};

use super::cgroup::Kept;
use super::lifeline::{Orders, Reports};
use super::limit::{Reached, Resource};
use super::output::{Lines, OutputLimits, Throttle};
use super::status::{LINE, Status};
use super::survivors::{self, Session};

/// What the pipe may still hold when the leader has ended.
const PIPE: usize = 64 << 10;
/// A warden that does not report within this time is none.
const START: Duration = Duration::from_secs(10);
/// How long survivors of a killed warden are hunted before it is said that they are stuck.
const HUNT: Duration = Duration::from_secs(5);

/// SIGXCPU and SIGXFSZ, on all architectures that this is built for.
const XCPU: i32 = 24;
const XFSZ: i32 = 25;

/// The warden's reports, line by line.
#[derive(Debug)]
pub(crate) struct Control {
    stream: UnixStream,
    held: Vec<u8>,
}

impl Control {
    pub(crate) fn new(stream: std::os::unix::net::UnixStream) -> std::io::Result<Self> {
        Ok(Self {
            stream: UnixStream::from_std(stream)?,
            held: Vec::new(),
        })
    }

    /// Waits for the first report, which tells the session of the command that runs.
    pub(crate) async fn started(&mut self) -> io::Result<Session> {
        match timeout(START, self.next()).await {
            Ok(Some(Status::Started(leader))) => Ok(Session::of_new(leader)),
            Ok(Some(Status::Failed(errno))) => Err(io::Error::from_raw_os_error(errno)),
            Ok(_) => Err(io::Error::other("the warden ended at once")),
            Err(_) => Err(io::Error::other("the warden does not report")),
        }
    }

    /// The next report; `None` when no more can come. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Status> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                match std::str::from_utf8(&line[..end]).map(str::parse) {
                    Ok(Ok(status)) => return Some(status),
                    _ => continue,
                }
            }
            if self.held.len() > LINE {
                return None;
            }
            let mut bytes = [0_u8; LINE];
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.held.extend_from_slice(&bytes[..count]),
            }
        }
    }
}

/// An instance whose command runs.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    /// Its workspace's name.
    pub(crate) name: String,
    pub(crate) session: Session,
    pub(crate) warden: Child,
    pub(crate) control: Control,
    pub(crate) output: Option<Receiver>,
    pub(crate) orders: Arc<Orders>,
    pub(crate) output_limits: OutputLimits,
    pub(crate) limits: Limits,
    /// Its warden's word that it reached one.
    pub(crate) reached: Option<Reached>,
    pub(crate) cgroup: Option<Arc<Kept>>,
    pub(crate) events: Arc<dyn EventSink>,
}

enum Next {
    Report(Option<Status>),
    Output(std::io::Result<usize>),
    Resume,
    WardenEnded(bool),
}

impl Instance {
    /// Makes the asynchronous ends of what the warden writes to.
    pub(crate) fn ends(reports: Reports) -> std::io::Result<(Control, Receiver)> {
        let control = Control::new(reports.control)?;
        Ok((control, Receiver::from_owned_fd(reports.output)?))
    }

    /// Follows the instance until nothing of it is left; everything is told but `Gone`.
    pub(crate) async fn follow(mut self) {
        let mut lines = Lines::new(self.output_limits.line);
        let mut throttle = Throttle::new(self.output_limits, Instant::now());
        let mut paused: Option<Instant> = None;
        let mut buffer = vec![0_u8; 8192];
        let mut reporting = true;
        let mut ended = false;
        let clean = loop {
            let resume = paused.unwrap_or_else(Instant::now);
            let next = tokio::select! {
                biased;
                report = self.control.next(), if reporting => Next::Report(report),
                done = self.warden.wait() => Next::WardenEnded(done.is_ok_and(|s| s.success())),
                () = sleep_until(resume.into()), if paused.is_some() => Next::Resume,
                read = read(&mut self.output, &mut buffer), if paused.is_none() => Next::Output(read),
            };
            match next {
                Next::Report(Some(status)) => self.hear(status, &mut ended, &mut lines),
                Next::Report(None) => reporting = false,
                Next::Resume => paused = None,
                Next::Output(Ok(count)) if count > 0 => {
                    let told = self.print(&mut lines, &buffer[..count]);
                    paused = throttle.count(told, count, Instant::now());
                }
                Next::Output(_) => self.output = None,
                Next::WardenEnded(clean) => break clean,
            }
        };
        // What it said before it ended; nobody else holds the other end.
        while reporting {
            match self.control.next().await {
                Some(status) => self.hear(status, &mut ended, &mut lines),
                None => reporting = false,
            }
        }
        if !ended {
            self.hear(Status::Ended(Exit::Unknown), &mut ended, &mut lines);
        }
        if !clean {
            self.hunt().await;
        }
    }

    fn hear(&mut self, status: Status, ended: &mut bool, lines: &mut Lines) {
        match status {
            Status::Ended(exit) if !*ended => {
                *ended = true;
                self.drain(lines);
                let exit = self.cause(exit);
                self.events.event(self.id, InstanceEvent::Ended(exit));
            }
            Status::Limit(reached) => {
                tracing::info!(instance = %self.id, limit = reached.words(), "ended");
                self.reached.get_or_insert(reached);
            }
            Status::Stuck(pids) => {
                tracing::warn!(instance = %self.id, ?pids, "processes outlast SIGKILL");
            }
            Status::Started(_) | Status::Failed(_) | Status::Ended(_) => {}
        }
    }

    /// Why it ended: a limit, if there was one.
    fn cause(&self, exit: Exit) -> Exit {
        let by_kernel = match exit {
            Exit::Signal(XCPU) => self
                .limits
                .cpu
                .map(|cpu| Resource::Cpu.above(u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX))),
            Exit::Signal(XFSZ) => self.limits.disk.map(|most| Resource::FileSize.above(most)),
            Exit::Signal(_) | Exit::Code(_) | Exit::Limit(_) | Exit::Unknown => None,
        };
        let reached = self.reached.or(by_kernel);
        reached.map_or(exit, |reached| Exit::Limit(reached.words()))
    }

    fn print(&self, lines: &mut Lines, bytes: &[u8]) -> u32 {
        let mut told = 0;
        lines.feed(bytes, &mut |line| {
            told += 1;
            self.events.event(self.id, InstanceEvent::Line(line));
        });
        told
    }

    /// Takes what the leader printed before it ended, and closes the output: a stray that holds the
    /// other end gets an error and nobody waits for it.
    fn drain(&mut self, lines: &mut Lines) {
        let mut left = PIPE;
        let mut buffer = [0_u8; 8192];
        while let Some(output) = &self.output
            && left > 0
        {
            // Not `try_read`: that believes the runtime's last news, which may be old.
            match rustix::io::read(output, &mut buffer[..left.min(8192)]) {
                Ok(count) if count > 0 => {
                    left -= count;
                    self.print(lines, &buffer[..count]);
                }
                Ok(_) | Err(_) => break,
            }
        }
        self.output = None;
        lines.finish(&mut |line| self.events.event(self.id, InstanceEvent::Line(line)));
    }

    /// The warden did not end as it should: nobody has reaped its tree. Returns when it is gone,
    /// however long that takes: the slot must not be given away before.
    async fn hunt(&self) {
        tracing::warn!(instance = %self.id, "its warden was killed");
        // Where there is a warden inside, it acts on this.
        self.orders.terminate();
        loop {
            let (name, session, cgroup) = (self.name.clone(), self.session, self.cgroup.clone());
            let hunt = move || {
                survivors::end(
                    &name,
                    Some(session),
                    cgroup.as_deref().map(Deref::deref),
                    HUNT,
                )
            };
            match tokio::task::spawn_blocking(hunt).await {
                Ok(left) if left.is_empty() => return,
                Ok(left) => {
                    tracing::warn!(instance = %self.id, ?left, "processes outlast SIGKILL");
                }
                // The runtime shuts down.
                Err(_) => return,
            }
        }
    }
}

async fn read(output: &mut Option<Receiver>, buffer: &mut [u8]) -> std::io::Result<usize> {
    match output {
        Some(output) => output.read(buffer).await,
        None => std::future::pending().await,
    }
}
