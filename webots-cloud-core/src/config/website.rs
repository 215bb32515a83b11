use std::path::PathBuf;

use super::connections::connections;
use super::reader::Reader;
use super::session::{host, log_dir};
use super::{
    Checked, ConfigErrors, Connections, PathKind, Server, Surroundings, TlsFiles, defaults, tls,
};
use crate::secret::Secret;

/// The website host's configuration, all defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct WebsiteConfig {
    /// The port to listen on; 0 is a free one.
    pub port: u16,
    /// The host name of this server.
    pub server: String,
    /// The files for TLS, if it speaks it.
    pub tls: Option<TlsFiles>,
    /// The folder of static files, if there is one.
    pub site: Option<PathBuf>,
    /// The folder of the sample projects.
    pub projects_dir: PathBuf,
    /// The folder of the users, each with their own projects.
    pub users_dir: PathBuf,
    /// What simulation servers have to know to download a project.
    pub key: HostKey,
    /// The most bytes that one user may have.
    pub quota: u64,
    /// The parent folder of the logs.
    pub log_dir: PathBuf,
    /// What strangers may use.
    pub connections: Connections,
}

/// The key of the website host, which simulation servers have in their `keyDir`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HostKey {
    /// There is none: every download is refused.
    #[default]
    None,
    /// `key`: the key itself.
    Key(Secret),
    /// `keyFile`: it is the first line of this file.
    File(PathBuf),
}

/// Checks a website host's configuration; [`NO_FILE`](super::NO_FILE) gives the defaults.
///
/// # Errors
/// Everything that is wrong with it.
pub fn website(
    text: &str,
    surroundings: &dyn Surroundings,
) -> Result<Checked<WebsiteConfig>, ConfigErrors> {
    let mut reader = Reader::new(Server::Website, text, surroundings)?;
    let r = &mut reader;
    let folder = surroundings.folder();
    let config = WebsiteConfig {
        port: r
            .port("port", 0..=u16::MAX)
            .unwrap_or(defaults::WEBSITE_PORT),
        server: host(r, "server").unwrap_or_else(|| defaults::SERVER.to_owned()),
        tls: tls::files(r),
        site: r.existing("site", PathKind::Folder),
        projects_dir: r
            .existing("projectsDir", PathKind::Folder)
            .unwrap_or_else(|| folder.join(defaults::PROJECTS_DIR)),
        users_dir: r
            .path("usersDir")
            .unwrap_or_else(|| folder.join(defaults::USERS_DIR)),
        key: host_key(r),
        quota: r.size("quota", 0..=u64::MAX).unwrap_or(defaults::QUOTA),
        log_dir: log_dir(r),
        connections: connections(r),
    };
    reader.finish(config)
}

fn host_key(r: &mut Reader<'_>) -> HostKey {
    if r.has("key") && r.has("keyFile") {
        r.wrong("keyFile", "is given as well as `key`");
    }
    let empty = r.has("key");
    let key = r.secret("key");
    if empty && key.as_ref().is_some_and(Secret::is_empty) {
        r.wrong("key", "is empty");
    }
    let file = r.existing("keyFile", PathKind::File);
    match (key, file) {
        (Some(key), _) => HostKey::Key(key),
        (None, Some(file)) => HostKey::File(file),
        (None, None) => {
            r.warn(
                "neither `key` nor `keyFile` is given: simulation servers get no projects of users",
            );
            HostKey::None
        }
    }
}
