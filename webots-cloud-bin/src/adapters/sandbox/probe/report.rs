//! What a self-test found.

use serde::Serialize;
use webots_cloud_core::ports::Network;

use super::answer::{Answer, Found};
use super::attempts::{Attempt, Class, Family};

/// What an attempt's outcome means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it must be.
    Right,
    /// One wall of several is missing.
    Weak,
    /// The sandbox is none, or nothing would run in it.
    Wrong,
}

/// One attempt, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was tried, like `read a file of another instance`.
    pub attempt: &'static str,
    /// What it is about.
    pub family: Family,
    /// How much depends on it.
    pub class: Class,
    /// What it was expected to come to, in a word or two.
    pub expected: &'static str,
    /// What it came to.
    pub found: Found,
    /// How that was seen: the name of an error, a path, a number. May be empty.
    pub detail: String,
    /// What it means.
    pub verdict: Verdict,
}

/// All that was tried through one sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every attempt, in the order of the table.
    pub rows: Vec<Row>,
    /// Why the probe did not come to its end, if it did not.
    pub trouble: Option<String>,
}

impl Row {
    pub(super) fn new(attempt: &Attempt, network: Network, answer: Answer) -> Self {
        Self {
            attempt: attempt.name,
            family: attempt.family,
            class: attempt.class,
            expected: expected(attempt.class, network),
            found: answer.found,
            detail: answer.detail,
            verdict: verdict(attempt.class, network, answer.found),
        }
    }
}

const fn expected(class: Class, network: Network) -> &'static str {
    match (class, network) {
        (Class::Must, _) | (Class::Private, Network::Private) => "must not",
        (Class::Should, _) => "should not",
        (Class::Needed, _) => "must",
        (Class::Private, Network::Host) => "may",
    }
}

const fn verdict(class: Class, network: Network, found: Found) -> Verdict {
    match (class, network, found) {
        (Class::Needed, _, Found::Could)
        | (Class::Private, Network::Host, _)
        | (
            Class::Must | Class::Should | Class::Private,
            _,
            Found::CouldNot | Found::NothingToTry,
        ) => Verdict::Right,
        (Class::Should, _, Found::Could | Found::Unknown) => Verdict::Weak,
        (Class::Must, _, _) | (Class::Private, Network::Private, _) | (Class::Needed, _, _) => {
            Verdict::Wrong
        }
    }
}

impl Report {
    /// Whether everything is impossible that must be, and possible that must be.
    pub fn is_confined(&self) -> bool {
        self.trouble.is_none() && self.of(Verdict::Wrong).next().is_none()
    }

    /// The attempts with this verdict.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict == verdict)
    }

    /// What should not be possible and is, like `mount, read the kernel log`; empty if nothing.
    pub fn weak(&self) -> String {
        let names: Vec<&str> = self.of(Verdict::Weak).map(|row| row.attempt).collect();
        names.join(", ")
    }

    /// Why this sandbox cannot be used; `None` if it can.
    pub fn refusal(&self) -> Option<String> {
        if let Some(trouble) = &self.trouble {
            return Some(trouble.clone());
        }
        let say = |row: &Row| {
            let what = match row.found {
                Found::Could => "can",
                Found::CouldNot | Found::NothingToTry => "cannot",
                Found::Unknown => "may be able to",
            };
            let detail = if row.detail.is_empty() {
                String::new()
            } else {
                format!(" ({})", row.detail)
            };
            format!("{what} {}{detail}", row.attempt)
        };
        let wrong: Vec<String> = self.of(Verdict::Wrong).map(say).collect();
        (!wrong.is_empty()).then(|| format!("a simulation {}", wrong.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_answered_counts_as_possible() {
        for class in [Class::Must, Class::Needed] {
            let verdict = verdict(class, Network::Host, Found::Unknown);
            assert_eq!(verdict, Verdict::Wrong, "{class:?}");
        }
        let should = verdict(Class::Should, Network::Host, Found::Unknown);
        assert_eq!(should, Verdict::Weak);
    }

    #[test]
    fn a_network_of_its_own_is_held_to_what_it_promises() {
        for (network, expected) in [
            (Network::Host, Verdict::Right),
            (Network::Private, Verdict::Wrong),
        ] {
            assert_eq!(verdict(Class::Private, network, Found::Could), expected);
            let refused = verdict(Class::Private, network, Found::CouldNot);
            assert_eq!(refused, Verdict::Right);
        }
    }

    #[test]
    fn what_is_needed_must_be_possible() {
        for found in [Found::CouldNot, Found::NothingToTry] {
            let verdict = verdict(Class::Needed, Network::Host, found);
            assert_eq!(verdict, Verdict::Wrong);
        }
    }
}
