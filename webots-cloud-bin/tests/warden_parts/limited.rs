//! Instances that run a program in Python under limits.

use std::path::Path;
use std::time::{Duration, Instant};

use webots_cloud_core::config::CgroupChoice;
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{
    Confined, Exit, InstanceEvent, InstanceLauncher, Network, StopPlan,
};

use super::confined::{Kind, confine, program};
use super::rig::{Rig, Run, prepare, until};

const PYTHON: &str = "/usr/bin/python3";
/// Programs give up after a minute; looks are seldom on a busy machine.
const TOLD: Duration = Duration::from_secs(90);

/// What every program begins with. It ends by itself in any case.
const BEGIN: &str = "import os, signal, sys, threading, time
signal.alarm(60)
def stay(seconds=50):
    print('up', flush=True)
    time.sleep(seconds)
def burn(seconds):
    while time.process_time() < seconds: pass
";

/// Without a sandbox, and in each.
pub(crate) const EVERYWHERE: [Option<Kind>; 3] =
    [None, Some(Kind::Bubblewrap), Some(Kind::Firejail)];

/// Starts it, watched by the warden alone; `None` if something is not there.
pub(crate) async fn start(kind: Option<Kind>, script: &str, limits: Limits) -> Option<(Rig, Run)> {
    start_in(Rig::with(CgroupChoice::None), kind, script, limits).await
}

pub(crate) async fn start_in(
    rig: Rig,
    kind: Option<Kind>,
    script: &str,
    limits: Limits,
) -> Option<(Rig, Run)> {
    if !Path::new(PYTHON).exists() {
        println!("skipped: no {PYTHON}");
        return None;
    }
    let sandbox = match kind {
        Some(kind) => Some((kind, program(kind)?)),
        None => None,
    };
    let (id, workspace) = prepare(&rig.launcher).await;
    let mut command = rig.shell(&workspace, "");
    command.program = PYTHON.to_owned();
    command.arguments = vec!["-c".to_owned(), format!("{BEGIN}{script}")];
    let confined = match sandbox {
        Some((kind, program)) => {
            let command = rig.launcher.guard(command);
            confine(kind, Network::Host, &program, command, &workspace)
        }
        None => Confined {
            command,
            stop: StopPlan::SignalTree,
            network: Network::Host,
        },
    };
    let run = rig.start_with(id, workspace, confined, limits).await;
    Some((rig, run.expect("it starts")))
}

/// Waits for its end, and looks whether anything is left.
pub(crate) async fn exit(rig: &Rig, run: &Run) -> Exit {
    let begun = Instant::now();
    until("its end", TOLD, || run.events.is_gone()).await;
    let ended = |event: &InstanceEvent| matches!(event, InstanceEvent::Ended(_));
    let ended = run.events.when(ended).expect("told") - begun;
    println!("ended after {ended:?}, gone after {:?}", begun.elapsed());
    run.events.gone().await;
    assert_eq!(rig.alive(), [0; 0]);
    let workspace = run.workspace.clone();
    let cleared = rig.launcher.clear(run.id, workspace).await;
    cleared.expect("cleared");
    let left = std::fs::read_dir(rig.instances()).expect("there").count();
    assert_eq!(left, 0, "no workspace, no mark");
    run.events.exit().expect("told")
}

/// Where the server may look into the processes: an ordinary user's may not under firejail.
pub(crate) fn where_it_is_seen() -> Vec<Option<Kind>> {
    let mut all = EVERYWHERE.to_vec();
    if !rustix::process::geteuid().is_root() {
        println!("skipped: firejail hides it from an ordinary user");
        all.retain(|kind| !matches!(kind, Some(Kind::Firejail)));
    }
    all
}

pub(crate) async fn is_ended_where_it_is_seen(script: &str, limits: Limits, words: &str) {
    for kind in where_it_is_seen() {
        is_ended_in(kind, script, limits, words).await;
    }
}

/// Runs it everywhere: it is ended for this reason each time.
pub(crate) async fn is_ended(script: &str, limits: Limits, words: &str) {
    for kind in EVERYWHERE {
        is_ended_in(kind, script, limits, words).await;
    }
}

pub(crate) async fn is_ended_in(kind: Option<Kind>, script: &str, limits: Limits, words: &str) {
    let Some((rig, run)) = start(kind, script, limits).await else {
        return;
    };
    let exit = exit(&rig, &run).await;
    let lines = run.events.lines();
    assert_eq!(exit, Exit::Limit(words.to_owned()), "{kind:?} {lines:?}");
}

/// Runs it everywhere: it ends by itself each time.
pub(crate) async fn is_left_alone(script: &str, limits: Limits) {
    for kind in EVERYWHERE {
        is_left_alone_in(kind, script, limits).await;
    }
}

pub(crate) async fn is_left_alone_in(kind: Option<Kind>, script: &str, limits: Limits) {
    let Some((rig, run)) = start(kind, script, limits).await else {
        return;
    };
    let exit = exit(&rig, &run).await;
    let lines = run.events.lines();
    assert_eq!(exit, Exit::Code(0), "{kind:?} {lines:?}");
}
