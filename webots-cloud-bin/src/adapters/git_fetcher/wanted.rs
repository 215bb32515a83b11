//! What a client asks for, checked once more: what comes here need not have been through the codec.

use std::path::Path;

use url::Url;
use webots_cloud_core::ports::PortError;
use webots_cloud_core::protocol::authority::Authority;
use webots_cloud_core::protocol::segment::{
    MAX_PATH, SegmentFault, check_argument, check_path, check_world,
};
use webots_cloud_core::protocol::start_url::GitWorld;

use super::config::GitFetcherConfig;

/// A world in a repository. No part of it is empty, `.`, `..` or begins with `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) host: Authority,
    pub(super) owner: String,
    pub(super) repository: String,
    /// What git is told.
    pub(super) remote: String,
    /// Whether the operator says where the host's repositories are.
    pub(super) mapped: bool,
    pub(super) kind: Kind,
    /// The ref, and then the folder.
    pub(super) segments: Vec<String>,
    pub(super) world: String,
}

/// What the ref may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Any,
    Branch,
    Tag,
}

impl Kind {
    /// The URLs of 2020 say which (W2.5): `webots://github.com/OWNER/REPOSITORY/(tag|branch)/…`.
    fn of(url: &str) -> Self {
        let mut parts = url.split('/');
        if !parts
            .next()
            .is_some_and(|protocol| protocol.eq_ignore_ascii_case("webots:"))
        {
            return Self::Any;
        }
        // After the protocol come nothing, the host, the owner and the repository.
        match parts.nth(4) {
            Some("branch") => Self::Branch,
            Some("tag") => Self::Tag,
            _ => Self::Any,
        }
    }
}

impl Wanted {
    pub(super) fn new(world: &GitWorld, config: &GitFetcherConfig) -> Result<Self, PortError> {
        let wrong =
            |what: &str, fault: SegmentFault| PortError::bad_request(format!("the {what} {fault}"));
        check_argument(&world.owner).map_err(|fault| wrong("owner", fault))?;
        check_argument(&world.repository).map_err(|fault| wrong("repository", fault))?;
        check_world(&world.world).map_err(|fault| wrong("world", fault))?;
        let segments = &world.ref_and_folder;
        for segment in segments {
            check_argument(segment).map_err(|fault| wrong("branch, tag or folder", fault))?;
        }
        check_path(&segments.join("/")).map_err(|fault| wrong("folder", fault))?;
        // Git's own folder is in every checkout of other programs, and in no repository.
        let own = |segment: &String| segment.eq_ignore_ascii_case(".git");
        if segments.iter().any(own) || segments.len() > MAX_PATH / 2 {
            return Err(PortError::bad_request(format!(
                "there is no such folder in {}/{}",
                world.owner, world.repository
            )));
        }
        let (base, mapped) = match config.hosts.get(&world.host) {
            Some(base) => (base.clone(), true),
            None => (format!("https://{}/", world.host), false),
        };
        let host: Authority = world
            .host
            .parse()
            .ok()
            .filter(|host: &Authority| !host.host.starts_with('-'))
            .ok_or_else(|| PortError::bad_request("not the name of a host"))?;
        Ok(Self {
            remote: remote(&base, &world.owner, &world.repository)?,
            mapped,
            host,
            owner: world.owner.clone(),
            repository: world.repository.clone(),
            kind: Kind::of(&world.url),
            segments: segments.clone(),
            world: world.world.clone(),
        })
    }

    /// What the user knows it by.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.owner, self.repository)
    }
}

/// The repository's address, with everything escaped that would mean something in one.
fn remote(base: &str, owner: &str, repository: &str) -> Result<String, PortError> {
    let wrong = || PortError::permanent("the address of the git host is not a URL with a path");
    let mut url = Url::parse(base).map_err(|error| wrong().because(error))?;
    url.path_segments_mut()
        .map_err(|()| wrong())?
        .pop_if_empty()
        .extend([owner, &format!("{repository}.git")]);
    Ok(url.into())
}

/// Whether git allows this name behind `refs/heads/` (`git check-ref-format`). What it forbids
/// would be a pattern here, an option or a revision's grammar.
pub(super) fn is_ref(name: &str) -> bool {
    let odd = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let component = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && Path::new(part)
                .extension()
                .is_none_or(|ending| ending != "lock")
    };
    !name.contains(odd)
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
        && !name.ends_with('.')
        && name.split('/').all(component)
}

/// Whether this is a commit's full name: 40 hexadecimal digits, or 64 in the newer format.
pub(super) fn is_hash(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refs_are_what_git_takes_and_nothing_that_means_more() {
        for good in ["main", "feature/a.b/c", "v1.0", "été", "@a", "a-b", "lock"] {
            assert!(is_ref(good), "{good}");
        }
        for bad in [
            "", "a//b", "/a", ".a", "a/.b", "a..b", "a.lock", "a.lock/b", "a b", "a~1", "a^",
            "a:b", "a?", "a*", "[a]", "a\\b", "@{u}", "@", "a.", "-a", "a/-b", "a\nb", "a/",
        ] {
            assert!(!is_ref(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_are_escaped() {
        let made = remote("https://h/", "a b?c#d%2e", "..%2f").expect("a URL");
        assert_eq!(made, "https://h/a%20b%3Fc%23d%252e/..%252f.git");
        let made = remote("http://127.0.0.1:8/x/", "o", "r").expect("a URL");
        assert_eq!(made, "http://127.0.0.1:8/x/o/r.git");
        assert!(remote("mailto:x", "o", "r").is_err());
        assert!(remote("nothing", "o", "r").is_err());
    }

    #[test]
    fn old_urls_say_what_the_ref_is() {
        let kind = |url| Kind::of(url);
        assert_eq!(
            kind("webots://github.com/o/r/tag/v1/worlds/x.wbt"),
            Kind::Tag
        );
        assert_eq!(
            kind("WEBOTS://github.com/o/r/branch/b/worlds/x.wbt"),
            Kind::Branch
        );
        assert_eq!(
            kind("https://github.com/o/r/tag/v1/worlds/x.wbt"),
            Kind::Any
        );
        assert_eq!(kind(""), Kind::Any);
    }
}
