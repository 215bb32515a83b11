use std::sync::Arc;

use thiserror::Error;
use tokio::task::spawn_blocking;
use webots_cloud_core::config::{NetworkChoice, SandboxChoice};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Network, NoSandbox, Sandbox};

use super::SandboxConfig;
use super::trial::{Kind, Trial, installed};

/// Why there is no sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChooseError {
    /// The one that was asked for is not there or does not work.
    #[error(
        "`sandbox`: {name} cannot be used on this machine: {why}. \
         `webots-cloud sandbox-check` shows all that was tried; choose another one, or mend this"
    )]
    Unusable {
        /// What was asked for.
        name: &'static str,
        /// What is wrong, for the operator's eyes.
        why: String,
    },
    /// `auto`, and neither works.
    #[error(
        "`sandbox`: there is nothing on this machine that could confine simulations; \
         bubblewrap: {bubblewrap}; firejail: {firejail}. Install one of the Debian packages \
         `bubblewrap` and `firejail`, or, only if this server runs nobody's projects but your own, \
         set \"sandbox\": \"none\""
    )]
    Neither {
        /// What is wrong with bubblewrap.
        bubblewrap: String,
        /// What is wrong with firejail.
        firejail: String,
    },
    /// The sandbox works, but not with a network of its own for each instance.
    #[error(
        "`network`: simulations cannot have a network of their own on this machine; {why}. \
         With \"network\": \"auto\" they would share the machine's and reach whatever it reaches: the \
         ports of services on its loopback interface and of other simulations too"
    )]
    NoPrivateNetwork {
        /// What is wrong, for the operator's eyes.
        why: String,
    },
    /// The configuration cannot be used.
    #[error("`sandbox`: {0}")]
    Config(String),
}

/// Takes the sandbox that was asked for, after a trial: it really runs a [probe](super::probe)
/// through it, in a workspace of `launcher` and under `limits`, which tries what an instance must
/// not be able to do, and what it must. Of what the configuration allows, the strongest form that
/// passes is taken (see the [module](super) for what is stronger, and why).
///
/// Takes a few tenths of a second; up to a minute for each form that hangs.
///
/// # Errors
/// [`ChooseError`]: the server should not start.
///
/// # Cancel safety
/// If dropped, the trial may run on until `launcher` is dropped too, and its workspace stays until
/// the next sweep.
pub async fn choose(
    choice: SandboxChoice,
    config: &SandboxConfig,
    limits: &Limits,
    launcher: &dyn InstanceLauncher,
) -> Result<Arc<dyn Sandbox>, ChooseError> {
    let kinds = match (choice, config.network) {
        (SandboxChoice::None, NetworkChoice::Private) => {
            let why = "\"sandbox\" is \"none\", which gives none".to_owned();
            return Err(ChooseError::NoPrivateNetwork { why });
        }
        (SandboxChoice::None, NetworkChoice::Auto | NetworkChoice::Host) => {
            tracing::warn!(
                "SIMULATIONS ARE NOT CONFINED (\"sandbox\": \"none\"): every project that is run can \
                 read, change and delete whatever this server can, its keys included. Run only projects \
                 of your own."
            );
            return Ok(Arc::new(NoSandbox));
        }
        (SandboxChoice::Bubblewrap, _) => &[Kind::Bubblewrap][..],
        (SandboxChoice::Firejail, _) => &[Kind::Firejail],
        (SandboxChoice::Auto, _) => &[Kind::Bubblewrap, Kind::Firejail],
    };
    let given = config.clone();
    let resolved = spawn_blocking(move || given.resolved())
        .await
        .map_err(|_| ChooseError::Config("the server is shutting down".to_owned()))?;
    let config = resolved
        .map_err(|error| ChooseError::Config(format!("{}: {error}", config.warden.display())))?;
    let trial = Trial {
        config: &config,
        limits,
        launcher,
    };
    let private = match config.network {
        NetworkChoice::Auto | NetworkChoice::Private => {
            match trial.first(kinds, Network::Private).await {
                Ok(sandbox) => return Ok(sandbox),
                Err(why) => Some(reasons(&why)),
            }
        }
        NetworkChoice::Host => None,
    };
    // Where it may not be taken, it says what is wrong.
    match (trial.first(kinds, Network::Host).await, private) {
        (Ok(_), Some(why)) if config.network == NetworkChoice::Private => {
            Err(ChooseError::NoPrivateNetwork { why })
        }
        (Ok(sandbox), why) => {
            tracing::warn!(
                why,
                sandbox = sandbox.form(),
                "SIMULATIONS SHARE THE NETWORK OF THIS MACHINE: they can connect to whatever it can, \
                 to services on its loopback interface and to each other too."
            );
            Ok(sandbox)
        }
        (Err(why), _) => Err(unusable(choice, why)),
    }
}

fn unusable(choice: SandboxChoice, mut why: Vec<(Kind, String)>) -> ChooseError {
    let (last, why_last) = why.pop().unwrap_or((Kind::Firejail, String::new()));
    match (choice, why.pop()) {
        (SandboxChoice::Auto, Some((_, bubblewrap))) => ChooseError::Neither {
            bubblewrap,
            firejail: why_last,
        },
        _ => ChooseError::Unusable {
            name: last.name(),
            why: why_last,
        },
    }
}

fn reasons(why: &[(Kind, String)]) -> String {
    let each = why
        .iter()
        .map(|(kind, why)| format!("{}: {why}", kind.name()));
    each.collect::<Vec<_>>().join("; ")
}

/// The sandbox of this name at its strictest, untried; `None` if it is not installed, or none is
/// named.
pub(crate) async fn untried(
    choice: SandboxChoice,
    config: &SandboxConfig,
) -> Option<Arc<dyn Sandbox>> {
    let kind = match choice {
        SandboxChoice::Bubblewrap => Kind::Bubblewrap,
        SandboxChoice::Firejail => Kind::Firejail,
        SandboxChoice::None | SandboxChoice::Auto => return None,
    };
    let network = match config.network {
        NetworkChoice::Auto | NetworkChoice::Private => Network::Private,
        NetworkChoice::Host => Network::Host,
    };
    let given = config.clone();
    let resolved = spawn_blocking(move || given.resolved()).await.ok()?.ok()?;
    let program = installed(kind.program()).await?;
    Some(kind.sandbox(program, resolved, true, network))
}
