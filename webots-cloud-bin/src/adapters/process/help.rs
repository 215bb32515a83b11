//! What the launcher's parts have in common.

use std::io;
use std::path::Path;

use tokio::task::spawn_blocking;
use webots_cloud_core::ports::{CommandLine, ErrorKind, PortError};

use super::warden::INSIDE;

/// The name of a workspace, from its path.
pub(crate) fn workspace_name(path: &Path) -> Result<String, PortError> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned)
        .ok_or_else(|| PortError::permanent("not a workspace"))
}

/// Whether this command runs the warden inside.
pub(crate) fn is_guarded(command: &CommandLine, warden: &str) -> bool {
    let all: Vec<&String> = std::iter::once(&command.program)
        .chain(&command.arguments)
        .collect();
    all.windows(2)
        .any(|pair| *pair[0] == *warden && *pair[1] == INSIDE)
}

/// A path that cannot be put into a command line.
pub(crate) fn no_utf8() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8")
}

/// For the user: no paths, and whether asking again may help.
pub(crate) fn cannot_start(error: io::Error) -> PortError {
    if error.kind() == io::ErrorKind::AddrInUse {
        let text = "the port of the simulation is in use";
        return PortError::new(ErrorKind::PortTaken, text).because(error);
    }
    let again = matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory | io::ErrorKind::QuotaExceeded
    );
    let kind = if again {
        ErrorKind::Retry
    } else {
        ErrorKind::Permanent
    };
    PortError::new(kind, "the simulation could not be started").because(error)
}

/// Does something that blocks, where it may. If dropped, the work goes on.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PortError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| PortError::retry("the server is shutting down").because(error))
}
