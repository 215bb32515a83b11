//! What the judge prepares for a probe, and finds afterwards.

use std::fs::{self, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::task::spawn_blocking;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Workspace};

use super::super::SandboxConfig;
use super::attempts::{LINGER, SIGNAL, WRITE_EVERYBODYS, WRITE_OUTSIDE};
use super::files::listed;
use super::sentinel::Sentinel;
use super::target::{Bounds, Target};
use super::trial::said;
use super::unseen::Unseen;
use crate::platform::linux::procfs;

/// The limits of the check: small, so that to go over them is quick.
pub(super) const CHECK: Limits = Limits {
    memory: Some(256 << 20),
    processes: Some(64),
    open_files: Some(64),
    cpu: None,
    disk: Some(64 << 20),
    files: Some(2000),
};

/// Where a file arrives that should not, beside the folders of the configuration.
const PLACES: [&str; 7] = ["/", "/usr", "/etc", "/tmp", "/var/tmp", "/dev/shm", "/run"];

/// Machines count instances from 1 on, and never get here.
const NEIGHBOUR: InstanceId = InstanceId(u64::MAX);

const UNTOUCHED: &[u8] = b"untouched";

/// All of it goes with it, but for the neighbour's workspace: see [`clear`](Self::clear).
#[derive(Debug)]
pub(super) struct Scene {
    neighbour: Workspace,
    sentinel: Option<Sentinel>,
    things: Things,
    config: SandboxConfig,
}

/// What can be had without waiting.
#[derive(Debug)]
struct Things {
    /// Part of all names.
    token: String,
    listener: TcpListener,
    /// Held open; nobody accepts.
    _socket: UnixListener,
    folder: TempDir,
}

/// Something that happened outside: the attempt's name, and what.
pub(super) type Trace = (&'static str, String);

impl Scene {
    /// # Errors
    /// What cannot be prepared, for the operator's eyes.
    pub(super) async fn set(
        config: &SandboxConfig,
        launcher: &dyn InstanceLauncher,
    ) -> Result<Self, String> {
        let things = blocking(Things::make).await?;
        let things = things.map_err(|error| format!("the test cannot be prepared: {error}"))?;
        let word = sentinel_word(&things.token).concat();
        let sentinel = Sentinel::start(&config.warden, &word).await;
        let sentinel = sentinel.map_err(|error| format!("{}: {error}", config.warden.display()))?;
        let neighbour = launcher.prepare(NEIGHBOUR).await;
        let scene = Self {
            neighbour: neighbour.map_err(|error| said(&error))?,
            sentinel: Some(sentinel),
            things,
            config: config.clone(),
        };
        let secret = scene.secret();
        match tokio::fs::write(&secret, "secret").await {
            Ok(()) => Ok(scene),
            Err(error) => {
                scene.clear(launcher).await;
                Err(format!("{}: {error}", secret.display()))
            }
        }
    }

    fn secret(&self) -> PathBuf {
        self.neighbour.path.join("secret")
    }

    /// Reads folders: blocks for a moment.
    pub(super) async fn target(&self, workspace: &Path) -> Result<Target, String> {
        let things = &self.things;
        let mut target = Target {
            program: self.config.warden.clone(),
            workspace: workspace.to_owned(),
            neighbour: self.secret(),
            hidden_folders: Vec::new(),
            hidden_files: self.config.hidden_files.clone(),
            home: Vec::new(),
            outside: self.outside(),
            everybodys: things.everybodys(),
            sentinel: self.sentinel.as_ref().map_or(0, |it| it.pid),
            sentinel_word: sentinel_word(&things.token),
            port: things.port(),
            socket: things.token.clone(),
            linger_word: linger_word(&things.token),
            temporary: temporary(&things.token),
            limits: bounds(),
        };
        let config = self.config.clone();
        blocking(move || {
            let unseen = Unseen::new(&config, &target.workspace);
            let folders = config.hidden_folders.iter();
            target.hidden_folders = folders.flat_map(|folder| unseen.of(folder)).collect();
            target.home = unseen.home();
            target
        })
        .await
    }

    /// Files that are nowhere yet.
    fn outside(&self) -> Vec<PathBuf> {
        let own = [
            Some(self.neighbour.path.as_path()),
            self.neighbour.path.parent(),
        ];
        let config = self
            .config
            .hidden_folders
            .iter()
            .chain(&self.config.visible);
        let folders = PLACES
            .iter()
            .map(Path::new)
            .chain(own.into_iter().flatten());
        let folders = folders.chain(config.map(PathBuf::as_path));
        folders.map(|it| it.join(&self.things.token)).collect()
    }

    /// What happened outside, when the probe is gone; removes what came.
    pub(super) async fn look(&mut self) -> Result<Vec<Trace>, String> {
        let mut found = Vec::new();
        if let Some(sentinel) = self.sentinel.take()
            && let Some(what) = sentinel.end().await
        {
            found.push((SIGNAL, what));
        }
        let (everybodys, outside) = (self.things.everybodys(), self.outside());
        let linger = linger_word(&self.things.token);
        let left = std::env::temp_dir().join(temporary(&self.things.token));
        let rest = blocking(move || {
            let changed = fs::read(everybodys).is_ok_and(|content| content != UNTOUCHED);
            let changed = changed.then(|| "it is changed".to_owned());
            let arrived = outside
                .into_iter()
                .filter(|path| fs::remove_file(path).is_ok());
            let folders = arrived.filter_map(|path| Some(path.parent()?.display().to_string()));
            let arrived = listed(folders.collect());
            // A probe that was ended for its temporary files left them there.
            let _ = fs::remove_dir_all(left);
            [
                (WRITE_EVERYBODYS, changed),
                (WRITE_OUTSIDE, arrived),
                (LINGER, lingering(&linger)),
            ]
        });
        let rest = rest.await?.into_iter();
        found.extend(rest.filter_map(|(name, what)| Some((name, what?))));
        Ok(found)
    }

    /// Removes the neighbour's workspace.
    pub(super) async fn clear(self, launcher: &dyn InstanceLauncher) {
        clear(launcher, NEIGHBOUR, self.neighbour).await;
    }
}

/// Says it in the log if it does not work.
pub(super) async fn clear(
    launcher: &dyn InstanceLauncher,
    instance: InstanceId,
    workspace: Workspace,
) {
    if let Err(error) = launcher.clear(instance, workspace).await {
        tracing::warn!(error = said(&error), "workspace of the sandbox's self-test");
    }
}

impl Things {
    fn make() -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("webots-cloud-probe-")
            // Others may go in, so that the file's own mode decides.
            .permissions(Permissions::from_mode(0o755))
            .tempdir()?;
        let name = folder.path().file_name().and_then(|name| name.to_str());
        let name = name.ok_or(io::ErrorKind::InvalidFilename)?;
        // Not the folder's own name: that is taken.
        let token = format!("{name}-{}", std::process::id());
        let things = Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
            _socket: UnixListener::bind_addr(&SocketAddr::from_abstract_name(&token)?)?,
            folder,
            token,
        };
        fs::write(things.everybodys(), UNTOUCHED)?;
        fs::set_permissions(things.everybodys(), Permissions::from_mode(0o666))?;
        Ok(things)
    }

    fn everybodys(&self) -> PathBuf {
        self.folder.path().join("everybodys")
    }

    fn port(&self) -> u16 {
        self.listener
            .local_addr()
            .map_or(0, |address| address.port())
    }
}

fn sentinel_word(token: &str) -> [String; 2] {
    ["outside-".to_owned(), token.to_owned()]
}

fn linger_word(token: &str) -> String {
    format!("linger-{token}")
}

fn temporary(token: &str) -> String {
    format!("{token}-temporary")
}

fn bounds() -> Bounds {
    let given = |limit: Option<u64>| limit.unwrap_or_default();
    Bounds {
        memory: given(CHECK.memory),
        processes: given(CHECK.processes),
        open_files: given(CHECK.open_files),
        disk: given(CHECK.disk),
        files: given(CHECK.files),
    }
}

/// Who is still there, and is ended.
fn lingering(word: &str) -> Option<String> {
    let all = procfs::processes().into_iter();
    let left: Vec<i32> = all.filter(|pid| procfs::has_argument(*pid, word)).collect();
    for pid in left
        .iter()
        .filter_map(|pid| rustix::process::Pid::from_raw(*pid))
    {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    listed(left.iter().map(|pid| format!("process {pid}")).collect())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let done = spawn_blocking(work).await;
    done.map_err(|_| "the server is shutting down".to_owned())
}
