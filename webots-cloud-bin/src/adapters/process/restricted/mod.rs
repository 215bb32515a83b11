//! The last step before an instance: limits of its first process, which all others inherit, the
//! folders that it may write to, and the filter of system calls; then this process becomes the instance.

mod filter;
mod writing;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::CommandLine;

/// `argv[1]` of this step; then LIMIT=NUMBER…, write=FOLDER…, `--`, PROGRAM, ARGUMENT…
pub const RESTRICTED: &str = "--restricted";

/// As `env` and its like do it: 126 for what could not be set up, 127 for a missing program.
const CANNOT: i32 = 126;
const MISSING: i32 = 127;

const END: &str = "--";
const WRITE: &str = "write=";

/// `command`, behind this step: `warden` is the program whose `main` begins with
/// [`run_if_asked`](crate::adapters::run_if_asked).
///
/// Belongs *inside* a sandbox: there the count of processes is that of the sandbox's own user
/// namespace, outside all instances would share one; and a sandbox cannot be built under the filter.
///
/// Memory is that of each process's data. Not of its address space, of which GPU drivers reserve far
/// more than they use. No process leaves a core dump.
///
/// Writes go to `writable` folders only, where the kernel knows Landlock (5.13).
pub fn restricted(
    command: CommandLine,
    warden: &str,
    limits: &Limits,
    writable: &[&str],
) -> CommandLine {
    let mut arguments = vec![RESTRICTED.to_owned(), "core=0".to_owned()];
    for (name, limit) in [
        ("data", limits.memory),
        ("nproc", limits.processes),
        ("nofile", limits.open_files),
        ("cpu", limits.cpu.map(|cpu| cpu.as_secs().max(1))),
        ("fsize", limits.disk),
    ] {
        arguments.extend(limit.map(|limit| format!("{name}={limit}")));
    }
    arguments.extend(writable.iter().map(|folder| format!("{WRITE}{folder}")));
    arguments.push(END.to_owned());
    command.wrapped_in(warden, arguments)
}

fn resource(name: &str) -> Option<Resource> {
    match name {
        "core" => Some(Resource::Core),
        "data" => Some(Resource::Data),
        "nproc" => Some(Resource::Nproc),
        "nofile" => Some(Resource::Nofile),
        "cpu" => Some(Resource::Cpu),
        "fsize" => Some(Resource::Fsize),
        _ => None,
    }
}

/// Becomes the program, or says on standard error why it cannot and returns the exit code.
pub(super) fn run(arguments: &[OsString]) -> i32 {
    let Some(end) = arguments.iter().position(|word| word == END) else {
        return failed(CANNOT, "no command", &io::ErrorKind::InvalidInput.into());
    };
    let (settings, command) = arguments.split_at(end);
    let [_, program, arguments @ ..] = command else {
        return failed(CANNOT, "no command", &io::ErrorKind::InvalidInput.into());
    };
    let mut writable = Vec::new();
    for setting in settings {
        let folder = setting.to_str().and_then(|text| text.strip_prefix(WRITE));
        if let Some(folder) = folder {
            writable.push(folder.to_owned());
        } else if let Err(error) = limit(setting) {
            return failed(CANNOT, &setting.to_string_lossy(), &error);
        }
    }
    if let Err(error) = writing::only_below(&writable) {
        return failed(CANNOT, "folders to write to", &error);
    }
    if let Err(error) = filter::install() {
        return failed(CANNOT, "filter of system calls", &error);
    }
    let error = Command::new(program).args(arguments).exec();
    failed(MISSING, &program.to_string_lossy(), &error)
}

/// Between the signal that says that the processor time is over, which a program may handle, and the
/// one that ends it: seconds.
const AFTER: u64 = 5;

/// Both soft and hard, but never above what the hard limit is already.
fn limit(setting: &OsStr) -> io::Result<()> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
    let (name, number) = setting
        .to_str()
        .and_then(|text| text.split_once('='))
        .ok_or_else(wrong)?;
    let resource = resource(name).ok_or_else(wrong)?;
    let wanted: u64 = number.parse().map_err(|_| wrong())?;
    let hard = if resource == Resource::Cpu {
        wanted.saturating_add(AFTER)
    } else {
        wanted
    };
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    setrlimit(
        resource,
        Rlimit {
            current: Some(wanted.min(most)),
            maximum: Some(hard.min(most)),
        },
    )?;
    Ok(())
}

fn failed(code: i32, what: &str, error: &io::Error) -> i32 {
    let _ = writeln!(io::stderr(), "cannot start the simulation: {what}: {error}");
    code
}
