//! The adapters of a simulation server, as its configuration asks for them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use webots_cloud_core::config::{SimulationConfig, TlsFiles};
use webots_cloud_core::ports::{PortError, ProjectFetcher, fetch_fn};
use webots_cloud_core::protocol::instance::Dialect;

use super::dialect;
use crate::adapters::announce::{AnnounceRules, Announcement, announce as tell};
use crate::adapters::git_fetcher::{GitFetcher, GitFetcherConfig};
use crate::adapters::host_probe::{HostProbe, HostProbeConfig, NvmlConfig};
use crate::adapters::http_probe::Trust;
use crate::adapters::process::{OutputLimits, ProcessLauncher, ProcessLauncherConfig, SetupError};
use crate::adapters::projects::Projects;
use crate::adapters::sandbox::{SandboxConfig, gpu_devices, x11_socket};
use crate::adapters::store::{Store, StoreConfig};
use crate::adapters::website_fetcher::{WebsiteFetcher, WebsiteFetcherConfig};
use crate::notifiers::web_url;
use crate::serve::tls::TlsAcceptor;
use crate::start_error::StartError;

pub(super) fn probe(config: &SimulationConfig) -> Result<HostProbe, StartError> {
    let setup = HostProbeConfig {
        instances_dir: config.instances_dir.clone(),
        network_capacity: config.network_capacity,
        nvml: NvmlConfig {
            library: config.nvml.clone(),
            ..NvmlConfig::default()
        },
    };
    HostProbe::new(setup).map_err(|error| StartError::Part {
        key: "networkCapacity",
        what: "the load of this machine cannot be measured".to_owned(),
        source: Some(error.into()),
    })
}

/// What the sandbox has to show and to hide, as the configuration says.
pub(super) fn sandbox_config(config: &SimulationConfig, warden: PathBuf) -> SandboxConfig {
    let cookie = std::env::var_os("XAUTHORITY").map(PathBuf::from);
    let programs = config.webots.command.iter().map(PathBuf::from);
    let visible = [config.webots.home.clone()]
        .into_iter()
        .chain(programs)
        .chain(cookie);
    let tls = config
        .tls
        .files
        .iter()
        .flat_map(|it| [it.key.clone(), it.certificate.clone()]);
    let display = std::env::var("DISPLAY").unwrap_or_default();
    let devices = match &config.devices {
        Some(devices) => devices.clone(),
        // Without a display nothing is drawn with them.
        None if display.is_empty() => Vec::new(),
        None => gpu_devices(),
    };
    SandboxConfig {
        warden,
        visible: visible.filter(|path| path.is_absolute()).collect(),
        hidden_folders: vec![
            config.key_dir.clone(),
            config.projects_dir.clone(),
            config.log_dir.clone(),
        ],
        hidden_files: tls.collect(),
        display: x11_socket(&display),
        devices,
        network: config.network,
    }
}

/// Webots below R2022b serves its port itself, over TLS with a certificate of its own (W2.21). Where it is
/// missing, every simulation would start and no browser could connect.
pub(super) fn certificate_of_webots(config: &SimulationConfig) -> Result<(), StartError> {
    if config.tls.files.is_none() {
        return Ok(());
    }
    if dialect(config) == Dialect::Modern {
        if config.tls.ssl && !config.tls.port_rewrite {
            tracing::warn!(
                "addresses of simulations begin with wss://, but Webots from R2022b on has no TLS: only a \
                 proxy on their ports helps, or one with `portRewrite`"
            );
        }
        return Ok(());
    }
    let folder = config.webots.home.join("resources/web/server/ssl");
    let files = TlsFiles {
        key: folder.join("privkey.pem"),
        certificate: folder.join("cert.pem"),
    };
    let checked = TlsAcceptor::new(files).map(drop);
    checked.map_err(|error| StartError::Part {
        key: "webotsHome",
        what: format!(
            "Webots below R2022b speaks TLS with privkey.pem and cert.pem in {}, copies of sslKey and \
             sslCertificate; these cannot be used",
            folder.display()
        ),
        source: Some(error.into()),
    })
}

fn instances_part(what: &str, source: Box<dyn Error + Send + Sync>) -> StartError {
    StartError::Part {
        key: "instancesDir",
        what: what.to_owned(),
        source: Some(source),
    }
}

pub(super) fn warden() -> Result<PathBuf, StartError> {
    std::env::current_exe()
        .map_err(|error| instances_part("the server's own program cannot be found", error.into()))
}

pub(super) fn launcher(
    config: &SimulationConfig,
    warden: PathBuf,
) -> Result<ProcessLauncher, StartError> {
    let setup = ProcessLauncherConfig {
        warden,
        instances_dir: config.instances_dir.clone(),
        output: OutputLimits::default(),
        cgroup: config.cgroup.clone(),
    };
    let launcher = ProcessLauncher::new(setup).map_err(|error| match error {
        SetupError::Cgroup(_) => StartError::Part {
            key: "cgroup",
            what: "instances cannot get cgroups of their own there".to_owned(),
            source: Some(error.into()),
        },
        SetupError::Warden { .. } | SetupError::InstancesDir { .. } | SetupError::Proc(_) => {
            instances_part("instances cannot be started there", error.into())
        }
    })?;
    tracing::info!(form = launcher.limits_form(), "limits of instances");
    Ok(launcher)
}

fn website_fetcher(config: &SimulationConfig) -> Result<WebsiteFetcher, StartError> {
    let trust = Trust::of_the_system();
    if let Err(error) = &trust {
        tracing::warn!(%error, "projects can only be fetched over plain HTTP");
    }
    let setup = WebsiteFetcherConfig {
        projects_dir: config.projects_dir.clone(),
        key_dir: config.key_dir.clone(),
        allow_private_hosts: config.allow_private_hosts.clone(),
        download: config.download,
        trust: trust.ok(),
    };
    WebsiteFetcher::new(setup).map_err(|error| StartError::Part {
        key: "projectsDir",
        what: format!(
            "{} is no folder that can be read",
            config.projects_dir.display()
        ),
        source: Some(error.into()),
    })
}

/// Blocks for some milliseconds.
pub(super) fn projects(config: &SimulationConfig) -> Result<Projects, StartError> {
    Ok(Projects {
        website: Arc::new(website_fetcher(config)?),
        git: git_fetcher(config)?,
    })
}

/// Without git on the machine, git worlds are refused with that reason.
fn git_fetcher(config: &SimulationConfig) -> Result<Arc<dyn ProjectFetcher>, StartError> {
    let limits = StoreConfig {
        max_files: config.download.max_files,
        max_project_bytes: config.download.max_unpacked_bytes,
        ..StoreConfig::new(cache_folder(&config.instances_dir))
    };
    let store = Store::open(limits)
        .map_err(|error| instances_part("projects cannot be cached beside it", error.into()))?;
    let setup = GitFetcherConfig {
        private_hosts: config.allow_private_hosts.clone(),
        ..GitFetcherConfig::new(config.download)
    };
    Ok(match GitFetcher::new(setup, Some(Arc::new(store))) {
        Ok(fetcher) => Arc::new(fetcher),
        Err(error) => {
            tracing::warn!(%error, "worlds in git repositories cannot be run");
            let refusal = "this server has no git, so it cannot fetch git repositories";
            fetch_fn(move |_, _| Err(PortError::permanent(refusal)))
        }
    })
}

/// Beside the folder of instances: on the same file system, and in no sandbox's sight.
fn cache_folder(instances: &Path) -> PathBuf {
    let mut name = instances.file_name().unwrap_or_default().to_owned();
    name.push("-cache");
    instances.with_file_name(name)
}

/// Tells those in `notify` that this server is there (W2.17).
pub(super) fn announce(
    config: &SimulationConfig,
    port: u16,
) -> impl Future<Output = ()> + Send + 'static {
    let addresses = config.notify.clone();
    let announcement = Announcement {
        url: web_url(&config.public_address(), port),
        repositories: config.repositories.clone(),
    };
    async move {
        if addresses.is_empty() {
            return;
        }
        let secure = addresses.iter().any(|it| it.starts_with("https:"));
        // It reads files.
        let trust = tokio::task::spawn_blocking(move || secure.then(Trust::of_the_system)).await;
        let trust = trust.ok().flatten().and_then(Result::ok);
        tell(
            &addresses,
            &announcement,
            trust.as_ref(),
            AnnounceRules::default(),
        )
        .await;
    }
}
