//! Which git repositories a simulation server runs (W2.7).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::authority::git_host;
use super::segment::check_segment;
use super::start_url::GitWorld;
use super::text::{Lines, presentable};
use crate::load::Load;

/// The operator's rules: `allowedRepositories`, `blockedRepositories` and `shareIdleTime`.
///
/// By default nothing is admitted: a repository is a stranger's program, and whoever runs a server
/// has to say whose programs it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Repositories {
    /// Always run, whatever the load.
    pub allowed: Vec<RepositoryPattern>,
    /// Never run, not even if it is also allowed.
    pub blocked: Vec<RepositoryPattern>,
    /// Any other repository is run while the load is at most this; [`Load::IDLE`] is never.
    pub share_idle_time: Load,
}

impl Default for Repositories {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            blocked: Vec::new(),
            share_idle_time: Load::IDLE,
        }
    }
}

/// A host, an owner, a repository, or a part of one: `https://github.com/cyberbotics`.
///
/// The forms are `HOST`, `HOST/OWNER`, `HOST/OWNER/REPOSITORY` and
/// `HOST/OWNER/REPOSITORY/(blob|tree|tag|branch)/REF[/FOLDER…]`, with or without `https://` or
/// `webots://` before and a `/` at the end. It covers what has the same segments, so
/// `…/cyberbotics` does not cover `…/cyberbotics-evil` (W5, 3). `blob` and `tree` mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryPattern {
    text: String,
    host: String,
    /// Owner, repository.
    names: Vec<String>,
    /// Ref and folder.
    path: Vec<String>,
}

/// Why a text is not a [`RepositoryPattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "not a repository: use https://HOST, https://HOST/OWNER or https://HOST/OWNER/REPOSITORY, also with /blob/REF behind it"
)]
pub struct PatternError;

impl FromStr for RepositoryPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let rest = ["https://", "http://", "webots://"]
            .into_iter()
            .find_map(|protocol| text.strip_prefix(protocol))
            .unwrap_or(text);
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = git_host(host).map_err(|_| PatternError)?;
        let segments: Vec<&str> = if path.is_empty() {
            Vec::new()
        } else {
            path.split('/').collect()
        };
        for segment in &segments {
            check_segment(segment).map_err(|_| PatternError)?;
        }
        let (names, path) = match segments.as_slice() {
            [
                owner,
                repository,
                "blob" | "tree" | "tag" | "branch",
                path @ ..,
            ] => (vec![*owner, *repository], path.to_vec()),
            [_, _, _, ..] => return Err(PatternError),
            names => (names.to_vec(), Vec::new()),
        };
        Ok(Self {
            text: text.to_owned(),
            host,
            names: names
                .into_iter()
                .enumerate()
                .map(|(at, name)| {
                    if at == 1 {
                        name.strip_suffix(".git").unwrap_or(name)
                    } else {
                        name
                    }
                })
                .map(str::to_owned)
                .collect(),
            path: path.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// As the operator wrote it.
impl fmt::Display for RepositoryPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `Robot` and `robot` are the same owner or repository.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Same,
    Different,
}

impl RepositoryPattern {
    fn covers(&self, world: &GitWorld, case: Case) -> bool {
        let same = |a: &String, b: &String| match case {
            Case::Same => a.eq_ignore_ascii_case(b),
            Case::Different => a == b,
        };
        let names = [&world.owner, &world.repository];
        let path: Vec<&str> = world
            .ref_and_folder
            .iter()
            .map(String::as_str)
            .chain(["worlds", &world.world])
            .collect();
        self.host == world.host
            && self.names.iter().zip(names).all(|(a, b)| same(a, b))
            && self.path.len() <= path.len()
            && self.path.iter().zip(path).all(|(a, b)| a == b)
    }
}

/// Why a repository is not run. `Display` is for the user; the texts are W2.7's.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    /// Neither is any repository allowed nor is idle time shared. Stands for W2.7's "Docker not
    /// enabled": there is no docker here, and what is missing is the operator's consent.
    #[error(
        "This simulation server does not run projects from repositories: its operator has to name them in \"allowedRepositories\" or to set \"shareIdleTime\"."
    )]
    NothingAllowed,
    /// Others are allowed, this one is not.
    #[error("This simulation server is not configured to share idle time.")]
    NotShared,
    /// It would be run if the server had less to do.
    #[error("Cannot share idle time when current load is above threshold: {load}.")]
    Busy {
        /// The load now.
        load: Load,
    },
    /// The operator does not want it.
    #[error("Cannot run simulation from blocked repository: {url}")]
    Blocked {
        /// The URL that the client gave, fit to be shown.
        url: String,
    },
}

/// Whether `world` may be run now.
///
/// Blocked comes before allowed, unlike in the Python servers, where blocking a part of what is
/// allowed had no effect. Owners and repositories are compared without regard to case on
/// `github.com`, which does so itself, and for blocking everywhere: in doubt it is refused.
///
/// # Errors
/// The [`Refusal`] to be shown to the user.
pub fn admit(world: &GitWorld, rules: &Repositories, load: Load) -> Result<(), Refusal> {
    if rules
        .blocked
        .iter()
        .any(|entry| entry.covers(world, Case::Same))
    {
        return Err(Refusal::Blocked {
            url: presentable(&world.url, 400, Lines::Join),
        });
    }
    let case = if world.host == "github.com" {
        Case::Same
    } else {
        Case::Different
    };
    if rules.allowed.iter().any(|entry| entry.covers(world, case)) {
        return Ok(());
    }
    if rules.share_idle_time <= Load::IDLE {
        return Err(if rules.allowed.is_empty() {
            Refusal::NothingAllowed
        } else {
            Refusal::NotShared
        });
    }
    if load > rules.share_idle_time {
        return Err(Refusal::Busy { load });
    }
    Ok(())
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
