//! A whole session server: configuration in, an open port out.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud_core::config::{Connections, ServerEntry, SessionConfig};
use webots_cloud_core::ports::{LoadProbe, Notifier};
use webots_cloud_core::session::{SessionMachine, SessionPorts, SessionRules};
use webots_cloud_core::web::view::SessionSite;

use crate::adapters::http_probe::{HttpProbe, Trust};
use crate::notifiers;
use crate::serve::session::SessionService;
use crate::serve::tls::TlsAcceptor;
use crate::serve::{Door, Entrance};
use crate::start_error::StartError;

/// A session server that is about to open its port.
#[derive(Debug)]
pub struct SessionServer {
    service: Arc<SessionService>,
    notifier: Arc<dyn Notifier>,
    door: Door,
    tls: Option<TlsAcceptor>,
    connections: Connections,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl SessionServer {
    /// Takes the port and begins to ask the simulation servers for their load, with the default
    /// probes and notifiers: the log, and mail and a webhook as configured. Needs a tokio runtime.
    ///
    /// # Errors
    /// The port is in use, or something that the configuration asks for cannot be had.
    pub fn start(config: &SessionConfig) -> Result<Self, StartError> {
        let door = Door::take(config.port).map_err(StartError::port(config.port))?;
        let part =
            |what: String, error: Box<dyn std::error::Error + Send + Sync>| StartError::Part {
                key: "simulationServers",
                what,
                source: Some(error),
            };
        let trust = if config.tls.ssl {
            let trust = Trust::of_the_system();
            let what = "simulation servers cannot be asked over TLS".to_owned();
            Some(trust.map_err(|error| part(what, error.into()))?)
        } else {
            None
        };
        let probe = |entry: &ServerEntry| {
            let url = entry.load_url(config.tls.ssl);
            let probe = HttpProbe::new(&url, config.load_timeout, trust.as_ref());
            let what = || format!("{} cannot be asked for its load", entry.as_str());
            let probe = probe.map_err(|error| part(what(), error.into()))?;
            Ok(Arc::new(probe) as Arc<dyn LoadProbe>)
        };
        let probes = config
            .simulation_servers
            .iter()
            .map(probe)
            .collect::<Result<_, StartError>>()?;
        let ports = SessionPorts {
            probes,
            notifier: notifiers::of_session(config, door.port())?,
        };
        Self::behind(config, door, ports)
    }

    /// The same with ports of your own.
    ///
    /// # Errors
    /// The port is in use, or a TLS file cannot be used.
    pub fn with_ports(config: &SessionConfig, ports: SessionPorts) -> Result<Self, StartError> {
        let door = Door::take(config.port).map_err(StartError::port(config.port))?;
        Self::behind(config, door, ports)
    }

    fn behind(config: &SessionConfig, door: Door, ports: SessionPorts) -> Result<Self, StartError> {
        let tls = TlsAcceptor::of(config.tls.files.as_ref())?;
        let rules = SessionRules {
            threshold: config.load_threshold,
            refresh: config.load_refresh,
            timeout: config.load_timeout,
            session_cost: config.session_cost,
        };
        let addresses = config
            .simulation_servers
            .iter()
            .map(|it| it.as_str().to_owned());
        let machine = SessionMachine::new(rules, addresses);
        let site = SessionSite {
            host: config.server.clone(),
            secure: config.tls.ssl,
        };
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let notifier = Arc::clone(&ports.notifier);
        let service = SessionService::start(machine, ports, site, tasks.clone(), stop.clone());
        Ok(Self {
            service,
            notifier,
            door,
            tls,
            connections: config.connections,
            tasks,
            stop,
        })
    }

    /// Waits for the first round of load samples and opens the port; the result is the port.
    ///
    /// # Errors
    /// Somebody else opened the port meanwhile.
    pub async fn open(self) -> Result<OpenSessionServer, StartError> {
        let port = self.door.port();
        self.service.opened().await;
        let listener = self.door.open().map_err(StartError::port(port))?;
        let service = Arc::clone(&self.service);
        let (tasks, stop) = (self.tasks.clone(), self.stop.clone());
        let tls = self.tls.clone();
        let entrance = Entrance::new(listener, tls, &self.connections);
        self.tasks.spawn(entrance.serve(service, tasks, stop));
        Ok(OpenSessionServer {
            service: self.service,
            notifier: self.notifier,
            port,
            tls: self.tls,
            tasks: self.tasks,
            stop: self.stop,
        })
    }
}

/// A session server whose port is open.
#[derive(Debug)]
pub struct OpenSessionServer {
    service: Arc<SessionService>,
    notifier: Arc<dyn Notifier>,
    port: u16,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl OpenSessionServer {
    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Reads the TLS files again; connections that are open stay.
    ///
    /// # Errors
    /// They cannot be used: the old ones stay in force.
    pub fn reload(&self) -> Result<(), StartError> {
        Ok(self.tls.as_ref().map_or(Ok(()), TlsAcceptor::reload)?)
    }

    /// Comes back at once while the server can decide anything, and never if that hangs: for
    /// watchdogs.
    pub fn check(&self) {
        self.service.check();
    }

    /// Says that there is no room any more, closes all sockets, waits for the last, and delivers
    /// the last notices.
    pub async fn shut_down(self) {
        self.service.shut_down();
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.service.finish().await;
        notifiers::finish(self.notifier.as_ref()).await;
    }
}
