//! From a commit to the project's files.

use std::fs;
use std::io;
use std::path::Path;

use tokio::task::spawn_blocking;

use super::error::{GitError, Step};
use super::program::{Place, Program, Remote};
use super::refs::{Resolved, redirects};
use super::run::{Scales, Watch, run};
use super::wanted::Wanted;
use crate::adapters::tree;

/// Deeper files are refused before they are downloaded; [`tree::nodes`] has the last word.
const LONGEST_PATH: usize = 8 << 10;

/// One checkout: what, where to, within which bounds.
pub(super) struct Checkout<'a> {
    pub(super) program: &'a Program,
    pub(super) wanted: &'a Wanted,
    pub(super) resolved: &'a Resolved,
    /// Where the folder's files go, itself empty apart from what `scratch` needs.
    pub(super) project: &'a Path,
    /// Empty; removed afterwards.
    pub(super) scratch: &'a Path,
    pub(super) watch: &'a Watch,
    pub(super) scales: Scales,
}

impl Checkout<'_> {
    /// Downloads the commit without its files, then those of the folder, all at once. Where the host
    /// cannot do that, the commit with all of its files.
    pub(super) async fn run(&self) -> Result<(), GitError> {
        match self.attempt(true).await {
            // Such a host gives out a commit without its files, and then does not give the files.
            Err(
                error @ GitError::Failed {
                    step: Step::Files, ..
                },
            ) => {
                tracing::debug!(%error, "the host does not give out single files");
                self.attempt(false).await?;
            }
            other => other?,
        }
        let (scratch, project) = (self.scratch.to_owned(), self.project.to_owned());
        let bounds = self.scales.bounds;
        blocking(move || {
            fs::remove_dir_all(scratch)?;
            tree::nodes(&project, bounds).map_err(GitError::Tree)
        })
        .await?;
        Ok(())
    }

    async fn attempt(&self, filter: bool) -> Result<(), GitError> {
        let (scratch, project) = (self.scratch.to_owned(), self.project.to_owned());
        blocking(move || {
            // Of an attempt before; the folders themselves are not ours.
            tree::empty(&scratch)?;
            tree::empty(&project)?;
            fs::create_dir_all(scratch)?;
            Ok(fs::create_dir_all(project)?)
        })
        .await?;
        let repository = self.scratch.join("repository");
        let place = Place {
            repository: &repository,
            files: self.project,
        };
        self.init(&repository).await?;
        self.fetch(place, filter).await?;
        self.list(place).await?;
        self.files(place).await
    }

    async fn init(&self, repository: &Path) -> Result<(), GitError> {
        let mut command = self.program.command();
        let format = if self.resolved.object.len() == 64 {
            "--object-format=sha256"
        } else {
            "--object-format=sha1"
        };
        command.args(["init", "--quiet", "--bare", "--template=", format, "--"]);
        command.arg(repository);
        self.git(Step::Init, command, &mut |_| true).await
    }

    async fn fetch(&self, place: Place<'_>, filter: bool) -> Result<(), GitError> {
        let mut command = place.of(self.program.remote(self.remote()));
        command.args(["fetch", "--quiet", "--no-progress", "--depth=1"]);
        command.args(["--no-tags", "--no-write-fetch-head"]);
        if filter {
            // A host that knows no filters says so, and git then asks without.
            command.arg("--filter=blob:none");
        }
        command.args(["--", "origin", &self.resolved.object]);
        self.git(Step::Fetch, command, &mut |_| true).await
    }

    /// Counts the files before any of them is downloaded: the same folder may occur in itself many
    /// times over, and a few kilobytes then are billions of files.
    async fn list(&self, place: Place<'_>) -> Result<(), GitError> {
        let mut command = place.of(self.program.remote(self.remote()));
        command.args(["ls-tree", "-r", "-t", "-z", "--name-only", "--full-tree"]);
        command.args(["--", &self.tree()]);
        let (mut files, mut path) = (0_u64, 0_usize);
        let most = self.scales.bounds.files;
        let mut count = |bytes: &[u8]| {
            for byte in bytes {
                if *byte == 0 {
                    files += 1;
                    path = 0;
                } else {
                    path += 1;
                }
            }
            files <= most && path <= LONGEST_PATH
        };
        self.git(Step::List, command, &mut count).await
    }

    /// `read-tree -u` writes the tree's files, and before asks for all that are missing at once.
    async fn files(&self, place: Place<'_>) -> Result<(), GitError> {
        let mut command = place.of(self.program.remote(self.remote()));
        command.args(["read-tree", "-m", "-u", "--no-recurse-submodules"]);
        command.arg(self.tree());
        self.git(Step::Files, command, &mut |_| true).await
    }

    /// The folder of the commit. Begins with a hash, so it is no option.
    fn tree(&self) -> String {
        format!(
            "{}^{{commit}}:{}",
            self.resolved.object, self.resolved.folder
        )
    }

    fn remote(&self) -> Remote<'_> {
        Remote {
            url: &self.wanted.remote,
            pin: self.resolved.pin.as_deref(),
            redirects: redirects(self.program, self.wanted),
        }
    }

    async fn git(
        &self,
        step: Step,
        command: tokio::process::Command,
        output: super::run::Output<'_>,
    ) -> Result<(), GitError> {
        run(step, command, self.watch, Some(&self.scales), output).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, GitError> + Send + 'static,
) -> Result<T, GitError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| GitError::Io(io::Error::other(error)))?
}
