//! Conformance suites for the five traits: what an implementation promises, as code that tries it.
//!
//! Each suite is one `conforms` function that takes an implementation and panics with a sentence
//! when a promise of the trait's documentation is broken. Any implementation can run it, in any
//! runtime and in any test harness:
//!
//! | suite | what it needs besides the implementation |
//! |---|---|
//! | [`load_probe`] | [`Time`] |
//! | [`project_fetcher`] | [`FetcherRig`](project_fetcher::FetcherRig): projects that there are and that there are not |
//! | [`sandbox`] | a confinement that it accepts |
//! | [`instance_launcher`] | [`LauncherRig`](instance_launcher::LauncherRig): programs that print, end, and do not want to end |
//! | [`notifier`] | [`Time`] |
//!
//! The core has neither a clock nor files, so the caller lends them: [`Time`] and [`Files`]. For
//! ports that live in memory there are [`NoTime`](super::fakes::NoTime) and
//! [`MemoryFiles`](super::fakes::MemoryFiles).
//!
//! ```
//! use webots_cloud_core::load::{Load, LoadSample};
//! use webots_cloud_core::ports::probe_fn;
//! use webots_cloud_core::testing::conformance::load_probe;
//! use webots_cloud_core::testing::fakes::NoTime;
//!
//! let probe = probe_fn(|| Ok(LoadSample::of(Load::IDLE)));
//! pollster::block_on(load_probe::conforms(probe.as_ref(), &NoTime));
//! ```

mod event_log;
pub mod instance_launcher;
pub mod load_probe;
pub mod notifier;
pub mod project_fetcher;
pub mod sandbox;
mod wait;

pub use event_log::EventLog;
pub use wait::{Time, together, within};

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::ports::PortError;

/// Files and folders as the suites look at them: the real ones, or a port's own in memory.
///
/// The methods block, as tests may. What they are asked for exists where the answer is not an
/// `Option`; an implementation panics if it cannot be had.
pub trait Files: fmt::Debug + Send + Sync {
    /// The paths of all that is below `folder`, at any depth, without following links; `None` if
    /// there is no such folder.
    fn below(&self, folder: &Path) -> Option<BTreeSet<PathBuf>>;

    /// Whether nobody but this user may enter the folder.
    fn is_private(&self, folder: &Path) -> bool;

    /// What is in a regular file; `None` if there is none.
    fn read(&self, file: &Path) -> Option<Vec<u8>>;

    /// Writes a file, and makes the folders above it.
    fn write(&self, file: &Path, content: &[u8]);
}

/// Checks what every error of every port promises, and which `secrets` it must not tell.
#[track_caller]
fn check_error(error: &PortError, secrets: &[&str]) {
    let message = error.message();
    assert!(
        !message.trim().is_empty(),
        "an error says what is wrong, but this one is empty: {error:?}"
    );
    assert!(
        !message.chars().any(char::is_control),
        "an error's message is one line of text, but it is {message:?}"
    );
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(
            !message.contains(secret),
            "an error's message may be shown to a client, so it must not tell {secret:?}, \
             but it is {message:?}"
        );
    }
}
