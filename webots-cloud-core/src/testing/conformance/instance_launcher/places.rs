//! Workspaces, and launches that fail.

use std::collections::BTreeSet;

use super::{PROMPT, Program, Suite, check_error, within};
use crate::ports::Stop;

pub(super) async fn try_all(suite: &mut Suite<'_>) {
    workspaces(suite).await;
    missing_program(suite).await;
    taken_port(suite).await;
}

async fn workspaces(suite: &mut Suite<'_>) {
    let mut paths = BTreeSet::new();
    let mut all = Vec::new();
    for _ in 0..3 {
        let (instance, workspace) = suite.prepare().await;
        let path = &workspace.path;
        assert!(
            path.is_absolute(),
            "a workspace's path is absolute, not {path:?}"
        );
        assert_eq!(
            suite.rig.below(path),
            Some(BTreeSet::new()),
            "a fresh workspace is an empty folder"
        );
        assert!(
            suite.rig.is_private(path),
            "nobody else may enter a workspace"
        );
        assert!(
            paths.insert(path.clone()),
            "no workspace is given twice, but {path:?} was"
        );
        suite.rig.write(&path.join("worlds/world.wbt"), b"#VRML");
        all.push((instance, workspace));
    }
    for (instance, workspace) in all {
        let stopped = suite.launcher.stop(instance, Stop::Terminate);
        let stopped = within(suite.rig, PROMPT, stopped).await;
        assert!(
            matches!(stopped, Some(Ok(false))),
            "an instance that was never launched is not there to be stopped, and that is \
             Ok(false), not {stopped:?}"
        );
        suite.clear(instance, workspace).await;
    }
    let (_, fresh) = {
        let (instance, workspace) = suite.prepare().await;
        suite.clear(instance, workspace.clone()).await;
        (instance, workspace)
    };
    assert!(
        !paths.contains(&fresh.path),
        "no workspace is given twice, not even after it was removed"
    );
}

async fn missing_program(suite: &mut Suite<'_>) {
    let (instance, workspace) = suite.prepare().await;
    if let Some(command) = suite.rig.command(&Program::Missing, &workspace) {
        let program = command.command.program.clone();
        let port = suite.rig.free_port();
        match suite.try_launch(instance, &workspace, command, port).await {
            Ok(_) => panic!("a program that is not there cannot be launched"),
            Err(error) => {
                check_error(&error, &[&program, &workspace.path.to_string_lossy()]);
            }
        }
        nothing_is_there(suite, instance, &workspace).await;
    }
    suite.clear(instance, workspace).await;
}

/// A port that a stranger has is either seen before anything is started, or told by `listening`.
async fn taken_port(suite: &mut Suite<'_>) {
    let port = suite.rig.free_port();
    let Some(stranger) = suite.rig.stranger_on(port) else {
        return;
    };
    let (instance, workspace) = suite.prepare().await;
    if let Some(command) = suite.rig.command(&Program::EndWhenAsked(0), &workspace) {
        match suite.try_launch(instance, &workspace, command, port).await {
            Ok(run) => {
                let who = suite.launcher.listening(instance, port);
                let who = within(suite.rig, PROMPT, who).await;
                assert!(
                    matches!(who, Some(Ok(crate::ports::Listening::Stranger))),
                    "somebody else who listens is a stranger, not {who:?}"
                );
                suite.stop(&run, Stop::Kill).await;
                suite.gone(run, super::KILLED_WITHIN).await;
            }
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    crate::ports::ErrorKind::PortTaken,
                    "a launch on a taken port says that it is taken: {error}"
                );
                check_error(&error, &[&workspace.path.to_string_lossy()]);
                nothing_is_there(suite, instance, &workspace).await;
            }
        }
    }
    drop(stranger);
    suite.clear(instance, workspace).await;
}

async fn nothing_is_there(
    suite: &Suite<'_>,
    instance: crate::id::InstanceId,
    workspace: &crate::ports::Workspace,
) {
    assert_eq!(
        suite.rig.processes(workspace),
        0,
        "a launch that fails leaves no process"
    );
    let stopped = within(suite.rig, PROMPT, suite.launcher.stop(instance, Stop::Kill)).await;
    assert!(
        matches!(stopped, Some(Ok(false))),
        "an instance whose launch failed is not there to be stopped, and that is Ok(false), \
         not {stopped:?}"
    );
}
