//! Whether a sandbox really confines on this machine.

use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Sandbox};

use super::SandboxConfig;
use super::probe::{Depth, Report, examine};

/// Has the probe try, in a few tenths of a second, what an instance must not be able to do, and what it
/// must.
///
/// # Errors
/// Why this sandbox cannot be used, for the operator's eyes.
pub(super) async fn self_test(
    sandbox: &dyn Sandbox,
    config: &SandboxConfig,
    limits: &Limits,
    launcher: &dyn InstanceLauncher,
) -> Result<Report, String> {
    let report = examine(sandbox, config, limits, launcher, Depth::Quick).await?;
    match report.refusal() {
        None => Ok(report),
        Some(why) => Err(why),
    }
}
