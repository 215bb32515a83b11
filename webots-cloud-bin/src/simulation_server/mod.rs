//! A whole simulation server: configuration in, an open port out.

mod parts;
mod sandbox_check;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud_core::config::SimulationConfig;
use webots_cloud_core::ports::Notifier;
use webots_cloud_core::protocol::instance::Dialect;
use webots_cloud_core::simulation::{SimulationMachine, SimulationPorts, SimulationRules, Webots};
use webots_cloud_core::web::view::SimulationSite;

use crate::adapters::host_probe::describe_host;
use crate::adapters::monitor_log::{monitor_file, write_monitor_log};
use crate::adapters::process::ProcessLauncher;
use crate::adapters::sandbox::choose;
use crate::instance_environment::instance_environment;
use crate::notifiers;
use crate::serve::simulation::SimulationService;
use crate::serve::tls::TlsAcceptor;
use crate::serve::{ClientLimits, Door, Entrance};
use crate::start_error::StartError;

pub use sandbox_check::{Checked, SandboxCheck};

/// Fetchers end by their own time limit; the machine gives up on one that does not, so much later.
const FETCH_MARGIN: Duration = Duration::from_secs(5);

/// A simulation server whose port is open.
#[derive(Debug)]
pub struct SimulationServer {
    service: Arc<SimulationService>,
    launcher: Option<Arc<ProcessLauncher>>,
    notifier: Arc<dyn Notifier>,
    port: u16,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl SimulationServer {
    /// Removes what a dead server left, and opens the port, with the default ports: host probe,
    /// project fetchers, the configured sandbox, the process launcher, and the log and the
    /// configured webhook for notices. Then tells those in `notify`, in a task of its own.
    ///
    /// The running program must begin with
    /// [`run_if_asked`](crate::adapters::run_if_asked).
    ///
    /// # Errors
    /// The port is in use, or something that the configuration asks for cannot be had.
    pub async fn start(config: &SimulationConfig) -> Result<Self, StartError> {
        // First the port: a second server by mistake must not get as far as the rest.
        let door = Door::take_patiently(config.port).await;
        let door = door.map_err(StartError::port(config.port))?;
        let tls = TlsAcceptor::of(config.tls.files.as_ref())?;
        parts::certificate_of_webots(config)?;
        let warden = parts::warden()?;
        let launcher = Arc::new(parts::launcher(config, warden.clone())?);
        match launcher.sweep().await {
            Ok(report) => tracing::info!(?report, "looked for what an earlier server left"),
            Err(error) => tracing::warn!(%error, "cannot look for what an earlier server left"),
        }
        let hide_and_show = parts::sandbox_config(config, warden);
        let sandbox = choose(
            config.sandbox,
            &hide_and_show,
            &config.limits,
            launcher.as_ref(),
        )
        .await?;
        let for_projects = config.clone();
        let projects = tokio::task::spawn_blocking(move || parts::projects(&for_projects)).await;
        let projects = projects.map_err(|error| StartError::Part {
            key: "projectsDir",
            what: "the project fetchers could not be made".to_owned(),
            source: Some(error.into()),
        })??;
        let ports = SimulationPorts {
            probe: Arc::new(parts::probe(config)?),
            fetcher: Arc::new(projects),
            sandbox,
            launcher: Arc::clone(&launcher) as Arc<_>,
            notifier: notifiers::of_simulation(config, door.port())?,
        };
        let server = Self::open(config, door, tls, ports, Some(launcher))?;
        let announce = parts::announce(config, server.port);
        let announce = server.stop.clone().run_until_cancelled_owned(announce);
        server.tasks.spawn(announce);
        Ok(server)
    }

    /// Opens the port, with ports of your own. Nothing is swept.
    ///
    /// # Errors
    /// The port is in use, or a TLS file cannot be used.
    pub fn with_ports(
        config: &SimulationConfig,
        ports: SimulationPorts,
    ) -> Result<Self, StartError> {
        let door = Door::take(config.port).map_err(StartError::port(config.port))?;
        let tls = TlsAcceptor::of(config.tls.files.as_ref())?;
        Self::open(config, door, tls, ports, None)
    }

    fn open(
        config: &SimulationConfig,
        door: Door,
        tls: Option<TlsAcceptor>,
        ports: SimulationPorts,
        launcher: Option<Arc<ProcessLauncher>>,
    ) -> Result<Self, StartError> {
        let port = door.port();
        let site = SimulationSite {
            title: Some(config.title.clone()).filter(|title| !title.is_empty()),
            description: Some(config.description.clone()).filter(|text| !text.is_empty()),
            host: describe_host(),
            sandbox: ports.sandbox.form(),
        };
        tracing::info!(
            sandbox = site.sandbox,
            host = site.host,
            "simulation server"
        );
        let machine = SimulationMachine::new(rules(config, port));
        let notifier = Arc::clone(&ports.notifier);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let limits = ClientLimits {
            message: usize::try_from(config.max_client_message).unwrap_or(usize::MAX),
            rate: config.max_client_rate,
            silence: config.client_silence,
        };
        let (service, rows) = SimulationService::start(machine, ports, site, limits, tasks.clone());
        if config.monitor_log {
            let file = monitor_file(&config.log_dir);
            tasks.spawn(write_monitor_log(file, rows, stop.clone()));
        }
        let listener = door.open().map_err(StartError::port(port))?;
        let entrance = Entrance::new(listener, tls.clone(), &config.connections);
        tasks.spawn(entrance.serve(Arc::clone(&service), tasks.clone(), stop.clone()));
        Ok(Self {
            service,
            launcher,
            notifier,
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

    /// Tells every client, ends every instance, removes the workspaces, closes all sockets, and
    /// waits for the last; and delivers the last notices.
    pub async fn shut_down(self) {
        self.service.shut_down();
        self.service.finish().await;
        if let Some(launcher) = self.launcher {
            launcher.shutdown().await;
        }
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        notifiers::finish(self.notifier.as_ref()).await;
    }
}

fn dialect(config: &SimulationConfig) -> Dialect {
    config
        .webots
        .dialect
        .unwrap_or_else(|| installed_dialect(config))
}

fn rules(config: &SimulationConfig, port: u16) -> SimulationRules {
    let dialect = dialect(config);
    SimulationRules {
        port,
        slots: config.max_connections,
        webots: Webots {
            command: config.webots.command.clone(),
            dialect,
            environment: instance_environment(&config.webots.home, dialect),
            tls: config.tls.files.is_some(),
            multimedia_server: config.multimedia_server.clone(),
            multimedia_stream: config.multimedia_stream.clone(),
        },
        address: config.public_address(),
        fetch_timeout: config.download.timeout + FETCH_MARGIN,
        start_timeout: config.start_timeout,
        run_timeout: config.timeout,
        limits: config.limits,
        repositories: config.repositories.clone(),
    }
}

/// The dialect of the version that is installed; the modern one if that cannot be told.
fn installed_dialect(config: &SimulationConfig) -> Dialect {
    let version = std::fs::read_to_string(config.webots.version_file()).ok();
    version
        .as_deref()
        .and_then(Dialect::from_version)
        .unwrap_or_default()
}
