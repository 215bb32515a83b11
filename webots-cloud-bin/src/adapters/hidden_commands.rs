//! What the program of a server does besides being a server: its helpers are itself, with other
//! arguments.

/// Turns this process into a warden, into the last step before an instance, or into the probe of a
/// sandbox, if its arguments say so, and then never returns.
///
/// Has to be the first thing that `main` of the program given as
/// [`ProcessLauncherConfig::warden`](super::process::ProcessLauncherConfig::warden) does: before any
/// thread, runtime or open file.
#[cfg(target_os = "linux")]
pub fn run_if_asked() {
    use super::{process, sandbox};

    let mut arguments = std::env::args_os().skip(1);
    let Some(first) = arguments.next() else {
        return;
    };
    let arguments: Vec<std::ffi::OsString> = arguments.collect();
    if let Some(code) = process::run(&first, &arguments) {
        std::process::exit(code);
    }
    if first == sandbox::probe::PROBE {
        std::process::exit(sandbox::probe::probe(&arguments));
    }
}

/// Does nothing: there are no helpers on this operating system.
#[cfg(not(target_os = "linux"))]
pub fn run_if_asked() {}
