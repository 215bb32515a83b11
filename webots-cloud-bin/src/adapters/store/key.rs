use serde::{Deserialize, Serialize};

use crate::adapters::tree::sha256;

/// What a cached project is: its content, not its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(Vec<String>);

impl Key {
    /// A folder of a commit. The repository is part of it, so that nobody gets at a commit through
    /// a repository that does not have it.
    pub fn git(host: &str, owner: &str, repository: &str, commit: &str, folder: &str) -> Self {
        Self::new("git", &[host, owner, repository, commit, folder])
    }

    /// The content of an archive with this SHA-256 in hexadecimal digits, as unpacked over the base
    /// project with that one; see the module about archives that are not for everybody.
    pub fn archive(sha256: &str, base_sha256: &str) -> Self {
        Self::new("archive", &[sha256, base_sha256])
    }

    /// Anything else: a word for the kind, and what tells one of that kind from all others.
    pub fn new(kind: &str, parts: &[&str]) -> Self {
        let all = [kind].into_iter().chain(parts.iter().copied());
        Self(all.map(str::to_owned).collect())
    }

    /// The name of its folder.
    pub(super) fn name(&self) -> String {
        let mut all = Vec::new();
        for part in &self.0 {
            // With its length, so that no two keys become the same bytes.
            all.extend((part.len() as u64).to_le_bytes());
            all.extend(part.as_bytes());
        }
        sha256(&all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_have_names_that_differ() {
        let keys = [
            Key::new("a", &["b", "c"]),
            Key::new("a", &["bc"]),
            Key::new("a", &["bc", ""]),
            Key::new("ab", &["c"]),
            Key::git("github.com", "a", "b", "c", "d"),
            Key::git("github.com", "a", "b", "c", ""),
            Key::archive("x", "y"),
        ];
        let names: std::collections::BTreeSet<String> = keys.iter().map(Key::name).collect();
        assert_eq!(names.len(), keys.len());
        assert!(names.iter().all(|name| name.len() == 64));
    }
}
