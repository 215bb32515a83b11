//! What can be read and written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::OFlags;

use super::answer::Answer;
use super::target::Target;

pub(super) fn own_folder(target: &Target) -> Answer {
    kept(&target.workspace.join("written"))
}

pub(super) fn temporary(target: &Target) -> Answer {
    let file = std::env::temp_dir().join(format!("{}-file", target.temporary));
    let answer = kept(&file);
    let _ = fs::remove_file(file);
    answer
}

/// Whether a file holds what was written to it.
fn kept(file: &Path) -> Answer {
    let written = fs::write(file, "written").and_then(|()| fs::read(file));
    match written {
        Ok(read) if read == b"written" => Answer::could(""),
        Ok(_) => Answer::could_not("it is not there afterwards"),
        Err(error) => Answer::refused(&error),
    }
}

/// As controllers of a project are.
pub(super) fn own_program(target: &Target) -> Answer {
    let program = target.workspace.join("program");
    let ran = fs::write(&program, "#!/bin/sh\nexit 7\n")
        .and_then(|()| fs::set_permissions(&program, fs::Permissions::from_mode(0o700)))
        .and_then(|()| Command::new(&program).status());
    match ran {
        Ok(status) if status.code() == Some(7) => Answer::could(""),
        Ok(status) => Answer::could_not(status.to_string()),
        Err(error) => Answer::refused(&error),
    }
}

pub(super) fn neighbour(target: &Target) -> Answer {
    seen(std::slice::from_ref(&target.neighbour))
}

pub(super) fn instances(target: &Target) -> Answer {
    let (Some(folder), Some(own)) = (target.workspace.parent(), target.workspace.file_name())
    else {
        return Answer::nothing("the workspace is in no folder");
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return Answer::refused(&error),
    };
    let others = entries
        .flatten()
        .filter(|entry| entry.file_name() != own)
        .count();
    if others == 0 {
        Answer::could_not("sees its own only")
    } else {
        Answer::could(format!("{others} in {}", folder.display()))
    }
}

pub(super) fn hidden_folders(target: &Target) -> Answer {
    seen(&target.hidden_folders)
}

pub(super) fn hidden_files(target: &Target) -> Answer {
    seen(&target.hidden_files)
}

pub(super) fn passwords(_: &Target) -> Answer {
    seen(&["/etc/shadow", "/etc/gshadow"].map(PathBuf::from))
}

pub(super) fn home(target: &Target) -> Answer {
    seen(&target.home)
}

/// Whether anything can be seen of any of these.
fn seen(paths: &[PathBuf]) -> Answer {
    let (mut found, mut refusal) = (Vec::new(), None);
    for path in paths {
        match peek(path) {
            Ok(true) => found.push(path.display().to_string()),
            Ok(false) => refusal = refusal.or(Some(Answer::could_not("empty"))),
            Err(error) => refusal = refusal.or(Some(Answer::refused(&error))),
        }
    }
    listed(found).map_or_else(
        || refusal.unwrap_or_else(|| Answer::nothing("there is none")),
        Answer::could,
    )
}

/// The first few, and how many more; `None` if there are none.
pub(super) fn listed(mut found: Vec<String>) -> Option<String> {
    const SHOWN: usize = 3;
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    match (found.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(found.join(", ")),
        (false, more) => Some(format!("{} and {more} more", found.join(", "))),
    }
}

/// An entry of a folder, a byte of a file.
fn peek(path: &Path) -> io::Result<bool> {
    if fs::metadata(path)?.is_dir() {
        return Ok(fs::read_dir(path)?.next().is_some());
    }
    // Whatever it is: nobody waits for the other end.
    let mut file = open(path, OpenOptions::new().read(true))?;
    Ok(file.read(&mut [0])? > 0)
}

pub(super) fn open(path: &Path, how: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    how.custom_flags(flags.bits().cast_signed()).open(path)
}

/// The judge looks whether they arrive: in a private folder nobody minds them.
pub(super) fn outside(target: &Target) -> Answer {
    let (mut made, mut refusal) = (Vec::new(), None);
    for path in &target.outside {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(_) => made.push(path.display().to_string()),
            Err(error) => refusal = refusal.or(Some(Answer::refused(&error))),
        }
    }
    listed(made).map_or_else(
        || refusal.unwrap_or_else(|| Answer::nothing("there is no such place")),
        Answer::could,
    )
}

/// The judge looks at its content.
pub(super) fn everybodys(target: &Target) -> Answer {
    let opened = OpenOptions::new().append(true).open(&target.everybodys);
    match opened.and_then(|mut file| file.write_all(b"changed")) {
        Ok(()) => Answer::could(""),
        Err(error) => Answer::refused(&error),
    }
}
