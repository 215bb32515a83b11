//! What the probe is, and what it can become.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::answer::Answer;
use super::files::listed;
use super::target::Target;

/// Those that say how they are used before they do anything, and are on most machines.
const SETUID: [&str; 6] = [
    "/usr/bin/passwd",
    "/usr/bin/chsh",
    "/usr/bin/gpasswd",
    "/usr/bin/newgrp",
    "/usr/bin/mount",
    "/usr/bin/su",
];

/// What `/proc/PID/status` says under this name.
fn status(pid: &str, name: &str) -> Result<String, Answer> {
    let all = fs::read_to_string(format!("/proc/{pid}/status"));
    let all = all.map_err(|error| Answer::unknown(format!("no /proc: {error}")))?;
    let mut lines = all.lines();
    let found = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
    found
        .map(str::to_owned)
        .ok_or_else(|| Answer::unknown(format!("no {name}")))
}

/// Could, unless it is one of these.
fn own_status(name: &str, harmless: &str) -> Answer {
    match status("self", name) {
        Ok(value) if value == harmless => Answer::could_not(format!("{name} {value}")),
        Ok(value) => Answer::could(format!("{name} {value}")),
        Err(answer) => answer,
    }
}

pub(super) fn capabilities(_: &Target) -> Answer {
    for set in ["CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"] {
        match status("self", set) {
            Ok(value) if value.bytes().all(|digit| digit == b'0') => {}
            Ok(value) => return Answer::could(format!("{set} {value}")),
            Err(answer) => return answer,
        }
    }
    Answer::could_not("all sets are empty")
}

pub(super) fn new_privileges(_: &Target) -> Answer {
    own_status("NoNewPrivs", "1")
}

pub(super) fn unfiltered(_: &Target) -> Answer {
    own_status("Seccomp", "2")
}

/// Starts a program that is root's for everybody, and looks at its rights.
pub(super) fn setuid(_: &Target) -> Answer {
    // Whose it is cannot be told in a user namespace.
    let is_setuid =
        |path: &&&str| fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o4000 != 0);
    let Some(program) = SETUID.iter().find(is_setuid) else {
        return Answer::could_not("there is none");
    };
    match rights_of(program) {
        Ok((was, is)) if was == is => Answer::could_not(*program),
        Ok((_, is)) => Answer::could(format!("{program}: {is}")),
        Err(answer) => answer,
    }
}

/// The effective user and capabilities: of this process, and of that program when it runs.
fn rights_of(program: &str) -> Result<(String, String), Answer> {
    let not_tried = |error: std::io::Error| Answer::could_not(format!("not started: {error}"));
    let (read, mut write) = std::io::pipe().map_err(not_tried)?;
    // In a full pipe it gets stuck with its first word, and so long it can be looked at.
    rustix::io::ioctl_fionbio(&write, true).map_err(|error| not_tried(error.into()))?;
    while write.write(&[0; 4096]).is_ok() {}
    while write.write(&[0]).is_ok() {}
    rustix::io::ioctl_fionbio(&write, false).map_err(|error| not_tried(error.into()))?;
    let mut child = Command::new(program)
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(write.try_clone().map_err(not_tried)?)
        .stderr(write)
        .spawn()
        .map_err(not_tried)?;
    let found = rights("self").and_then(|own| Ok((own, rights(&child.id().to_string())?)));
    let _ = child.kill();
    // One that became root is ended by the end of the pipe.
    drop(read);
    let _ = child.wait();
    found
}

fn rights(pid: &str) -> Result<String, Answer> {
    let user = status(pid, "Uid")?;
    let effective = user.split('\t').nth(1).unwrap_or("?");
    Ok(format!(
        "user {effective}, CapEff {}",
        status(pid, "CapEff")?
    ))
}

/// Those above the standard ones, but for the one of the listing.
pub(super) fn descriptors(_: &Target) -> Answer {
    let entries = match fs::read_dir("/proc/self/fd") {
        Ok(entries) => entries,
        Err(error) => return Answer::unknown(format!("no /proc: {error}")),
    };
    let open: Vec<u32> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    let still = |fd: u32| fs::read_link(Path::new("/proc/self/fd").join(fd.to_string())).ok();
    let found = open
        .into_iter()
        .filter_map(|fd| Some(format!("{fd} {}", still(fd)?.display())));
    listed(found.collect()).map_or_else(|| Answer::could_not("there are none"), Answer::could)
}

pub(super) fn user_namespace(_: &Target) -> Answer {
    // SAFETY: no descriptors are unshared.
    if let Err(error) = unsafe { unshare_unsafe(UnshareFlags::NEWUSER) } {
        return Answer::of(Err(error));
    }
    // In it one has all capabilities, and what of the kernel they reach.
    let own = File::open("/proc/self/status").and_then(std::io::read_to_string);
    let all = own.unwrap_or_default();
    let set = all.lines().find_map(|line| line.strip_prefix("CapEff:\t"));
    Answer::could(set.map_or_else(String::new, |set| format!("with CapEff {set}")))
}
