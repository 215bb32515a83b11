//! What earlier servers left behind in the folder of instances.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cgroup::Cgroup;
use super::{GRACE, GUARD_MARGIN, owner, remove, survivors};

/// Time for leftover processes to go once they are killed.
const KILLED_WITHIN: Duration = Duration::from_secs(5);

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Workspaces of dead servers that were removed.
    pub removed: usize,
    /// Workspaces of living servers, which were not touched.
    pub kept: usize,
    /// Workspaces of dead servers that are still there.
    pub left: Vec<LeftWorkspace>,
}

/// A workspace that could not be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftWorkspace {
    /// The folder's name in the folder of instances.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Removes the workspaces whose mark names a dead server, after ending their processes. Folders
/// without a mark are not ours. Blocks.
pub(crate) fn sweep(instances: &Path) -> std::io::Result<SweepReport> {
    let mut report = SweepReport::default();
    for file in remove::list(instances)? {
        let Some(name) = file.to_str().and_then(owner::marked_name) else {
            continue;
        };
        match owner::inherit(instances, name) {
            Ok(Some(inherited)) => match clean(instances, name, inherited.cgroup.clone()) {
                Ok(()) => report.removed += 1,
                Err(reason) => report.left.push(LeftWorkspace {
                    name: name.to_owned(),
                    reason,
                }),
            },
            Ok(None) => report.kept += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => report.left.push(LeftWorkspace {
                name: name.to_owned(),
                reason: error.to_string(),
            }),
        }
    }
    Ok(report)
}

fn clean(instances: &Path, name: &str, cgroup: Option<PathBuf>) -> Result<(), String> {
    let cgroup = cgroup.and_then(|folder| Cgroup::of_mark(folder, name));
    // Its own warden does it better, as it knows the whole tree.
    survivors::wait_for_warden(name, GRACE + GUARD_MARGIN + Duration::from_secs(1));
    let left = survivors::end(name, None, cgroup.as_ref(), KILLED_WITHIN);
    if !left.is_empty() {
        return Err(format!("processes cannot be ended: {left:?}"));
    }
    if let Some(cgroup) = cgroup {
        cgroup
            .remove()
            .map_err(|error| format!("its cgroup: {error}"))?;
    }
    remove::remove_tree(&instances.join(name)).map_err(|error| error.to_string())?;
    std::fs::remove_file(owner::mark_path(instances, name)).map_err(|error| error.to_string())
}
