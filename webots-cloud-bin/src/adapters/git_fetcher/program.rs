//! How git is called.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use super::config::{GitFetcherConfig, GitSetupError};

/// The oldest git that has all of the variables by which it is made safe.
const OLDEST: (u32, u32) = (2, 31);

/// Settings that hold for each call. They go before those of files, of which only the repository's
/// own is read, and that one is git's.
const SETTINGS: [&str; 29] = [
    // Nothing of the repository is ever run.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.askPass=false",
    "credential.helper=",
    "init.templateDir=",
    // Links become small files with the path in them: nothing leads out.
    "core.symlinks=false",
    "core.protectNTFS=true",
    "core.protectHFS=true",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    // Only what was asked for, from where it was asked for.
    "protocol.allow=never",
    "transfer.bundleURI=false",
    "remote.origin.tagOpt=--no-tags",
    "http.sslVerify=true",
    "protocol.version=2",
    // What comes is looked at. Old tools wrote these three mistakes, which harm nobody.
    "transfer.fsckObjects=true",
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
    "fetch.fsck.badTimezone=ignore",
    // Bounded memory: large files pass through; all that comes stays one pack.
    "core.bigFileThreshold=16m",
    "core.packedGitWindowSize=16m",
    "core.packedGitLimit=256m",
    "pack.threads=1",
    "transfer.unpackLimit=1",
    // Nothing goes on in the background.
    "gc.auto=0",
    "maintenance.auto=false",
    "checkout.workers=1",
];

/// The program, and what each call of it is given.
#[derive(Debug)]
pub(super) struct Program {
    config: GitFetcherConfig,
    /// Empty, and only ours. With a cache it is in there, so that it goes with a killed server's rest.
    home: TempDir,
}

/// Which repository is meant, and where its files go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) repository: &'a Path,
    pub(super) files: &'a Path,
}

/// Whom git talks to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote<'a> {
    pub(super) url: &'a str,
    /// See [`address`](super::address).
    pub(super) pin: Option<&'a str>,
    pub(super) redirects: bool,
}

impl Program {
    /// Looks whether there is a git; blocks for some milliseconds.
    pub(super) fn new(config: GitFetcherConfig, temporary: &Path) -> Result<Self, GitSetupError> {
        let git = config.git.clone();
        let home = tempfile::Builder::new()
            .prefix("webots-cloud-git-")
            .tempdir_in(temporary)
            .map_err(GitSetupError::Home)?;
        let program = Self { config, home };
        let mut command = program.command();
        command.arg("--version");
        let asked = command.as_std_mut().stdout(Stdio::piped()).output();
        let said = asked.map_err(|source| GitSetupError::Program {
            git: git.clone(),
            source,
        })?;
        let version = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        if number(&version).is_none_or(|number| number < OLDEST) {
            return Err(GitSetupError::TooOld { git, version });
        }
        Ok(program)
    }

    pub(super) const fn config(&self) -> &GitFetcherConfig {
        &self.config
    }

    /// A call of git that nothing outside of it can change. It leads a process group of its own.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.config.git);
        let home = self.home.path();
        command
            .env_clear()
            .envs(&self.config.environment)
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "/bin/false")
            .env("GIT_ADVICE", "0")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("GIT_ALLOW_PROTOCOL", self.config.protocols.join(":"))
            // No repository around this folder is looked for.
            .env("GIT_CEILING_DIRECTORIES", home.parent().unwrap_or(home))
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        for protocol in &self.config.protocols {
            command.arg("-c");
            command.arg(format!("protocol.{protocol}.allow=always"));
        }
        command
    }

    /// A call that talks to a repository elsewhere, which it knows as `origin`.
    pub(super) fn remote(&self, remote: Remote<'_>) -> Command {
        let mut command = self.command();
        let redirects = if remote.redirects { "initial" } else { "false" };
        let patience = self.config.download.timeout.as_secs().max(1);
        for (name, value) in [
            ("remote.origin.url", remote.url),
            ("http.followRedirects", redirects),
            // Where this server is killed and nobody ends git: a host that says nothing does.
            ("http.lowSpeedLimit", "1"),
            ("http.lowSpeedTime", &patience.to_string()),
        ] {
            command.args(["-c", &format!("{name}={value}")]);
        }
        if let Some(pin) = remote.pin {
            command.args(["-c", &format!("http.curloptResolve={pin}")]);
        }
        command
    }
}

impl Place<'_> {
    /// The call is about this repository and no other.
    pub(super) fn of(self, mut command: Command) -> Command {
        command
            .env("GIT_DIR", self.repository)
            .env("GIT_WORK_TREE", self.files);
        mark(&mut command, self.files);
        command
    }
}

/// Lets the sweep after a crash find git by the workspace it works in.
#[cfg(target_os = "linux")]
fn mark(command: &mut Command, files: &Path) {
    let names: Vec<&OsStr> = files.iter().collect();
    let made = names.iter().find(|name| is_workspace(name));
    let made: Option<OsString> = made.map(|name| (*name).to_owned());
    command.envs(made.map(|name| (crate::adapters::process::MARK, name)));
}

/// `wPID-START-BOOT-NUMBER`, as the process launcher names its folders.
#[cfg(target_os = "linux")]
fn is_workspace(name: &OsStr) -> bool {
    let Some(rest) = name.to_str().and_then(|name| name.strip_prefix('w')) else {
        return false;
    };
    rest.split('-').count() == 4 && rest.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(not(target_os = "linux"))]
fn mark(_command: &mut Command, _files: &Path) {}

/// `git version 2.39.5 (Apple Git-154)`.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(number("git version 2.47.3"), Some((2, 47)));
        assert_eq!(number("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(number("git version 2.50.0-rc1"), Some((2, 50)));
        assert_eq!(number("bash: git"), None);
    }
}
