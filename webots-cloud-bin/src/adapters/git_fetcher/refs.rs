//! What a branch or tag leads to now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use webots_cloud_core::ports::PortError;

use super::address::look_up;
use super::error::{GitError, Step};
use super::program::{Program, Remote};
use super::run::{Watch, run};
use super::wanted::{Kind, Wanted, is_hash, is_ref};
use crate::adapters::flights::{Crew, Flights};

/// What the host prints is a few lines; more is no answer.
const ANSWER: usize = 256 << 10;

/// A commit, and the project's folder in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// What to ask the host for: the commit, or the tag that holds it.
    pub(super) object: String,
    /// What the project is cached by: the commit, as far as the host says.
    pub(super) commit: String,
    /// For the user: ``branch `x` ``.
    pub(super) reference: String,
    /// With `/`; empty for the repository itself.
    pub(super) folder: String,
    /// See [`look_up`].
    pub(super) pin: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    remote: String,
    kind: Kind,
    segments: Vec<String>,
}

/// Asks hosts what refs lead to: once for all who ask at the same time, and not again for a few
/// seconds.
#[derive(Debug)]
pub(super) struct Resolver {
    program: Arc<Program>,
    flights: Arc<Flights<Question, Resolved>>,
    known: Arc<Mutex<BTreeMap<Question, (Instant, Resolved)>>>,
}

impl Resolver {
    pub(super) fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            flights: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The longest ref at the beginning of the segments. Cancel safe.
    pub(super) async fn resolve(&self, wanted: &Wanted) -> Result<Resolved, PortError> {
        let question = Question {
            remote: wanted.remote.clone(),
            kind: wanted.kind,
            segments: wanted.segments.clone(),
        };
        if let Some(answer) = self.known(&question) {
            return Ok(answer);
        }
        let (program, known) = (Arc::clone(&self.program), Arc::clone(&self.known));
        let (wanted, asked) = (wanted.clone(), question.clone());
        let start = |crew: Arc<Crew<Resolved>>| async move {
            let config = program.config();
            let watch = Watch {
                cancel: crew.cancel.clone(),
                deadline: Instant::now() + config.download.timeout,
                max_memory: config.max_memory,
            };
            let answer = ask(&program, &wanted, &watch).await?;
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(asked, (Instant::now(), answer.clone()));
            Ok(answer)
        };
        self.flights.join(question, start, &|_| {}).await
    }

    fn known(&self, question: &Question) -> Option<Resolved> {
        let reuse = self.program.config().reuse;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (when, _)| when.elapsed() < reuse);
        known.get(question).map(|(_, answer)| answer.clone())
    }
}

async fn ask(program: &Program, wanted: &Wanted, watch: &Watch) -> Result<Resolved, PortError> {
    let config = program.config();
    // A proxy looks the names up itself, and its operator says where it leads.
    let pin = if wanted.mapped || config.has_proxy() {
        None
    } else {
        let may_be_private = config.private_hosts.contains(&wanted.host.host);
        Some(look_up(&wanted.host, may_be_private).await?)
    };
    let candidates = candidates(wanted);
    let mut command = program.remote(Remote {
        url: &wanted.remote,
        pin: pin.as_deref(),
        redirects: redirects(program, wanted),
    });
    command.args(["ls-remote", "--quiet", "--", "origin"]);
    command.args(candidates.iter().map(|candidate| &candidate.name));
    // What a tag holds.
    let tags = candidates.iter().map(|it| format!("{}^{{}}", it.name));
    command.args(tags.filter(|name| name.starts_with("refs/tags/")));
    if candidates.is_empty() {
        // A commit: whether the repository is there and open is asked nevertheless.
        command.arg("HEAD");
    }
    let mut answer = Vec::new();
    let mut hear = |bytes: &[u8]| {
        answer.extend_from_slice(bytes);
        answer.len() <= ANSWER
    };
    run(Step::Resolve, command, watch, None, &mut hear)
        .await
        .map_err(|error: GitError| error.shown(wanted, "", ""))?;
    choose(wanted, &candidates, &String::from_utf8_lossy(&answer), pin)
}

/// Whether the host may send git elsewhere.
pub(super) fn redirects(program: &Program, wanted: &Wanted) -> bool {
    let trusted = &program.config().redirecting_hosts;
    trusted.contains(&wanted.host.to_string())
}

/// A ref that may be meant.
#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    name: String,
    /// For the user.
    shown: String,
    /// How many segments it takes.
    length: usize,
}

/// Longer refs first, and branches before tags, as `git clone --branch` has it (W2.6).
fn candidates(wanted: &Wanted) -> Vec<Candidate> {
    let mut all = Vec::new();
    if wanted.segments.first().is_some_and(|first| is_hash(first)) {
        return all;
    }
    for length in (1..=wanted.segments.len()).rev() {
        let name = wanted.segments[..length].join("/");
        if !is_ref(&name) {
            continue;
        }
        let kinds = [
            (Kind::Branch, "heads", "branch"),
            (Kind::Tag, "tags", "tag"),
        ];
        for (kind, folder, word) in kinds {
            if wanted.kind == kind || wanted.kind == Kind::Any {
                all.push(Candidate {
                    name: format!("refs/{folder}/{name}"),
                    shown: format!("{word} `{name}`"),
                    length,
                });
            }
        }
        if name == "HEAD" && wanted.kind == Kind::Any {
            all.push(Candidate {
                shown: "its default branch".to_owned(),
                name,
                length,
            });
        }
    }
    all
}

/// Reads what `git ls-remote` prints: lines of a hash, a tab, and a name.
fn choose(
    wanted: &Wanted,
    candidates: &[Candidate],
    answer: &str,
    pin: Option<String>,
) -> Result<Resolved, PortError> {
    let refs: BTreeMap<&str, &str> = answer
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(hash, _)| is_hash(hash))
        .map(|(hash, name)| (name, hash))
        .collect();
    let folder = |length: usize| wanted.segments[length..].join("/");
    if let Some(hash) = wanted.segments.first().filter(|first| is_hash(first)) {
        let hash = hash.to_ascii_lowercase();
        return Ok(Resolved {
            reference: format!("`{hash}`"),
            object: hash.clone(),
            commit: hash,
            folder: folder(1),
            pin,
        });
    }
    for candidate in candidates {
        if let Some(object) = refs.get(candidate.name.as_str()) {
            let held = refs.get(format!("{}^{{}}", candidate.name).as_str());
            return Ok(Resolved {
                object: (*object).to_owned(),
                commit: (*held.unwrap_or(object)).to_owned(),
                reference: candidate.shown.clone(),
                folder: folder(candidate.length),
                pin,
            });
        }
    }
    Err(PortError::bad_request(missing(wanted)))
}

fn missing(wanted: &Wanted) -> String {
    let what = match wanted.kind {
        Kind::Any => "branch, tag or commit",
        Kind::Branch => "branch",
        Kind::Tag => "tag",
    };
    let name = wanted.segments.first().map_or("", String::as_str);
    let short = matches!(name.len(), 7..=39) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hint = if short {
        " (a commit has to be given with all its 40 digits)"
    } else {
        ""
    };
    format!("there is no {what} `{name}` in {}{hint}", wanted.name())
}

#[cfg(test)]
#[path = "refs_tests.rs"]
mod tests;
