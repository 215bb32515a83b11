use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use webots_cloud_core::config::Download;

/// What git may inherit: how to find its programs, the way to the network, whom to trust.
const INHERITED: [&str; 11] = [
    "PATH",
    "https_proxy",
    "HTTPS_PROXY",
    "http_proxy",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
];

/// What a [`GitFetcher`](super::GitFetcher) needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct GitFetcherConfig {
    /// The program, looked up in `PATH`.
    pub git: PathBuf,
    /// Where the repositories of a host are instead of `https://HOST/`: by the host as in
    /// [`GitWorld`](webots_cloud_core::protocol::start_url::GitWorld), an address to which
    /// `OWNER/REPOSITORY.git` is added. For mirrors and tests; nothing else is ever asked about
    /// such a host, nor is it looked whether its address is private.
    pub hosts: BTreeMap<String, String>,
    /// The protocols that git may speak: `https`. Tests add `http` or `git`.
    pub protocols: Vec<String>,
    /// Hosts, without port, that may have private addresses (`allowPrivateHosts`).
    pub private_hosts: Vec<String>,
    /// Hosts that are trusted to redirect to somewhere sensible, as `github.com` does for
    /// repositories that have moved. A redirect of any other host is an error: it could lead to a
    /// private address.
    pub redirecting_hosts: Vec<String>,
    /// The environment of git, in which what makes it safe is set afterwards.
    pub environment: BTreeMap<OsString, OsString>,
    /// The limits. `max_bytes` counts what git stores of the download.
    pub download: Download,
    /// Memory that each process of git may have, bytes: what a repository of the
    /// allowed size needs is far less, and one made to need more ends there (Linux only).
    pub max_memory: u64,
    /// What a branch or tag leads to is not asked again for so long.
    pub reuse: Duration,
}

impl GitFetcherConfig {
    /// The `git` of the `PATH`, https only, and of this process' environment the path, the proxies
    /// and the certificates.
    pub fn new(download: Download) -> Self {
        let inherited = |name| Some((OsString::from(name), std::env::var_os(name)?));
        Self {
            git: PathBuf::from("git"),
            hosts: BTreeMap::new(),
            protocols: vec!["https".to_owned()],
            private_hosts: Vec::new(),
            redirecting_hosts: vec!["github.com".to_owned()],
            environment: INHERITED.into_iter().filter_map(inherited).collect(),
            download,
            max_memory: 1 << 30,
            reuse: Duration::from_secs(3),
        }
    }

    /// Whether git goes through a proxy, which then looks up the names.
    pub(super) fn has_proxy(&self) -> bool {
        let proxies = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
        proxies.into_iter().any(|name| {
            let value = self.environment.get(std::ffi::OsStr::new(name));
            value.is_some_and(|value| !value.is_empty())
        })
    }
}

/// Git cannot be used, for the operator's eyes.
#[derive(Debug, thiserror::Error)]
pub enum GitSetupError {
    /// There is no such program.
    #[error("{} cannot be run: install git, 2.31 or later", git.display())]
    Program {
        /// The program.
        git: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It knows nothing of what makes it safe here.
    #[error("{} says `{version}`: git 2.31 or later is needed", git.display())]
    TooOld {
        /// The program.
        git: PathBuf,
        /// What it says of itself.
        version: String,
    },
    /// No private folder for it could be made.
    #[error("no private folder for git")]
    Home(#[source] io::Error),
}
