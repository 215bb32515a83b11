//! What goes wrong with git, and what the user is told.

use std::io;

use webots_cloud_core::ports::PortError;

use super::wanted::Wanted;
use crate::adapters::tree::TreeError;

/// What git was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Looking what a branch or tag leads to.
    Resolve,
    /// Making an empty repository.
    Init,
    /// Downloading a commit.
    Fetch,
    /// Listing the project's files.
    List,
    /// Downloading and writing the project's files.
    Files,
}

/// Why there is no project. `Display` is for the operator's log.
#[derive(Debug, thiserror::Error)]
pub(super) enum GitError {
    #[error("nobody waits any more")]
    Abandoned,
    #[error("out of time")]
    TooSlow,
    #[error("over a limit of `download`")]
    TooLarge,
    #[error("git cannot be run")]
    Start(#[source] io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Tree(TreeError),
    #[error("git, {step:?}: {how}: {said}")]
    Failed {
        step: Step,
        /// The exit status.
        how: String,
        /// The end of what git and the host printed, without control characters.
        said: String,
    },
}

impl GitError {
    /// Whether git says one of these, in any spelling.
    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        let Self::Failed { said, .. } = self else {
            return false;
        };
        let said = said.to_ascii_lowercase();
        phrases.iter().any(|phrase| said.contains(phrase))
    }

    fn step(&self) -> Option<Step> {
        let Self::Failed { step, .. } = self else {
            return None;
        };
        Some(*step)
    }

    /// In words for the user, with itself as the reason for the operator. `reference` and `folder`
    /// are what was found so far.
    pub(super) fn shown(self, wanted: &Wanted, reference: &str, folder: &str) -> PortError {
        let name = wanted.name();
        let host = &wanted.host;
        let error = match &self {
            Self::Abandoned => PortError::retry("nobody waits for the project any more"),
            Self::TooSlow => PortError::retry(format!("fetching {name} took too long")),
            Self::TooLarge | Self::Tree(TreeError::TooLarge) => {
                PortError::bad_request(format!("{name} is too large for this server"))
            }
            Self::Tree(_) => PortError::bad_request(format!(
                "{name} holds something that is neither a file nor a folder"
            )),
            Self::Start(_) => {
                PortError::permanent("this server cannot fetch repositories: its git does not run")
            }
            Self::Io(_) => PortError::retry(format!("{name} could not be stored")),
            Self::Failed { .. } if self.says(UNREACHABLE) => {
                PortError::retry(format!("{host} cannot be reached"))
            }
            Self::Failed { .. } if self.says(MOVED) => {
                PortError::bad_request(format!("{name} has moved: use its new address"))
            }
            Self::Failed { .. } if self.says(NO_MEMORY) => {
                PortError::bad_request(format!("{name} is too large for this server"))
            }
            Self::Failed { .. } if self.says(NO_SPACE) => {
                PortError::retry(format!("{name} could not be stored"))
            }
            _ => match self.step() {
                Some(Step::List) => PortError::bad_request(format!(
                    "there is no folder `{folder}` in {name} at {reference}"
                )),
                Some(Step::Fetch) if self.says(NO_COMMIT) => {
                    PortError::bad_request(format!("there is no commit {reference} in {name}"))
                }
                Some(Step::Fetch) if self.says(NOT_GIVEN) => PortError::bad_request(format!(
                    "{host} gives out no commits by their hash: use a branch or a tag of {name}"
                )),
                Some(Step::Resolve | Step::Fetch) if self.says(NOT_THERE) => {
                    PortError::bad_request(format!(
                        "the repository {name} does not exist on {host}, or is not public"
                    ))
                }
                Some(_) if self.says(REFUSED) => PortError::bad_request(format!(
                    "{name} is damaged, or holds what git refuses for safety"
                )),
                _ => PortError::retry(format!("{name} could not be fetched from {host}")),
            },
        };
        error.because(self)
    }
}

const UNREACHABLE: &[&str] = &[
    "could not resolve",
    "failed to connect",
    "couldn't connect",
    "unable to connect",
    "connection refused",
    "connection timed out",
    "operation timed out",
    "ssl certificate",
    "certificate verif",
    "ssl connect",
];
const MOVED: &[&str] = &[
    "unable to update url base from redirection",
    "returned error: 301",
    "returned error: 302",
    "returned error: 307",
    "returned error: 308",
];
const NO_MEMORY: &[&str] = &[
    "out of memory",
    "memory exhausted",
    "cannot allocate memory",
];
const NO_SPACE: &[&str] = &["no space left", "disk quota exceeded"];
const NO_COMMIT: &[&str] = &["not our ref", "couldn't find remote ref"];
const NOT_GIVEN: &[&str] = &["unadvertised object"];
/// Hosts ask for a password where they do not want to say whether there is such a repository.
const NOT_THERE: &[&str] = &[
    "not found",
    "could not read username",
    "could not read password",
    "authentication failed",
    "returned error: 400",
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "returned error: 410",
    "access denied or repository not exported",
    "does not appear to be a git repository",
    "is this a git repository",
];
const REFUSED: &[&str] = &["fsck", "invalid path", "bad object", "corrupt", "malformed"];
