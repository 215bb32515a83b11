//! `webots-cloud sandbox-check [CONFIG]`: what a simulation can and cannot do on this machine.

use std::fmt;
use std::io;

use serde::Serialize;
use tempfile::TempDir;
use webots_cloud_core::config::{SandboxChoice, SimulationConfig};

use super::parts;
use crate::adapters::process::ProcessLauncher;
use crate::adapters::sandbox::probe::{Depth, Report, examine};
use crate::adapters::sandbox::{ChooseError, SandboxConfig, choose, untried};
use crate::main_loop::Failed;
use crate::start_error::StartError;

/// What was found of every sandbox that a configuration could take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SandboxCheck {
    /// Whether what the configuration asks for confines simulations.
    pub confined: bool,
    /// The name of the sandbox that a server would take; `None` if it would not start.
    pub taken: Option<String>,
    /// One or two.
    pub sandboxes: Vec<Checked>,
    /// The same in a sentence.
    pub verdict: String,
}

/// One sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// As in the configuration.
    pub name: &'static str,
    /// What exactly is in force; `None` if it is not installed.
    pub form: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<String>,
    /// All that was tried: where it cannot be used, without limits.
    pub report: Option<Report>,
}

/// A folder of instances of its own, which goes with it.
#[derive(Debug)]
struct Ground {
    folder: TempDir,
    launcher: ProcessLauncher,
    hide_and_show: SandboxConfig,
}

impl SandboxCheck {
    /// Tries everything, in a new folder below `instancesDir`, or among the temporary ones where that
    /// cannot be had; it is removed again. Takes some ten seconds for each sandbox, longer where
    /// nothing limits what a simulation uses.
    ///
    /// The running program must begin with
    /// [`run_if_asked`](crate::adapters::run_if_asked).
    ///
    /// # Errors
    /// The configuration cannot be used, or there is nowhere to try it.
    ///
    /// # Cancel safety
    /// If dropped, what still runs ends by itself, and its folder may stay.
    pub async fn run(config: &SimulationConfig) -> Result<Self, Failed> {
        let ground = Ground::make(config)?;
        let done = ground.check(config).await;
        ground.launcher.shutdown().await;
        // Some sandboxes make a folder for what they hide.
        let Ground { folder, .. } = ground;
        if let Err(error) = folder.close() {
            tracing::warn!(%error, "the folder of this check stays");
        }
        done
    }
}

impl Ground {
    fn make(config: &SimulationConfig) -> Result<Self, Failed> {
        let made = |builder: &tempfile::Builder<'_, '_>| -> io::Result<TempDir> {
            if config.instances_dir.is_dir() {
                let below = builder.tempdir_in(&config.instances_dir);
                match below {
                    Ok(folder) => return Ok(folder),
                    Err(error) => {
                        let path = config.instances_dir.display();
                        eprintln!("{path}: {error}; trying in a temporary folder");
                    }
                }
            }
            builder.tempdir()
        };
        let folder = made(tempfile::Builder::new().prefix("sandbox-check-"))
            .map_err(|error| Failed::at_run_time(&error))?;
        let warden = parts::warden()?;
        let mut own = config.clone();
        own.instances_dir = folder.path().to_owned();
        Ok(Self {
            launcher: parts::launcher(&own, warden.clone())?,
            hide_and_show: parts::sandbox_config(config, warden),
            folder,
        })
    }

    async fn check(&self, config: &SimulationConfig) -> Result<SandboxCheck, Failed> {
        let choices: &[SandboxChoice] = match config.sandbox {
            SandboxChoice::Auto => &[SandboxChoice::Bubblewrap, SandboxChoice::Firejail],
            SandboxChoice::Bubblewrap => &[SandboxChoice::Bubblewrap],
            SandboxChoice::Firejail => &[SandboxChoice::Firejail],
            SandboxChoice::None => &[SandboxChoice::None],
        };
        let mut sandboxes = Vec::new();
        for choice in choices {
            sandboxes.push(self.one(config, *choice).await?);
        }
        // What the server would do, and not what this thinks it would.
        let taken = match choose(
            config.sandbox,
            &self.hide_and_show,
            &config.limits,
            &self.launcher,
        )
        .await
        {
            Ok(sandbox) => Some(sandbox.name().to_owned()),
            Err(
                ChooseError::Unusable { .. }
                | ChooseError::Neither { .. }
                | ChooseError::NoPrivateNetwork { .. },
            ) => None,
            Err(error @ ChooseError::Config(_)) => return Err(StartError::from(error).into()),
        };
        let report = |name: &String| {
            let found = sandboxes.iter().find(|it| it.name == name)?;
            found.report.as_ref()
        };
        let report = taken.as_ref().and_then(report);
        Ok(SandboxCheck {
            confined: report.is_some_and(Report::is_confined),
            verdict: verdict(config.sandbox, taken.as_deref(), report),
            taken,
            sandboxes,
        })
    }

    async fn one(
        &self,
        config: &SimulationConfig,
        choice: SandboxChoice,
    ) -> Result<Checked, Failed> {
        let name = match choice {
            SandboxChoice::Bubblewrap => "bubblewrap",
            SandboxChoice::Firejail => "firejail",
            SandboxChoice::None | SandboxChoice::Auto => "none",
        };
        let hide_and_show = &self.hide_and_show;
        let launcher = &self.launcher;
        let limits = &config.limits;
        let (sandbox, problem) = match choose(choice, hide_and_show, limits, launcher).await {
            Ok(sandbox) => (Some(sandbox), None),
            // What it lets through is worth a table too.
            Err(
                ChooseError::Unusable { why, .. }
                | ChooseError::Neither { firejail: why, .. }
                | ChooseError::NoPrivateNetwork { why },
            ) => (untried(choice, hide_and_show).await, Some(why)),
            Err(error @ ChooseError::Config(_)) => return Err(StartError::from(error).into()),
        };
        let depth = if problem.is_none() {
            Depth::Whole
        } else {
            Depth::Quick
        };
        let report = match &sandbox {
            Some(it) => examine(&**it, hide_and_show, limits, launcher, depth)
                .await
                .ok(),
            None => None,
        };
        Ok(Checked {
            name,
            form: sandbox.map(|sandbox| sandbox.form()),
            problem,
            report,
        })
    }
}

fn verdict(choice: SandboxChoice, taken: Option<&str>, report: Option<&Report>) -> String {
    let (Some(taken), Some(report)) = (taken, report) else {
        return "NOT CONFINED: no sandbox that the configuration allows can be used; a server would \
                not start"
            .to_owned();
    };
    if choice == SandboxChoice::None {
        return "NOT CONFINED: with \"sandbox\": \"none\" a simulation can do whatever the server can"
            .to_owned();
    }
    if let Some(why) = report.refusal() {
        return format!("NOT CONFINED by {taken}: {why}");
    }
    let weak = report.weak();
    let auto = if choice == SandboxChoice::Auto {
        " (what `auto` takes: the first that passes, of bubblewrap and firejail)"
    } else {
        ""
    };
    if weak.is_empty() {
        format!("confined by {taken}{auto}")
    } else {
        format!("confined by {taken}{auto}, but simulations can: {weak}")
    }
}

impl fmt::Display for SandboxCheck {
    /// A table for each sandbox, and the verdict as the last line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for checked in &self.sandboxes {
            match &checked.form {
                Some(form) => writeln!(f, "sandbox: {form}\n")?,
                None => writeln!(f, "sandbox: {}\n", checked.name)?,
            }
            let ran = |report: &&Report| report.trouble.is_none();
            if let Some(report) = checked.report.as_ref().filter(ran) {
                writeln!(f, "{report}")?;
            }
            if let Some(problem) = &checked.problem {
                writeln!(f, "cannot be used: {problem}\n")?;
            }
        }
        write!(f, "{}", self.verdict)
    }
}
