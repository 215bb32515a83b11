//! A whole website host: configuration in, an open port out.

use std::fs;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud_core::config::{HostKey, WebsiteConfig};

use crate::serve::tls::TlsAcceptor;
use crate::serve::{Door, Entrance};
use crate::start_error::StartError;
use crate::website::{FileUsers, HostError, KeyError, UserDirectory, WebsiteHost};

/// A website host whose port is open.
#[derive(Debug)]
pub struct WebsiteServer {
    host: Arc<WebsiteHost>,
    port: u16,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl WebsiteServer {
    /// Opens the port, with the users in the file `users.json` of `usersDir`, which is made if it is
    /// missing. To be called on a tokio runtime.
    ///
    /// # Errors
    /// The port is in use, or a file or folder cannot be used.
    pub fn start(config: &WebsiteConfig) -> Result<Self, StartError> {
        fs::create_dir_all(&config.users_dir)
            .map_err(|error| part("usersDir", "the folder of the users cannot be made", error))?;
        let users = FileUsers::in_folder(&config.users_dir)
            .map_err(|error| part("usersDir", "the users cannot be read", error))?;
        Self::with_users(config, Arc::new(users))
    }

    /// The same with users of your own.
    ///
    /// # Errors
    /// The port is in use, or a file or folder cannot be used.
    pub fn with_users(
        config: &WebsiteConfig,
        users: Arc<dyn UserDirectory>,
    ) -> Result<Self, StartError> {
        let host = WebsiteHost::builder(config, users).build()?;
        let tls = TlsAcceptor::of(config.tls.as_ref())?;
        let door = Door::take(config.port).map_err(StartError::port(config.port))?;
        let port = door.port();
        let listener = door.open().map_err(StartError::port(port))?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let host = Arc::new(host);
        let entrance = Entrance::new(listener, tls.clone(), &config.connections);
        tasks.spawn(entrance.serve(Arc::clone(&host), tasks.clone(), stop.clone()));
        Ok(Self {
            host,
            port,
            tls,
            tasks,
            stop,
        })
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Reads the TLS files and the file with the key again; connections that are open stay. The file
    /// of the users needs no such call.
    ///
    /// # Errors
    /// One of them cannot be used, and stays as it was. The others are in force.
    pub fn reload(&self) -> Result<(), StartError> {
        let key = self
            .host
            .reload()
            .map_err(|error| HostError::from(error).into());
        let tls = self.tls.as_ref().map_or(Ok(()), TlsAcceptor::reload);
        key.and(tls.map_err(StartError::from))
    }

    /// Takes no more connections, and waits for the answers that are under way, 5 s each.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Something about the configuration that an operator should know at the start.
pub fn advice(config: &WebsiteConfig) -> Option<&'static str> {
    /// Enough for 64 bits in hexadecimal.
    const SHORT: usize = 16;
    match &config.key {
        HostKey::Key(key) if key.expose().len() < SHORT => {
            Some("the key is shorter than 16 characters: it may be guessed")
        }
        HostKey::Key(_) | HostKey::File(_) | HostKey::None => None,
    }
}

fn part(
    key: &'static str,
    what: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> StartError {
    StartError::Part {
        key,
        what: what.to_owned(),
        source: Some(error.into()),
    }
}

impl From<HostError> for StartError {
    fn from(error: HostError) -> Self {
        let key = match error {
            HostError::Key(KeyError::Unreadable(_) | KeyError::Empty) => "keyFile",
            HostError::Inside { key } => key,
        };
        Self::Part {
            key,
            what: error.to_string(),
            source: match error {
                HostError::Key(error) => Some(error.into()),
                HostError::Inside { .. } => None,
            },
        }
    }
}
