//! What the demo's servers are configured with: what an operator would write, as JSON.

use std::fs::File;
use std::io::{Error, Read};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use webots_cloud_core::config::{Checked, ConfigErrors, Surroundings};
use webots_cloud_core::secret::Secret;

use crate::StartError;
use crate::surroundings::ThisMachine;
use crate::website::hash_password;

/// The projects under `examples/projects/`, in the program itself, so that the demo works wherever
/// the program was copied to.
static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../examples/projects");

/// The folders of one run of the demo, gone when it ends.
#[derive(Debug)]
pub(super) struct Folders {
    root: tempfile::TempDir,
    projects: PathBuf,
    /// What simulation servers have to know to download a user's project.
    key: String,
}

/// The one user of the demo's website.
pub(super) struct DemoUser;

impl DemoUser {
    pub(super) const ID: &str = "1";
    pub(super) const EMAIL: &str = "student@example.org";
    pub(super) const PASSWORD: &str = "demo";
}

impl Folders {
    /// Makes the folders, with the sample projects unless there are others.
    pub(super) fn make(projects: Option<&Path>) -> std::io::Result<Self> {
        let root = tempfile::Builder::new()
            .prefix("webots-cloud-demo-")
            .tempdir()?;
        let projects = match projects {
            Some(projects) => projects.to_owned(),
            None => {
                let samples = root.path().join("projects");
                std::fs::create_dir(&samples)?;
                SAMPLES.extract(&samples)?;
                samples
            }
        };
        let mut random = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        let key: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let folders = Self {
            root,
            projects,
            key,
        };
        for folder in [folders.keys(), folders.users(), folders.site()] {
            std::fs::create_dir(folder)?;
        }
        std::fs::write(folders.keys().join("localhost"), &folders.key)?;
        let hash = hash_password(&Secret::new(DemoUser::PASSWORD)).map_err(Error::other)?;
        let user = json!({ "id": 1, "email": DemoUser::EMAIL, "password": hash });
        let users = json!({ "users": [user] }).to_string();
        std::fs::write(folders.users().join("users.json"), users)?;
        Ok(folders)
    }

    fn keys(&self) -> PathBuf {
        self.root.path().join("key")
    }

    fn users(&self) -> PathBuf {
        self.root.path().join("user")
    }

    pub(super) fn site(&self) -> PathBuf {
        self.root.path().join("site")
    }

    /// The website host's configuration.
    pub(super) fn website(&self, port: u16) -> Value {
        json!({
            "port": port,
            "site": self.site(),
            "projectsDir": self.projects,
            "usersDir": self.users(),
            "key": self.key,
            "logDir": self.root.path(),
        })
    }

    pub(super) fn projects(&self) -> &Path {
        &self.projects
    }

    pub(super) fn instances(&self) -> PathBuf {
        self.root.path().join("instances")
    }

    /// The simulation server's configuration. Instances are the installed Webots, else the stand-in.
    pub(super) fn simulation(&self, port: u16, webots: &InstalledWebots, sandbox: &str) -> Value {
        let mut config = json!({
            "port": port,
            "maxConnections": SLOTS,
            "projectsDir": self.projects,
            "instancesDir": self.instances(),
            "keyDir": self.keys(),
            // The demo's own website host is on this machine.
            "allowPrivateHosts": ["localhost"],
            "logDir": self.root.path(),
            "sandbox": sandbox,
        });
        match webots {
            InstalledWebots::Real(home) => config["webotsHome"] = json!(home),
            InstalledWebots::StandIn(program) => {
                config["webots"] = json!([program, "standin"]);
                config["webotsVersion"] = json!(STAND_IN_VERSION);
            }
        }
        config
    }

    /// The session server's configuration.
    pub(super) fn session(&self, port: u16, simulation_port: u16) -> Value {
        json!({
            "port": port,
            "simulationServers": [format!("localhost:{simulation_port}")],
            // That this machine is busy is no reason to refuse its owner.
            "loadThreshold": 101,
            "logDir": self.root.path(),
        })
    }
}

/// So many simulations at a time.
pub(super) const SLOTS: u16 = 20;

/// The stand-in takes the place of a Webots whose clients may edit controllers (W3.7).
const STAND_IN_VERSION: &str = "R2021b";

/// What simulates.
#[derive(Debug)]
pub(super) enum InstalledWebots {
    /// Webots, in this folder.
    Real(PathBuf),
    /// This program itself.
    StandIn(PathBuf),
}

impl InstalledWebots {
    /// Webots where `WEBOTS_HOME` says or at its usual place, else the stand-in.
    pub(super) fn find() -> std::io::Result<Self> {
        let named = std::env::var_os("WEBOTS_HOME").map(PathBuf::from);
        let usual = PathBuf::from(webots_cloud_core::config::defaults::WEBOTS_HOME);
        let installed = named
            .into_iter()
            .chain([usual])
            .find(|home| home.join("webots").is_file());
        Ok(match installed {
            Some(home) => Self::Real(home),
            None => Self::StandIn(std::env::current_exe()?),
        })
    }
}

/// Checks a configuration of the demo's own making.
pub(super) fn checked<T>(
    config: &Value,
    check: impl FnOnce(&str, &dyn Surroundings) -> Result<Checked<T>, ConfigErrors>,
) -> Result<T, StartError> {
    let checked = check(&config.to_string(), &ThisMachine::for_file(None));
    checked
        .map(|checked| checked.config)
        .map_err(|errors| StartError::Part {
            key: "demo",
            what: errors.to_string(),
            source: None,
        })
}
