//! Running git once, watched.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::error::{GitError, Step};
use super::group::Group;
use crate::adapters::tree::{Bounds, weigh};

/// The end of what git prints that is kept.
const SAID: usize = 8 << 10;
/// Between two looks at what lies on the disk, at least; a fifth of the time is spent looking.
const LOOK: Duration = Duration::from_millis(100);
/// For what git writes besides the files themselves.
const MARGIN: u64 = 1 << 20;
/// Git's own files, more than there ever are; those of the project are counted at the end.
const OWN_FILES: u64 = 1000;

/// What ends a run of git.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) cancel: CancellationToken,
    pub(super) deadline: Instant,
    pub(super) max_memory: u64,
}

/// What may lie on the disk, and who hears how much it is.
#[derive(Clone)]
pub(super) struct Scales {
    pub(super) repository: PathBuf,
    pub(super) max_download: u64,
    pub(super) files: PathBuf,
    pub(super) bounds: Bounds,
    pub(super) tell: Arc<dyn Fn(u64) + Send + Sync>,
}

impl Scales {
    /// Blocks.
    fn weigh(&self) -> Result<(), GitError> {
        let download = weigh(&self.repository, self.bounds.files).bytes;
        (self.tell)(download);
        let all = weigh(&self.files, self.bounds.files.saturating_add(OWN_FILES));
        let unpacked = if self.repository.starts_with(&self.files) {
            all.bytes.saturating_sub(download)
        } else {
            all.bytes
        };
        if download > self.max_download
            || unpacked > self.bounds.bytes
            || all.files > self.bounds.files.saturating_add(OWN_FILES)
        {
            return Err(GitError::TooLarge);
        }
        Ok(())
    }

    fn largest_file(&self) -> u64 {
        self.max_download
            .max(self.bounds.bytes)
            .saturating_add(MARGIN)
    }
}

/// Hears what git prints; `false` ends it as too large.
pub(super) type Output<'a> = &'a mut (dyn FnMut(&[u8]) -> bool + Send);

/// Runs git to its end, and then nothing of it is left.
///
/// # Errors
/// See [`GitError`]; in each case git and its helpers are ended and reaped.
///
/// # Cancel safety
/// If dropped, they are killed, but nobody waits for that.
pub(super) async fn run(
    step: Step,
    mut command: Command,
    watch: &Watch,
    scales: Option<&Scales>,
    output: Output<'_>,
) -> Result<(), GitError> {
    let mut child = command.spawn().map_err(GitError::Start)?;
    let group = Group::of(child.id());
    limit(&child, watch, scales);
    let mut said = Vec::new();
    let followed = follow(&mut child, &group, watch, scales, output, &mut said).await;
    group.kill();
    let waited = child.wait().await;
    group.finish().await;
    let status = followed.and_then(|()| Ok(waited?))?;
    if !status.success() {
        // It may have died of a limit between two looks.
        look(scales).await?;
        let error = failed(step, status, &said);
        let too_large = Signal::XFSZ.as_raw();
        let died_of_it = error.says(&[&format!("died of signal {too_large}")]);
        if status.signal() == Some(too_large) || died_of_it {
            return Err(GitError::TooLarge);
        }
        return Err(error);
    }
    look(scales).await
}

/// Returns when git has ended and has closed what it prints to, or with why it must end.
async fn follow(
    child: &mut Child,
    group: &Group,
    watch: &Watch,
    scales: Option<&Scales>,
    output: Output<'_>,
    said: &mut Vec<u8>,
) -> Result<(), GitError> {
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let (mut from_out, mut from_err) = (vec![0_u8; 16 << 10], vec![0_u8; 4 << 10]);
    let mut next_look = Instant::now() + LOOK;
    let mut ended = false;
    while !ended || out.is_some() || err.is_some() {
        tokio::select! {
            () = watch.cancel.cancelled() => return Err(GitError::Abandoned),
            () = sleep_until(watch.deadline.into()) => return Err(GitError::TooSlow),
            status = child.wait(), if !ended => {
                status?;
                ended = true;
                // Strays would hold the other ends of what is read here.
                group.kill();
            }
            count = read(&mut out, &mut from_out) => {
                if count > 0 && !output(&from_out[..count]) {
                    return Err(GitError::TooLarge);
                }
            }
            count = read(&mut err, &mut from_err) => {
                said.extend_from_slice(&from_err[..count]);
                let old = said.len().saturating_sub(SAID);
                said.drain(..old);
            }
            () = sleep_until(next_look.into()), if scales.is_some() => {
                let began = Instant::now();
                look(scales).await?;
                next_look = Instant::now() + LOOK.max(began.elapsed() * 4);
            }
        }
    }
    Ok(())
}

/// Reads; 0 means that there is nothing more. Cancel safe.
async fn read<R: AsyncRead + Unpin>(from: &mut Option<R>, buffer: &mut [u8]) -> usize {
    let Some(reader) = from else {
        return std::future::pending().await;
    };
    let count = reader.read(buffer).await.unwrap_or(0);
    if count == 0 {
        *from = None;
    }
    count
}

async fn look(scales: Option<&Scales>) -> Result<(), GitError> {
    let Some(scales) = scales.cloned() else {
        return Ok(());
    };
    let weighed = spawn_blocking(move || scales.weigh()).await;
    weighed.map_err(|error| GitError::Io(io::Error::other(error)))?
}

fn failed(step: Step, status: ExitStatus, said: &[u8]) -> GitError {
    let said = String::from_utf8_lossy(said);
    let plain = said.chars().map(|c| if c.is_control() { ' ' } else { c });
    GitError::Failed {
        step,
        how: status.to_string(),
        said: plain.collect::<String>().trim().to_owned(),
    }
}

/// Bounds what no look can catch in time: one huge file, a lot of memory. Its helpers inherit this.
#[cfg(target_os = "linux")]
fn limit(child: &Child, watch: &Watch, scales: Option<&Scales>) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let Some(pid) = pid.and_then(Pid::from_raw) else {
        return;
    };
    let largest = scales.map_or(MARGIN, Scales::largest_file);
    for (resource, most) in [
        (Resource::Fsize, largest),
        (Resource::Data, watch.max_memory),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // It may have ended already.
        let _ = prlimit(Some(pid), resource, limit);
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_child: &Child, _watch: &Watch, _scales: Option<&Scales>) {}
