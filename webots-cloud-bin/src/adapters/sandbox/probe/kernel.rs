//! What only the administrator of a machine may do. Where it is allowed, it changes nothing.

use std::ffi::CStr;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use rustix::io::Errno;
use rustix::mount::MountFlags;

use super::answer::Answer;
use super::files::{listed, open};
use super::target::Target;
use crate::platform::linux::calls;

/// Of which each would be the end of the machine's safety, or of the machine.
const SETTINGS: [&str; 6] = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
];

/// Of a file system that does not exist: who may not mount is told so before.
pub(super) fn mount(target: &Target) -> Answer {
    let kind = "webots-cloud-no-such-thing";
    let called = rustix::mount::mount(
        kind,
        &target.workspace,
        kind,
        MountFlags::empty(),
        None::<&CStr>,
    );
    allowed_but(Errno::NODEV, called)
}

/// Of no bytes: who may not load one is told so before.
pub(super) fn module(_: &Target) -> Answer {
    allowed_but(Errno::NOEXEC, rustix::system::init_module(&[], c""))
}

/// Could, if this is why it did not work.
fn allowed_but(flaw: Errno, called: Result<(), Errno>) -> Answer {
    match called {
        Err(error) if error == flaw => Answer::could(""),
        Ok(()) | Err(_) => Answer::of(called),
    }
}

pub(super) fn clock(_: &Target) -> Answer {
    Answer::of(calls::set_clock())
}

pub(super) fn host_name(_: &Target) -> Answer {
    let same = rustix::system::uname();
    Answer::of(rustix::system::sethostname(same.nodename().to_bytes()))
}

pub(super) fn log(_: &Target) -> Answer {
    Answer::of(calls::kernel_log())
}

pub(super) fn keyring(_: &Target) -> Answer {
    Answer::of(calls::add_key())
}

/// Opens them for writing, and writes nothing.
pub(super) fn settings(_: &Target) -> Answer {
    let paths = SETTINGS.iter().map(PathBuf::from);
    opened(paths, OpenOptions::new().write(true))
}

/// Opens disks for reading: to write them would wake whoever watches them.
pub(super) fn disks(_: &Target) -> Answer {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let blocks = entries.filter(|entry| {
        let kind = entry.file_type();
        kind.is_ok_and(|kind| kind.is_block_device())
    });
    let memory = ["/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg"].map(PathBuf::from);
    opened(
        memory.into_iter().chain(blocks.map(|entry| entry.path())),
        OpenOptions::new().read(true),
    )
}

pub(super) fn terminal(_: &Target) -> Answer {
    opened(
        ["/dev/tty", "/dev/console", "/dev/tty0"].map(PathBuf::from),
        OpenOptions::new().read(true).write(true),
    )
}

fn opened(paths: impl IntoIterator<Item = PathBuf>, how: &mut OpenOptions) -> Answer {
    let (mut found, mut refusal) = (Vec::new(), None);
    for path in paths {
        match open(&path, how) {
            Ok(_) => found.push(path.display().to_string()),
            Err(error) => refusal = refusal.or(Some(Answer::refused(&error))),
        }
    }
    listed(found).map_or_else(
        || refusal.unwrap_or_else(|| Answer::nothing("")),
        Answer::could,
    )
}

/// The memory's, in its own folder.
pub(super) fn make_device(target: &Target) -> Answer {
    let path = target.workspace.join("device");
    let made = mknodat(
        CWD,
        &path,
        FileType::CharacterDevice,
        Mode::RUSR | Mode::WUSR,
        makedev(1, 1),
    );
    let _ = fs::remove_file(path);
    Answer::of(made)
}
