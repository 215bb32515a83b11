//! The website host itself: which request goes where.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use thiserror::Error;
use webots_cloud_core::config::{HostKey, WebsiteConfig};

use super::download::{self, Downloads};
use super::key::{self, KeyError, KeyGuard};
use super::reply::{self, Reply, error, wrong_method};
use super::site::{self, Site};
use super::source::Source;
use super::upload::Uploads;
use super::users::UserDirectory;
use crate::serve::{Content, Service};

/// Why a website host cannot be made.
#[derive(Debug, Error)]
pub enum HostError {
    /// The key cannot be used.
    #[error("the key cannot be used")]
    Key(#[from] KeyError),
    /// What is secret would be served as a part of the site.
    #[error("`{key}` is in the folder of the site, which everybody can read: move it out of there")]
    Inside {
        /// The configuration key of what is inside.
        key: &'static str,
    },
}

/// What a website host is made of.
#[derive(Debug)]
pub struct WebsiteHostBuilder {
    config: WebsiteConfig,
    users: Arc<dyn UserDirectory>,
    wrong_key_delay: Duration,
}

impl WebsiteHostBuilder {
    /// How long the answer to a wrong key takes; 1 s by default (W4.1).
    #[must_use]
    pub const fn wrong_key_delay(mut self, delay: Duration) -> Self {
        self.wrong_key_delay = delay;
        self
    }

    /// Makes it. Reads the file with the key, if there is one.
    ///
    /// # Errors
    /// The key cannot be read, or the site's folder holds what is nobody's business.
    pub fn build(self) -> Result<WebsiteHost, HostError> {
        let config = self.config;
        let secrets = [
            ("usersDir", Some(config.users_dir.as_path())),
            ("keyFile", file_of(&config.key)),
            ("sslKey", config.tls.as_ref().map(|tls| tls.key.as_path())),
        ];
        for (key, secret) in secrets {
            if let (Some(site), Some(secret)) = (&config.site, secret)
                && is_inside(secret, site)
            {
                return Err(HostError::Inside { key });
            }
        }
        let users_dir = config.users_dir;
        let key = KeyGuard::new(config.key, self.wrong_key_delay)?;
        let users = Arc::clone(&self.users);
        Ok(WebsiteHost {
            site: config.site.map(Site::new),
            downloads: Downloads::new(key, config.projects_dir, users_dir.clone(), users),
            uploads: Uploads::new(config.server, users_dir, self.users, config.quota),
        })
    }
}

/// The website host as an HTTP service (contract, 7): a static site, projects for simulation servers,
/// and a place for the controllers that users change.
///
/// It runs behind [`WebsiteServer`](crate::website_host::WebsiteServer), or inside a server of your
/// own: [`answer`](Self::answer) takes any request of the `http` crate. It needs a tokio runtime.
#[derive(Debug)]
pub struct WebsiteHost {
    site: Option<Site>,
    downloads: Downloads,
    uploads: Uploads,
}

impl WebsiteHost {
    /// A website host with this configuration, whose users are in `users`. Its port and TLS files are
    /// for the server around it.
    pub fn builder(config: &WebsiteConfig, users: Arc<dyn UserDirectory>) -> WebsiteHostBuilder {
        WebsiteHostBuilder {
            config: config.clone(),
            users,
            wrong_key_delay: key::DELAY,
        }
    }

    /// Answers one request. Its [`Source`] is in its extensions, if it is known.
    ///
    /// Cancel safe: nothing is half done.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Content>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let from = request.extensions().get().copied();
        let from = from.unwrap_or(Source::UNKNOWN);
        // Both spellings are in use (W6).
        match request.uri().path() {
            "/ajax/download-project.php" | "/ajax/download_project.php" => {
                self.download(request, from).await
            }
            "/ajax/upload-file.php" | "/ajax/upload_file.php" => self.upload(request, from).await,
            path => self.read(&request, path).await,
        }
    }

    /// Reads the file with the key again.
    ///
    /// # Errors
    /// It cannot be used: the old key stays in force.
    pub fn reload(&self) -> Result<(), KeyError> {
        self.downloads.key.reload()
    }

    async fn download<B>(&self, request: Request<B>, from: Source) -> Reply
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if request.method() != Method::POST {
            return only_post();
        }
        let (head, body) = request.into_parts();
        match download::FORM.read(&head.headers, body).await {
            Ok(form) => self.downloads.answer(form, from).await,
            Err(wrong) => error(wrong),
        }
    }

    async fn upload<B>(&self, request: Request<B>, from: Source) -> Reply
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if request.method() != Method::POST {
            return only_post();
        }
        self.uploads.answer(request, from).await
    }

    async fn read<B>(&self, request: &Request<B>, path: &str) -> Reply {
        let method = request.method();
        if method != Method::GET && method != Method::HEAD {
            return wrong_method("GET, HEAD");
        }
        match &self.site {
            Some(site) => site.answer(method, path, request.headers()).await,
            None => site::without_site(path),
        }
    }
}

impl Service for WebsiteHost {
    type Body = Content;

    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<Content> {
        request.extensions_mut().insert(Source::from(peer.ip()));
        Self::answer(&self, request).await
    }
}

fn only_post() -> Reply {
    let mut reply = wrong_method("POST");
    reply::set(&mut reply, reply::ROBOTS, "noindex");
    reply
}

fn file_of(key: &HostKey) -> Option<&Path> {
    match key {
        HostKey::File(file) => Some(file),
        HostKey::None | HostKey::Key(_) => None,
    }
}

/// Whether a path, or as much of it as there is, lies in a folder, whatever links lead there.
fn is_inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    let there = path.ancestors().find_map(|it| it.canonicalize().ok());
    there.is_some_and(|it| it.starts_with(&folder))
}
