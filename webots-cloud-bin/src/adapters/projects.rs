//! Where projects come from: websites and folders of this machine.

use std::sync::Arc;

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, CacheFigures, FetchedProject, PortError, ProgressSink, ProjectFetcher,
    ProjectRequest, Source, Workspace,
};
use webots_cloud_core::protocol::client::ControllerFile;
use webots_cloud_core::protocol::start_url::StartUrl;

/// Asks the fetcher that knows the kind of project.
#[derive(Clone, Debug)]
pub struct Projects {
    /// For `init`, and for `start` with a `file:` URL.
    pub website: Arc<dyn ProjectFetcher>,
    /// For `start` with a world in a git repository.
    pub git: Arc<dyn ProjectFetcher>,
}

impl Projects {
    fn of(&self, source: &Source) -> &dyn ProjectFetcher {
        match source {
            Source::Website(_) => self.website.as_ref(),
            Source::Url(start) => match &start.url {
                StartUrl::Git(_) => self.git.as_ref(),
                StartUrl::File(_) => self.website.as_ref(),
            },
        }
    }
}

impl ProjectFetcher for Projects {
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>> {
        self.of(&request.source)
            .fetch(request.clone(), workspace, progress)
    }

    fn abandon(&self, instance: InstanceId) {
        // Each ignores what it does not know.
        self.website.abandon(instance);
        self.git.abandon(instance);
    }

    fn cache(&self) -> CacheFigures {
        let (website, git) = (self.website.cache(), self.git.cache());
        CacheFigures {
            hits: website.hits + git.hits,
            misses: website.misses + git.misses,
        }
    }

    fn restore(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        file: ControllerFile,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        self.of(&request.source)
            .restore(request.clone(), workspace, file)
    }
}
