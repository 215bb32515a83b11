//! What warden and server say to each other over the control socket.
//!
//! Server to warden: the one byte [`KILL`]. Warden to server: one line for each [`Status`], of at
//! most [`LINE`] bytes.

use std::fmt;
use std::str::FromStr;

use webots_cloud_core::ports::Exit;

use super::limit::{Reached, Resource};

/// The order "kill now". The order "terminate" is the closing of the lifeline.
pub(crate) const KILL: u8 = b'K';
/// No status line is longer.
pub(crate) const LINE: usize = 256;
/// So many pids are named at most.
const NAMED: usize = 8;

/// What a warden reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// `started PID`: the command runs.
    Started(i32),
    /// `failed ERRNO`: the command could not be started; nothing else follows.
    Failed(i32),
    /// `ended code N`, `ended signal N`: the command's first process ended.
    Ended(Exit),
    /// `limit RESOURCE NUMBER`: it reached this limit, and is being killed.
    Limit(Reached),
    /// `stuck PID…`: these were sent SIGKILL a second or more ago and are still there.
    Stuck(Vec<i32>),
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(pid) => write!(f, "started {pid}"),
            Self::Failed(errno) => write!(f, "failed {errno}"),
            Self::Ended(Exit::Code(code)) => write!(f, "ended code {code}"),
            Self::Ended(Exit::Signal(signal)) => write!(f, "ended signal {signal}"),
            Self::Ended(Exit::Limit(_) | Exit::Unknown) => f.write_str("ended unknown 0"),
            Self::Limit(Reached { resource, most }) => write!(f, "limit {resource} {most}"),
            Self::Stuck(pids) => {
                f.write_str("stuck")?;
                pids.iter()
                    .take(NAMED)
                    .try_for_each(|pid| write!(f, " {pid}"))
            }
        }
    }
}

/// The line is no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a status line of a warden")]
pub(crate) struct NotAStatus;

impl FromStr for Status {
    type Err = NotAStatus;

    fn from_str(line: &str) -> Result<Self, NotAStatus> {
        let number = |text: &str| text.parse::<i32>().map_err(|_| NotAStatus);
        let words: Vec<&str> = line.split(' ').take(NAMED + 2).collect();
        match words.as_slice() {
            ["started", pid] => Ok(Self::Started(number(pid)?)),
            ["failed", errno] => Ok(Self::Failed(number(errno)?)),
            ["ended", "code", code] => Ok(Self::Ended(Exit::Code(number(code)?))),
            ["ended", "signal", signal] => Ok(Self::Ended(Exit::Signal(number(signal)?))),
            ["ended", "unknown", _] => Ok(Self::Ended(Exit::Unknown)),
            ["limit", resource, most] => {
                let resource = Resource::of_word(resource).ok_or(NotAStatus)?;
                Ok(Self::Limit(
                    resource.above(most.parse().map_err(|_| NotAStatus)?),
                ))
            }
            ["stuck", pids @ ..] if pids.len() <= NAMED => {
                let pids: Result<_, _> = pids.iter().map(|pid| number(pid)).collect();
                Ok(Self::Stuck(pids?))
            }
            _ => Err(NotAStatus),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for status in [
            Status::Started(12),
            Status::Failed(2),
            Status::Ended(Exit::Code(3)),
            Status::Ended(Exit::Signal(9)),
            Status::Ended(Exit::Unknown),
            Status::Limit(Resource::Memory.above(u64::MAX)),
            Status::Limit(Resource::FileSize.above(0)),
            Status::Stuck(vec![4, 5]),
        ] {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        let many = Status::Stuck((1..100).map(|n| i32::MAX - n).collect()).to_string();
        assert!(
            many.len() < LINE && many.parse::<Status>().is_ok(),
            "{many}"
        );
        for wrong in [
            "",
            "ended",
            "ended code x",
            "started 1 2",
            "limit memory",
            "limit hope 1",
            "limit memory -1",
            "stuck  1",
            "hello 1",
        ] {
            assert_eq!(wrong.parse::<Status>(), Err(NotAStatus), "{wrong}");
        }
    }
}
