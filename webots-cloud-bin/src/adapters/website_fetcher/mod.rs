//! Projects of a website's users (W2.3, W2.4).
//!
//! The host is a stranger's text, and the form that goes there holds a key (W5, 6). Therefore:
//! - Only hosts that have a key file are asked at all, and only with the one spelling of their name
//!   that browsers use. A key file can bind its key to certain origins
//!   ([`WebsiteFetcherConfig::key_dir`]).
//! - Addresses that are not of the public internet are refused unless `allowPrivateHosts` names the
//!   host. Names are resolved once, and what was checked is connected to.
//! - Redirects stay on the origin, certificates are verified, and nothing has more bytes or takes
//!   more time than `download` allows. The base project and the archive may each be as large as that.
//! - The key and the user's authentication are in no error, log or `Debug`.

mod download;
mod error;
mod exchange;
mod fetch;
mod form;
mod host;
mod key;
mod leaving;
mod resolve;

use std::future::ready;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use webots_cloud_core::config::Download;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    BoxFuture, FetchedProject, PortError, ProgressSink, ProjectFetcher, ProjectRequest, Source,
    Workspace,
};
use webots_cloud_core::protocol::client::ControllerFile;

use error::FetchError;
use fetch::Fetch;
use host::Website;
use leaving::Leaving;

pub use resolve::{Resolver, SystemResolver};

use crate::adapters::http_probe::Trust;
use crate::adapters::local_fetcher::{LocalFetcher, LocalFetcherConfig};

/// What a [`WebsiteFetcher`] needs to know.
#[derive(Clone, Debug)]
pub struct WebsiteFetcherConfig {
    /// The folder of base projects, `projectsDir`.
    pub projects_dir: PathBuf,
    /// The folder of keys, `keyDir`, which need not be there. A file is named like a host, without a
    /// port; its first line is the key (W2.3), for every port of the host, with TLS or without. If
    /// lines follow, each is an origin like `https://example.org`, and only those get the key.
    pub key_dir: PathBuf,
    /// Hosts that may have private addresses, in the spelling of browsers, without a port.
    pub allow_private_hosts: Vec<String>,
    /// The bounds of one project.
    pub download: Download,
    /// Whose certificates count; without, websites with TLS cannot be asked.
    pub trust: Option<Trust>,
}

/// Fetches projects for `init`: the base project from `projectsDir`, and over it the user's own from
/// the website where somebody is logged in. For nobody, no website is asked.
///
/// `start` with a `file:` URL, and [`restore`](ProjectFetcher::restore), which takes the originals
/// from `projectsDir` (W2.2), are those of the [`LocalFetcher`].
#[derive(Debug)]
pub struct WebsiteFetcher {
    config: WebsiteFetcherConfig,
    projects: PathBuf,
    local: LocalFetcher,
    resolver: Arc<dyn Resolver>,
    leaving: Leaving,
}

impl WebsiteFetcher {
    /// A fetcher for this configuration.
    ///
    /// # Errors
    /// When the folder of projects is not there.
    pub fn new(config: WebsiteFetcherConfig) -> io::Result<Self> {
        let local = LocalFetcher::new(LocalFetcherConfig {
            projects_dir: config.projects_dir.clone(),
            max_files: config.download.max_files,
            max_bytes: config.download.max_unpacked_bytes,
        })?;
        Ok(Self {
            projects: std::fs::canonicalize(&config.projects_dir)?,
            config,
            local,
            resolver: Arc::new(SystemResolver),
            leaving: Leaving::default(),
        })
    }

    /// The same, with another way to find the addresses of names.
    #[must_use]
    pub fn resolving_by(self, resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, ..self }
    }

    /// Runs the fetch within the time limit, which ends it like somebody who leaves.
    async fn limited(&self, fetch: &Fetch) -> Result<FetchedProject, FetchError> {
        let limit = self.config.download.timeout;
        let mut run = pin!(fetch.run(self));
        tokio::select! {
            fetched = &mut run => fetched,
            () = tokio::time::sleep(limit) => {
                fetch.leave.now();
                // Not dropped: a thread may still be writing.
                run.await.map_err(|_| FetchError::Late { host: fetch.website.name(), limit })
            }
        }
    }
}

impl ProjectFetcher for WebsiteFetcher {
    fn fetch(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        progress: Arc<dyn ProgressSink>,
    ) -> BoxFuture<'_, Result<FetchedProject, PortError>> {
        let init = match request.source {
            Source::Website(init) if init.user1.is_somebody() => init,
            Source::Website(_) | Source::Url(_) => {
                return self.local.fetch(request, workspace, progress);
            }
        };
        let instance = request.instance;
        let website = match Website::parse(&init.host) {
            Ok(website) => website,
            Err(error) => return Box::pin(ready(Err(error.into()))),
        };
        // Now, not when the future is first polled: `abandon` may come before that.
        let leave = self.leaving.enter(instance);
        let fetch = Fetch {
            instance,
            init,
            website,
            workspace: workspace.path,
            progress,
            leave,
        };
        Box::pin(async move {
            let fetched = self.limited(&fetch).await;
            self.leaving.forget(instance);
            let website = &fetch.website;
            match &fetched {
                Ok(_) => tracing::debug!(%instance, %website, "fetched a user's project"),
                Err(error) => {
                    let cause = error::innermost(error);
                    tracing::info!(%instance, %website, %error, cause, "no project");
                }
            }
            fetched.map_err(PortError::from)
        })
    }

    fn abandon(&self, instance: InstanceId) {
        self.local.abandon(instance);
        self.leaving.abandon(instance);
    }

    fn restore(
        &self,
        request: ProjectRequest,
        workspace: Workspace,
        file: ControllerFile,
    ) -> BoxFuture<'_, Result<(), PortError>> {
        self.local.restore(request, workspace, file)
    }
}
