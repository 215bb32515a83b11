//! Which form of a sandbox works on this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::spawn_blocking;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Network, Sandbox};

use super::probe::Report;
use super::self_test::self_test;
use super::{Bubblewrap, Firejail, SandboxConfig};

/// What all forms are tried with.
pub(super) struct Trial<'a> {
    pub(super) config: &'a SandboxConfig,
    pub(super) limits: &'a Limits,
    pub(super) launcher: &'a dyn InstanceLauncher,
}

impl Trial<'_> {
    /// The first that works, as strict as it works, or why none does.
    pub(super) async fn first(
        &self,
        kinds: &[Kind],
        network: Network,
    ) -> Result<Arc<dyn Sandbox>, Vec<(Kind, String)>> {
        let mut all = Vec::new();
        for &kind in kinds {
            match self.tried(kind, network).await {
                Ok(sandbox) => return Ok(sandbox),
                Err(why) => {
                    let name = kind.name();
                    tracing::info!(sandbox = name, ?network, why, "cannot be used");
                    all.push((kind, why));
                }
            }
        }
        Err(all)
    }

    async fn tried(&self, kind: Kind, network: Network) -> Result<Arc<dyn Sandbox>, String> {
        let Some(program) = installed(kind.program()).await else {
            let name = kind.name();
            return Err(format!("not installed, it is in the package `{name}`"));
        };
        let form = |strict| kind.sandbox(program.clone(), self.config.clone(), strict, network);
        let strict = form(true);
        let why = match self.passes(&*strict).await {
            Ok(report) => {
                say(&*strict, &report);
                return Ok(strict);
            }
            Err(why) => why,
        };
        let lenient = form(false);
        match self.passes(&*lenient).await {
            Ok(report) => {
                let sandbox = lenient.name();
                tracing::warn!(sandbox, why, "its stricter form does not work here");
                say(&*lenient, &report);
                Ok(lenient)
            }
            Err(_) => Err(why),
        }
    }

    async fn passes(&self, sandbox: &dyn Sandbox) -> Result<Report, String> {
        self_test(sandbox, self.config, self.limits, self.launcher).await
    }
}

/// One line for the log.
fn say(sandbox: &dyn Sandbox, report: &Report) {
    let (sandbox, attempts) = (sandbox.form(), report.rows.len());
    let weak = report.weak();
    if weak.is_empty() {
        tracing::info!(sandbox, attempts, "simulations are confined");
    } else {
        tracing::warn!(
            sandbox,
            attempts,
            weak,
            "simulations are confined, but can do what they should not"
        );
    }
}

/// A kind of sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bubblewrap,
    Firejail,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bubblewrap => "bubblewrap",
            Self::Firejail => "firejail",
        }
    }

    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Bubblewrap => "bwrap",
            Self::Firejail => "firejail",
        }
    }

    pub(super) fn sandbox(
        self,
        program: PathBuf,
        config: SandboxConfig,
        strict: bool,
        network: Network,
    ) -> Arc<dyn Sandbox> {
        match self {
            Self::Bubblewrap => {
                let mut sandbox = Bubblewrap::new(program, config);
                if !strict {
                    sandbox = sandbox.lenient();
                }
                if network == Network::Host {
                    sandbox = sandbox.sharing_network();
                }
                Arc::new(sandbox)
            }
            Self::Firejail => {
                let mut sandbox = Firejail::new(program, config);
                if !strict {
                    sandbox = sandbox.lenient();
                }
                if network == Network::Host {
                    sandbox = sandbox.sharing_network();
                }
                Arc::new(sandbox)
            }
        }
    }
}

pub(super) async fn installed(program: &'static str) -> Option<PathBuf> {
    let search = move || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let usual = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from);
        let folders = usual.into_iter().chain(std::env::split_paths(&path));
        let programs = folders.map(|folder| folder.join(program));
        programs
            .into_iter()
            .find(|path| path.is_absolute() && is_file(path))
    };
    spawn_blocking(search).await.ok().flatten()
}

fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file())
}
