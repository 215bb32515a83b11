//! Going over each limit. Some are watched from outside: who goes over such a one is ended a moment
//! later, so the probe stays there for a while before it says that it could.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::answer::Answer;
use super::children::{is_ready, touched};
use super::errno;
use super::roles::{HOLD, IDLE, in_role};
use super::target::Target;

const MIB: u64 = 1 << 20;
/// How long it stays beyond a limit.
const STAYS: Duration = Duration::from_secs(4);
/// How much more than a limit it takes.
const MORE_MEMORY: u64 = 64 * MIB;
const MORE_DISK: u64 = 16 * MIB;
const MORE_PROCESSES: u64 = 16;
const MORE_OPEN_FILES: u64 = 16;
const MORE_FILES: u64 = 200;

/// What one file gets when several are to fill the disk.
const PIECE: u64 = 16 * MIB;

fn stayed(detail: String) -> Answer {
    std::thread::sleep(STAYS);
    Answer::could(detail)
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes / MIB)
}

pub(super) fn memory(target: &Target) -> Answer {
    let wanted = target.limits.memory + MORE_MEMORY;
    match touched(wanted) {
        Ok(held) => {
            let answer = stayed(mib(wanted));
            drop(held);
            answer
        }
        Err(_) => Answer::could_not("ENOMEM"),
    }
}

/// Each within the limit, both together beyond.
pub(super) fn memory_of_several(target: &Target) -> Answer {
    let wanted = target.limits.memory + MORE_MEMORY;
    let mut children = Vec::new();
    for _ in 0..2 {
        let started = in_role(target, HOLD, [(wanted / 2).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        match started {
            Ok(child) => children.push(child),
            Err(error) => return Answer::unknown(format!("not tried: {error}")),
        }
    }
    for child in &mut children {
        if !child.stdout.take().is_some_and(is_ready) {
            return Answer::could_not("the second did not get it");
        }
    }
    all_stayed(children, mib(wanted))
}

pub(super) fn processes(target: &Target) -> Answer {
    let wanted = target.limits.processes + MORE_PROCESSES;
    let Ok((lifeline, held)) = io::pipe() else {
        return Answer::unknown("no pipe");
    };
    let nobody: [&str; 0] = [];
    let mut children = Vec::new();
    for number in 0..wanted {
        let input = match lifeline.try_clone() {
            Ok(input) => input,
            Err(error) => return Answer::unknown(errno::name_of(&error)),
        };
        match in_role(target, IDLE, nobody).stdin(input).spawn() {
            Ok(child) => children.push(child),
            Err(error) => {
                let why = errno::name_of(&error);
                return Answer::could_not(format!("{why} after {number}"));
            }
        }
    }
    let answer = all_stayed(children, wanted.to_string());
    drop(held);
    answer
}

/// Could, if they are all still there after a while.
fn all_stayed(mut children: Vec<Child>, detail: String) -> Answer {
    let answer = stayed(detail);
    let ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
    if children.iter_mut().any(ended) {
        return Answer::could_not("some were ended");
    }
    answer
}

pub(super) fn open_files(target: &Target) -> Answer {
    let wanted = target.limits.open_files + MORE_OPEN_FILES;
    let mut held = Vec::new();
    for number in 0..wanted {
        match File::open("/dev/null") {
            Ok(file) => held.push(file),
            Err(error) => {
                let why = errno::name_of(&error);
                return Answer::could_not(format!("{why} after {number}"));
            }
        }
    }
    stayed(wanted.to_string())
}

pub(super) fn large_file(target: &Target) -> Answer {
    let wanted = target.limits.disk + MORE_DISK;
    written(&target.workspace, wanted, wanted)
}

pub(super) fn several_files(target: &Target) -> Answer {
    written(&target.workspace, target.limits.disk + MORE_DISK, PIECE)
}

pub(super) fn temporary_files(target: &Target) -> Answer {
    let folder = std::env::temp_dir().join(&target.temporary);
    if let Err(error) = fs::create_dir(&folder) {
        return Answer::refused(&error);
    }
    let answer = written(&folder, target.limits.disk + MORE_DISK, PIECE);
    let _ = fs::remove_dir_all(folder);
    answer
}

/// Writes so much into files of at most `piece`, all of which stay.
fn written(folder: &Path, wanted: u64, piece: u64) -> Answer {
    let chunk = vec![1_u8; 1 << 20];
    let mut done = 0;
    while done < wanted {
        let file = folder.join(format!("piece-{}", done / piece));
        let mut append = File::options();
        let opened = append.create(true).append(true).open(file);
        if let Err(error) = opened.and_then(|mut file| file.write_all(&chunk)) {
            let why = errno::name_of(&error);
            return Answer::could_not(format!("{why} after {}", mib(done)));
        }
        done += MIB;
    }
    stayed(mib(wanted))
}

pub(super) fn many_files(target: &Target) -> Answer {
    let wanted = target.limits.files + MORE_FILES;
    for number in 0..wanted {
        if let Err(error) = File::create(target.workspace.join(format!("file-{number}"))) {
            let why = errno::name_of(&error);
            return Answer::could_not(format!("{why} after {number}"));
        }
    }
    stayed(wanted.to_string())
}
