//! Ports made of a closure, and ports that do nothing.

use std::fmt;
use std::sync::Arc;

use super::{
    BoxFuture, FetchedProject, LoadProbe, Notice, Notifier, PortError, ProgressSink,
    ProjectFetcher, ProjectRequest, Workspace,
};
use crate::load::LoadSample;

struct FromFn<F>(&'static str, F);

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A probe that calls `sample`, which must not block.
pub fn probe_fn<F>(sample: F) -> Arc<dyn LoadProbe>
where
    F: Fn() -> Result<LoadSample, PortError> + Send + Sync + 'static,
{
    Arc::new(FromFn("probe_fn", sample))
}

impl<F> LoadProbe for FromFn<F>
where
    F: Fn() -> Result<LoadSample, PortError> + Send + Sync,
{
    fn sample(&self) -> BoxFuture<'_, Result<LoadSample, PortError>> {
        Box::pin(async { (self.1)() })
    }
}

/// A fetcher that calls `fetch`, which must not block for long.
pub fn fetch_fn<F>(fetch: F) -> Arc<dyn ProjectFetcher>
where
    F: Fn(ProjectRequest, Workspace) -> Result<FetchedProject, PortError> + Send + Sync + 'static,
{
    Arc::new(FromFn("fetch_fn", fetch))
}

impl<F> ProjectFetcher for FromFn<F>
where
    F: Fn(ProjectRequest, Workspace) -> Result<FetchedProject, PortError> + Send + Sync,
{
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        _progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>> {
        Box::pin(async { (self.1)(request, workspace) })
    }
}

/// A notifier that calls `notify`, which must not block.
pub fn notify_fn<F>(notify: F) -> Arc<dyn Notifier>
where
    F: Fn(Notice) -> Result<(), PortError> + Send + Sync + 'static,
{
    Arc::new(FromFn("notify_fn", notify))
}

impl<F> Notifier for FromFn<F>
where
    F: Fn(Notice) -> Result<(), PortError> + Send + Sync,
{
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async { (self.1)(notice) })
    }
}

/// A notifier that tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentNotifier;

impl Notifier for SilentNotifier {
    fn notify(&self, _notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async { Ok(()) })
    }
}
