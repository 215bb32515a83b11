use std::path::PathBuf;

use webots_cloud::adapters::sandbox::{Bubblewrap, Firejail, SandboxConfig};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{CommandLine, Confinement, NoSandbox, Workspace};
use webots_cloud_core::testing::conformance::sandbox;

/// What the process launcher would have confined.
pub(crate) fn confinement() -> Confinement {
    let folder = "/var/lib/webots-cloud/instances/1-1";
    Confinement {
        instance: InstanceId(1),
        command: CommandLine {
            program: env!("CARGO_BIN_EXE_webots-cloud").to_owned(),
            arguments: vec!["standin".to_owned(), "worlds/a.wbt".to_owned()],
            environment: vec![("HOME".to_owned(), folder.to_owned())],
            directory: folder.to_owned(),
        },
        workspace: Workspace {
            path: PathBuf::from(folder),
        },
        port: 2001,
        limits: Limits::default(),
    }
}

/// The environment of this very process.
pub(crate) fn host() -> Vec<(String, String)> {
    std::env::vars().collect()
}

#[test]
fn no_sandbox() {
    sandbox::conforms(&NoSandbox, &confinement(), &host());
}

fn config() -> SandboxConfig {
    SandboxConfig {
        warden: PathBuf::from(env!("CARGO_BIN_EXE_webots-cloud")),
        visible: vec![PathBuf::from("/opt/webots")],
        hidden_folders: vec![PathBuf::from("/var/lib/webots-cloud/key")],
        ..SandboxConfig::default()
    }
}

#[test]
fn bubblewrap() {
    let sandbox = Bubblewrap::new(PathBuf::from("/usr/bin/bwrap"), config());
    sandbox::conforms(&sandbox, &confinement(), &host());
}

#[test]
fn firejail() {
    let sandbox = Firejail::new(PathBuf::from("/usr/bin/firejail"), config());
    sandbox::conforms(&sandbox, &confinement(), &host());
}
