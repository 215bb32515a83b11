//! Has the probe run through a sandbox, and judges.

use futures_util::StreamExt;
use futures_util::stream;
use tokio::task::spawn_blocking;
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{Exit, InstanceLauncher, Network, Sandbox};

use super::super::SandboxConfig;
use super::answer::Answer;
use super::attempts::{self, Attempt, Family, Place, Witness};
use super::program::name_of;
use super::report::{Report, Row};
use super::scene::{CHECK, Scene, Trace, clear};
use super::trial::{Outcome, QUICK, SLOW, Trial};

/// Machines count instances from 1 on: the probe's, down from the neighbour's, are never among them.
const FIRST: u64 = u64::MAX - 1;

/// How many of the slow attempts at a time: each needs a few hundred MiB.
const AT_A_TIME: usize = 3;

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What takes a few tenths of a second: all but limits.
    Quick,
    /// Everything: some ten seconds.
    Whole,
}

/// Runs the probe through a sandbox, in workspaces of `launcher`, and tells what it could and could
/// not do. `config` is what the sandbox was made of: what is hidden there is looked for. `limits`
/// are in force; those that are to be gone over are the check's own, and small.
///
/// Takes a few tenths of a second, or some ten seconds for the whole; half a minute where it hangs.
///
/// # Errors
/// The test itself cannot be prepared, for the operator's eyes. That the probe cannot be run is not
/// an error but [`Report::trouble`].
///
/// # Cancel safety
/// If dropped, the probe may run on until `launcher` is dropped too, and workspaces stay until the
/// next sweep.
pub async fn examine(
    sandbox: &dyn Sandbox,
    config: &SandboxConfig,
    limits: &Limits,
    launcher: &dyn InstanceLauncher,
    depth: Depth,
) -> Result<Report, String> {
    let given = config.clone();
    let resolved = spawn_blocking(move || given.resolved()).await;
    let resolved = resolved.map_err(|_| "the server is shutting down".to_owned())?;
    let config = resolved.map_err(|error| format!("{}: {error}", config.warden.display()))?;
    let mut scene = Scene::set(&config, launcher).await?;
    let report = tried(sandbox, limits, launcher, depth, &mut scene).await;
    scene.clear(launcher).await;
    report
}

async fn tried(
    sandbox: &dyn Sandbox,
    limits: &Limits,
    launcher: &dyn InstanceLauncher,
    depth: Depth,
    scene: &mut Scene,
) -> Result<Report, String> {
    let together: Vec<&Attempt> = attempts::of(Place::Together).collect();
    let trial = Trial {
        sandbox,
        launcher,
        instance: InstanceId(FIRST),
        limits,
        time: QUICK,
    };
    let outcome = run(trial, scene, &together).await;
    let alone: Vec<&Attempt> = match depth {
        Depth::Quick => Vec::new(),
        Depth::Whole => attempts::of(Place::Alone).collect(),
    };
    let (scene_now, ids) = (&*scene, (1..).map(|number| InstanceId(FIRST - number)));
    let outcomes = stream::iter(alone.iter().zip(ids))
        .map(|(attempt, instance)| async move {
            let trial = Trial {
                instance,
                limits: &CHECK,
                time: SLOW,
                ..trial
            };
            run(trial, scene_now, std::slice::from_ref(attempt)).await
        })
        .buffered(AT_A_TIME)
        .collect::<Vec<_>>()
        .await;
    let traces = scene.look().await?;
    let network = outcome.as_ref().map_or(Network::Host, |it| it.network);
    let trouble = trouble(&outcome);
    let mut rows: Vec<Row> = together
        .into_iter()
        .map(|attempt| row(attempt, network, &outcome, &traces))
        .collect();
    let slow = alone.into_iter().zip(&outcomes);
    rows.extend(slow.map(|(attempt, outcome)| row(attempt, network, outcome, &traces)));
    rows.sort_by_key(|row| {
        attempts::ATTEMPTS
            .iter()
            .position(|it| it.name == row.attempt)
    });
    Ok(Report { rows, trouble })
}

/// In a workspace of its own.
async fn run(trial: Trial<'_>, scene: &Scene, attempts: &[&Attempt]) -> Result<Outcome, String> {
    let workspace = trial.launcher.prepare(trial.instance).await;
    let workspace = workspace.map_err(|error| super::trial::said(&error))?;
    let outcome = match scene.target(&workspace.path).await {
        Ok(target) => trial.run(&workspace, &target, attempts).await,
        Err(error) => Err(error),
    };
    clear(trial.launcher, trial.instance, workspace).await;
    outcome
}

/// Why the probe did not get to its end.
fn trouble(outcome: &Result<Outcome, String>) -> Option<String> {
    match outcome {
        Ok(outcome) if outcome.exit == Exit::Code(0) && !outcome.answers.is_empty() => None,
        Ok(outcome) => {
            let said = outcome.said.join("; ");
            Some(format!("the probe does not run: {}: {said}", outcome.exit))
        }
        Err(error) => Some(error.clone()),
    }
}

fn row(
    attempt: &Attempt,
    network: Network,
    outcome: &Result<Outcome, String>,
    traces: &[Trace],
) -> Row {
    let answer = match outcome {
        Ok(outcome) => answer(attempt, outcome),
        Err(error) => Answer::unknown(error.clone()),
    };
    let trace = traces.iter().find(|(name, _)| *name == attempt.name);
    let answer = match (attempt.witness, trace, answer.found) {
        (Witness::Judge, Some((_, what)), _) => Answer::could(what.clone()),
        (Witness::Judge, None, super::Found::Could) => Answer::could_not("nothing arrives outside"),
        (Witness::Judge, None, _) | (Witness::Probe, _, _) => answer,
    };
    Row::new(attempt, network, answer)
}

/// What the probe said, or what its end says.
fn answer(attempt: &Attempt, outcome: &Outcome) -> Answer {
    let mut answers = outcome.answers.iter();
    if let Some(line) = answers.find(|line| line.attempt == attempt.name) {
        return line.answer.clone();
    }
    let by_limit = attempt.family == Family::Limits;
    match &outcome.exit {
        Exit::Limit(limit) if by_limit => Answer::could_not(limit.clone()),
        Exit::Signal(signal) if by_limit => {
            Answer::could_not(format!("ended by {}", name_of(*signal)))
        }
        Exit::Code(_) | Exit::Signal(_) | Exit::Limit(_) | Exit::Unknown => {
            Answer::unknown(format!("no answer: {}", outcome.exit))
        }
    }
}
