//! Instances that are ended.

use super::{EventLog, KILLED_WITHIN, PROMPT, Program, Suite, TERMINATED_WITHIN, within};
use crate::ports::{Exit, Stop};

pub(super) async fn try_all(suite: &mut Suite<'_>) {
    asked(suite).await;
    exit_during_stop(suite).await;
    for program in [Program::IgnoreRequests, Program::Daemon] {
        stubborn(suite, program).await;
    }
    left_daemon(suite).await;
    many(suite).await;
}

/// Asked twice: the second time changes nothing.
async fn asked(suite: &mut Suite<'_>) {
    let Some(run) = suite.run(Program::EndWhenAsked(5)).await else {
        return;
    };
    suite.up(&run).await;
    assert!(
        suite.stop(&run, Stop::Terminate).await,
        "an instance that runs is there to be stopped, and that is Ok(true)"
    );
    suite.stop(&run, Stop::Terminate).await;
    let run = suite.gone(run, TERMINATED_WITHIN).await;
    assert_eq!(
        run.log.exit(),
        Some(Exit::Code(5)),
        "one that ends when it is asked has the time to end in its own way"
    );
    suite.clear(run.instance, run.workspace).await;
}

/// It ends by itself while it is stopped, or just before: whichever was first, it is told once.
async fn exit_during_stop(suite: &mut Suite<'_>) {
    for _ in 0..3 {
        let program = Program::Print {
            lines: vec!["bye".to_owned()],
            code: 3,
        };
        let Some(run) = suite.run(program).await else {
            return;
        };
        suite.stop(&run, Stop::Terminate).await;
        suite.stop(&run, Stop::Kill).await;
        suite.gone_and_cleared(run, KILLED_WITHIN).await;
    }
}

async fn stubborn(suite: &mut Suite<'_>, program: Program) {
    // Killed at once; asked and killed at once; and asked only.
    for orders in [
        [Some(Stop::Kill), None],
        [Some(Stop::Terminate), Some(Stop::Kill)],
        [Some(Stop::Kill), Some(Stop::Terminate)],
        [Some(Stop::Terminate), None],
    ] {
        let Some(run) = suite.run(program.clone()).await else {
            return;
        };
        suite.up(&run).await;
        let mut limit = TERMINATED_WITHIN;
        for how in orders.into_iter().flatten() {
            suite.stop(&run, how).await;
            if how == Stop::Kill {
                limit = KILLED_WITHIN;
            }
        }
        suite.gone_and_cleared(run, limit).await;
    }
}

/// The first process ends and leaves a daemon behind: the instance is not gone before that is.
async fn left_daemon(suite: &mut Suite<'_>) {
    let Some(run) = suite.run(Program::LeaveDaemon).await else {
        return;
    };
    let ended = within(suite.rig, PROMPT, run.log.until(|log| log.exit().is_some())).await;
    assert!(
        ended.is_some(),
        "the end of the first process is told although others are left: {:?}",
        run.log.events()
    );
    // As the simulation machine does when it hears of the end.
    suite.stop(&run, Stop::Terminate).await;
    suite.gone_and_cleared(run, TERMINATED_WITHIN).await;
}

/// Several at the same time, each with its own log: the end of one is not the end of another.
async fn many(suite: &mut Suite<'_>) {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let Some(run) = suite.run(Program::EndWhenAsked(0)).await else {
            return;
        };
        suite.up(&run).await;
        runs.push(run);
    }
    while let Some(run) = runs.pop() {
        suite.stop(&run, Stop::Kill).await;
        suite.gone_and_cleared(run, KILLED_WITHIN).await;
        for other in &runs {
            assert!(
                !EventLog::is_gone(&other.log) && other.log.exit().is_none(),
                "to stop one instance does not stop another"
            );
        }
    }
}
