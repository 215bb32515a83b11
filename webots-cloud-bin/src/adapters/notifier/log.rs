//! Notices for the log.

use webots_cloud_core::ports::{BoxFuture, Notice, Notifier, PortError};

/// Writes every notice to the log: what somebody should look at as a warning, good news as
/// information.
///
/// # Errors
/// None.
///
/// # Cancel safety
/// The notice is written when `notify` is called; the future only says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogNotifier;

impl Notifier for LogNotifier {
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        match notice {
            Notice::ServerSilent { .. }
            | Notice::ServerFull { .. }
            | Notice::InstanceStuck { .. }
            | Notice::WorkspaceLeft { .. } => tracing::warn!("{notice}"),
            Notice::ServerBack { .. } | Notice::ServerFree { .. } => tracing::info!("{notice}"),
        }
        Box::pin(async { Ok(()) })
    }
}
