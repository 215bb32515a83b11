//! One fetch of a user's project.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{FetchedProject, PortError, ProgressSink, Source};
use webots_cloud_core::protocol::client::Init;
use webots_cloud_core::secret::Secret;

use super::download::download;
use super::error::FetchError;
use super::form::{self, Answer};
use super::host::Website;
use super::leaving::Leave;
use super::{WebsiteFetcher, exchange, key, resolve};
use crate::adapters::archive::{ExtractLimits, extract};
use crate::adapters::local_fetcher::copy::Copying;
use crate::adapters::local_fetcher::{blocking, find, shown};

/// One fetch, and what it needs.
#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) instance: InstanceId,
    pub(super) init: Box<Init>,
    pub(super) website: Website,
    pub(super) workspace: PathBuf,
    pub(super) progress: Arc<dyn ProgressSink>,
    pub(super) leave: Leave,
}

impl Fetch {
    /// Ends soon after `leave`, and not before everything that blocks has ended: nothing is written
    /// into the workspace afterwards.
    pub(super) async fn run(&self, by: &WebsiteFetcher) -> Result<FetchedProject, FetchError> {
        let (key, base) = self.base(by).await?;
        let asked = self.ask(by, &key, base);
        let archive = tokio::select! {
            biased;
            () = self.leave.token.cancelled() => return Err(FetchError::Left),
            archive = asked => archive?,
        };
        self.unpack(by, key, archive).await
    }

    /// Looks for the key and copies the base project with `host.txt` (W2.4, 1 to 3). Returns the key
    /// and the bytes that were copied.
    async fn base(&self, by: &WebsiteFetcher) -> Result<(Secret, u64), FetchError> {
        let (projects, keys) = (by.projects.clone(), by.config.key_dir.clone());
        let (website, init) = (self.website.clone(), self.init.clone());
        let workspace = self.workspace.clone();
        let limits = by.config.download;
        let (progress, instance) = (Arc::clone(&self.progress), self.instance);
        let copied = Arc::<AtomicU64>::default();
        let count = Arc::clone(&copied);
        let mut copying = Copying::new(limits.max_files, limits.max_unpacked_bytes)
            .abandoned_by(Arc::clone(&self.leave.flag))
            .telling(move |bytes| {
                count.store(bytes, Ordering::Relaxed);
                progress.fetched(instance, bytes, None);
            });
        let work = move || {
            // First, as it takes less time than a copy that nobody will use.
            let key = key::read(&keys, &website)?;
            let host = init.host.clone();
            let wanted = find(&projects, Source::Website(init))?;
            copying
                .tree(&wanted.project, &workspace)
                .map_err(|error| shown(&wanted.name, error))?;
            fs::write(workspace.join("host.txt"), host)
                .map_err(|error| PortError::from(FetchError::Io(error)))?;
            Ok(key)
        };
        let key = blocking(work).await.map_err(FetchError::Base)?;
        Ok((key, copied.load(Ordering::Relaxed)))
    }

    /// Asks the website and downloads what it answers (W2.4, 4). `base` is added to the progress.
    async fn ask(&self, by: &WebsiteFetcher, key: &Secret, base: u64) -> Result<File, FetchError> {
        let website = &self.website;
        let (config, resolver) = (&by.config, by.resolver.as_ref());
        let addresses = resolve::addresses(website, resolver, &config.allow_private_hosts).await?;
        let form = form::form(&self.init, key);
        let answered = exchange::post(website, &addresses, config.trust.as_ref(), form).await?;
        // Without a name, so that it is gone whatever happens.
        let file = tempfile::tempfile_in(&self.workspace)?;
        let tell = |bytes: u64, of: Option<u64>| {
            let of = of.map(|of| of.saturating_add(base));
            self.progress.fetched(self.instance, bytes + base, of);
        };
        download(answered, website, config.download.max_bytes, file, tell).await
    }

    /// Unpacks the archive over the base project, if it is one, and looks for the world.
    async fn unpack(
        &self,
        by: &WebsiteFetcher,
        key: Secret,
        mut archive: File,
    ) -> Result<FetchedProject, FetchError> {
        let download = &by.config.download;
        let limits = ExtractLimits::new(download.max_files, download.max_unpacked_bytes);
        let (init, workspace) = (self.init.clone(), self.workspace.clone());
        let (host, flag) = (self.website.name(), Arc::clone(&self.leave.flag));
        let work = move || {
            let mut head = Vec::new();
            archive
                .by_ref()
                .take(form::HEAD as u64)
                .read_to_end(&mut head)?;
            archive.rewind()?;
            match form::judge(&head, &[&key, &init.user1.authentication]) {
                Answer::NoProject => {}
                Answer::Refused(text) => return Err(FetchError::Refused { host, text }),
                Answer::Archive => {
                    let done = extract(archive, &workspace, &limits, &flag);
                    done.map_err(|source| FetchError::Archive { host, source })?;
                }
            }
            fetched(&init, &workspace).map_err(FetchError::Base)
        };
        // The outer result is the runtime's.
        blocking(|| Ok(work())).await.map_err(FetchError::Base)?
    }
}

/// The project, if its world is there.
fn fetched(init: &Init, workspace: &Path) -> Result<FetchedProject, PortError> {
    let world = format!("worlds/{}", init.world);
    let data = fs::symlink_metadata(workspace.join(&world));
    if !data.is_ok_and(|data| data.is_file()) {
        let (world, project) = (&init.world, &init.project);
        let missing = format!("{world} does not exist in {project}");
        return Err(PortError::bad_request(missing));
    }
    Ok(FetchedProject {
        folder: String::new(),
        world,
    })
}
