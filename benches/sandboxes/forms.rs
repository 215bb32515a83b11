//! The forms of confinement that are compared.

use std::path::Path;
use std::sync::Arc;

use webots_cloud::adapters::sandbox::{Bubblewrap, Firejail, SandboxConfig};
use webots_cloud_core::ports::{NoSandbox, Sandbox};

/// By the value of the key `sandbox`, and where its program is.
const SANDBOXES: [(&str, &str); 2] = [
    ("bubblewrap", "/usr/bin/bwrap"),
    ("firejail", "/usr/bin/firejail"),
];

/// Values of the key `network` that change something; each is a form of its own of each sandbox.
const NETWORKS: [&str; 2] = ["private", "host"];

fn installed() -> impl Iterator<Item = (&'static str, &'static Path)> {
    let all = SANDBOXES.map(|(name, program)| (name, Path::new(program)));
    all.into_iter().filter(|(name, program)| {
        if !program.exists() {
            println!("skipped: no {name}");
        }
        program.exists()
    })
}

/// For the launcher.
pub(crate) fn sandboxes(config: &SandboxConfig) -> Vec<(String, Arc<dyn Sandbox>)> {
    let mut all: Vec<(String, Arc<dyn Sandbox>)> =
        vec![("none, under its wardens".to_owned(), Arc::new(NoSandbox))];
    for (name, program) in installed() {
        for network in NETWORKS {
            let (program, config) = (program.to_owned(), config.clone());
            let sandbox: Arc<dyn Sandbox> = match (name, network) {
                ("bubblewrap", "private") => Arc::new(Bubblewrap::new(program, config)),
                ("bubblewrap", _) => Arc::new(Bubblewrap::new(program, config).sharing_network()),
                (_, "private") => Arc::new(Firejail::new(program, config)),
                _ => Arc::new(Firejail::new(program, config).sharing_network()),
            };
            all.push((sandbox.form(), sandbox));
        }
    }
    all
}

/// For a server's configuration: a name, and the values of `sandbox` and `network`.
pub(crate) fn configured() -> Vec<(String, &'static str, &'static str)> {
    let mut all = vec![("none".to_owned(), "none", "host")];
    for (sandbox, _) in installed() {
        for network in NETWORKS {
            all.push((format!("{sandbox}, network {network}"), sandbox, network));
        }
    }
    all
}
