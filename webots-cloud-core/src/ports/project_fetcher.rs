use std::fmt;
use std::sync::Arc;

use super::{BoxFuture, PortError, Workspace};
use crate::id::InstanceId;
use crate::protocol::client::{ControllerFile, Init, Start};

/// A project to be fetched, for one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectRequest {
    /// The instance that will run it.
    pub instance: InstanceId,
    /// Where it is.
    pub source: Source,
}

/// Where a project is: what the client said, checked for form only.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A project of the website (`init`).
    Website(Box<Init>),
    /// A world by its URL (`start`).
    Url(Start),
}

/// A project that lies in its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedProject {
    /// The project's folder relative to the workspace, with `/`; empty if it is the workspace
    /// itself.
    pub folder: String,
    /// The world relative to the project's folder, like `worlds/simple.wbt`.
    pub world: String,
}

/// Hears how far a fetch is.
pub trait ProgressSink: fmt::Debug + Send + Sync {
    /// So many bytes are there, of so many if that is known. Cheap to call often.
    fn fetched(&self, instance: InstanceId, bytes: u64, of: Option<u64>);
}

/// How a fetcher's cache does, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Projects that were there.
    pub hits: u64,
    /// Projects that had to be fetched.
    pub misses: u64,
}

/// Puts a project into a workspace.
///
/// The request is a stranger's: the implementation decides what may be fetched, bounds its size and
/// time, and lets nothing out of the workspace. The world must exist when it returns.
///
/// # Errors
/// The message is shown to the client. Whatever was written stays inside the workspace, which is
/// removed afterwards.
///
/// # Cancel safety
/// The future is never dropped before the server ends. Where the client left meanwhile,
/// [`abandon`](Self::abandon) is called once, and `fetch` should then end soon, with an error.
pub trait ProjectFetcher: fmt::Debug + Send + Sync {
    /// Fetches one project into an empty workspace.
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>>;

    /// Nobody waits for this instance's project any more. Unknown instances are ignored.
    fn abandon(&self, instance: InstanceId) {
        let _ = instance;
    }

    /// Puts the original of one controller file back into the workspace (W2.2).
    fn restore(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        file: ControllerFile,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        let _ = (request, workspace, file);
        Box::pin(async {
            Err(PortError::bad_request(
                "controllers of this kind of project cannot be reset",
            ))
        })
    }

    /// How its cache does, if it has one.
    fn cache(&self) -> CacheFigures {
        CacheFigures::default()
    }
}
