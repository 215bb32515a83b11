//! The processes of one instance, and the moment when the last of them is gone.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::time::sleep;
use webots_cloud::adapters::process::processes_of;

use crate::Outcome;

/// What a busy machine may take until all controllers run.
const COMPLETE: Duration = Duration::from_secs(30);

/// Every process of an instance, held.
#[derive(Debug)]
pub(crate) struct Tree {
    workspace: String,
    held: Vec<OwnedFd>,
}

impl Tree {
    /// That of the instance with this port, as soon as its controller runs.
    pub(crate) async fn of_port(port: u16) -> Outcome<Self> {
        let begun = Instant::now();
        loop {
            if let Some((workspace, pids)) = find(port)
                && let Ok(held) = hold(&pids)
            {
                return Ok(Self { workspace, held });
            }
            if begun.elapsed() > COMPLETE {
                return Err(format!("the instance of port {port} is not complete").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end of the last one, and makes sure that it was the last.
    pub(crate) async fn gone(self) -> Outcome<Instant> {
        let Self { workspace, held } = self;
        let wait = move || -> Outcome<Instant> {
            for process in &held {
                // A pidfd can be read once its process has ended.
                let mut fds = [PollFd::new(process, PollFlags::IN)];
                while fds[0].revents().is_empty() {
                    poll(&mut fds, None)?;
                }
            }
            let gone = Instant::now();
            let left = processes_of(&workspace);
            if left.is_empty() {
                Ok(gone)
            } else {
                Err(format!("{left:?} of {workspace} are left").into())
            }
        };
        tokio::task::spawn_blocking(wait).await?
    }
}

/// Fails if one of them is gone already, as sandboxes start some that do not stay.
fn hold(pids: &[i32]) -> rustix::io::Result<Vec<OwnedFd>> {
    let pids = pids.iter().filter_map(|pid| Pid::from_raw(*pid));
    pids.map(|pid| pidfd_open(pid, PidfdFlags::empty()))
        .collect()
}

/// The workspace's name and all processes from the outside warden down, if one of them is told of
/// the port and one is a controller.
fn find(port: u16) -> Option<(String, Vec<i32>)> {
    let all = processes();
    let wardens = all.iter().filter(|it| {
        let asked = it
            .words
            .get(1)
            .is_some_and(|word| word == "--warden-outside");
        asked && it.parent == std::process::id().cast_signed()
    });
    for warden in wardens {
        let mut tree = BTreeSet::from([warden.pid]);
        // Parents may have greater pids than their children.
        while let Some(more) = all
            .iter()
            .find(|it| tree.contains(&it.parent) && !tree.contains(&it.pid))
        {
            tree.insert(more.pid);
        }
        let members = || all.iter().filter(|it| tree.contains(&it.pid));
        let told = format!("port={port}");
        let is_it = members().any(|it| it.words.iter().any(|word| word.contains(&told)));
        let runs = members().any(|it| it.words.iter().any(|word| word.ends_with("wander.py")));
        if is_it && runs {
            return Some((warden.words.get(2)?.clone(), tree.into_iter().collect()));
        }
    }
    None
}

#[derive(Debug)]
struct Process {
    pid: i32,
    parent: i32,
    words: Vec<String>,
}

fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(process).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = line.split(|byte| *byte == 0);
    Some(Process {
        pid,
        parent,
        words: words
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect(),
    })
}
