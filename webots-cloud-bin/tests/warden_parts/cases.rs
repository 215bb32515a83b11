//! What every launcher has to do.

use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{
    Confined, ErrorKind, Exit, InstanceEvent, InstanceLauncher, Network, Stop, StopPlan,
};

use super::rig::{Rig, prepare};

#[tokio::test]
async fn an_instance_that_ends_by_itself_is_told_in_order() {
    let rig = Rig::new();
    let run = rig
        .run("echo one; echo two >&2; printf three; exit 3")
        .await;
    let events = run.events.gone().await;
    let line = |text: &str| InstanceEvent::Line(text.to_owned());
    let ended = InstanceEvent::Ended(Exit::Code(3));
    assert_eq!(
        events,
        [
            line("one"),
            line("two"),
            line("three"),
            ended,
            InstanceEvent::Gone
        ]
    );
    assert_eq!(rig.alive(), [0; 0]);
    let again = rig.launcher.stop(run.id, Stop::Terminate).await;
    assert_eq!(again, Ok(false), "gone is gone");
}

#[tokio::test]
async fn stop_comes_twice_and_before_the_start() {
    let rig = Rig::new();
    assert_eq!(
        rig.launcher.stop(InstanceId(4711), Stop::Kill).await,
        Ok(false)
    );
    let run = rig.run("echo up; exec sleep 1000").await;
    run.events.line("up").await;
    assert_eq!(rig.launcher.stop(run.id, Stop::Terminate).await, Ok(true));
    let _ = rig.launcher.stop(run.id, Stop::Terminate).await;
    let _ = rig.launcher.stop(run.id, Stop::Kill).await;
    run.events.gone().await;
    assert!(
        matches!(run.events.exit(), Some(Exit::Signal(9 | 15))),
        "{run:?}"
    );
}

#[tokio::test]
async fn an_exit_while_it_is_stopped_keeps_its_code() {
    let rig = Rig::new();
    let run = rig
        .run("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done")
        .await;
    run.events.line("up").await;
    assert_eq!(rig.launcher.stop(run.id, Stop::Terminate).await, Ok(true));
    run.events.gone().await;
    assert_eq!(run.events.exit(), Some(Exit::Code(5)));
}

#[tokio::test]
async fn a_mebibyte_without_an_end_is_one_cut_line() {
    let rig = Rig::new();
    let run = rig
        .run("head -c 1048576 /dev/zero | tr '\\0' x; echo; echo after")
        .await;
    run.events.gone().await;
    let lines = run.events.lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].ends_with("x […]") && lines[0].len() < 4200);
    assert_eq!(lines[1], "after");
}

#[tokio::test]
async fn what_is_not_there_is_not_started() {
    let rig = Rig::new();
    let (id, workspace) = prepare(&rig.launcher).await;
    let mut command = rig.shell(&workspace, "");
    command.program = "/no/such/program".to_owned();
    let command = Confined {
        command,
        stop: StopPlan::SignalTree,
        network: Network::Host,
    };
    let error = rig
        .start(id, workspace.clone(), command)
        .await
        .expect_err("not there");
    assert_eq!(error.kind(), ErrorKind::Permanent);
    assert!(
        !error.to_string().contains('/'),
        "no paths for strangers: {error}"
    );
    assert_eq!(rig.alive(), [0; 0]);
    assert_eq!(rig.launcher.stop(id, Stop::Kill).await, Ok(false));
    rig.launcher
        .clear(id, workspace.clone())
        .await
        .expect("cleared");
    assert!(!workspace.path.exists());
}

#[tokio::test]
async fn it_gets_the_environment_it_is_given_and_no_input() {
    let rig = Rig::new();
    let script = "env | cut -d= -f1 | sort | tr '\\n' ' '; echo; readlink /proc/$$/fd/0; \
                  ls -m /proc/$$/fd; pwd";
    let run = rig.run(script).await;
    run.events.gone().await;
    let lines = run.events.lines();
    let names = "HOME PATH PWD WEBOTS_CLOUD_INSTANCE WEBOTS_CLOUD_TEST_MARK ";
    // Shells add a variable or two of their own.
    assert_eq!(
        lines[0]
            .replace("OLDPWD ", "")
            .replace("SHLVL ", "")
            .replace("_ ", ""),
        names
    );
    assert_eq!(lines[1], "/dev/null");
    assert!(
        matches!(lines[2].as_str(), "0, 1, 2" | "0, 1, 10, 2"),
        "{lines:?}"
    );
    assert_eq!(lines[3], run.workspace.path.to_str().expect("UTF-8"));
}

#[tokio::test]
async fn shutdown_waits_for_all() {
    let rig = Rig::new();
    let one = rig.run("exec sleep 1000").await;
    let two = rig.run("exec sleep 1000").await;
    rig.launcher.shutdown().await;
    assert!(one.events.is_gone() && two.events.is_gone());
    assert_eq!(rig.alive(), [0; 0]);
}

#[tokio::test]
async fn a_flood_of_output_does_not_delay_the_end() {
    let rig = Rig::new();
    let noisy = rig.run("echo up; exec yes").await;
    noisy.events.line("up").await;
    let quiet = rig.run("echo hello").await;
    quiet.events.gone().await;
    rig.launcher
        .stop(noisy.id, Stop::Terminate)
        .await
        .expect("ordered");
    noisy.events.gone().await;
    assert!(noisy.events.lines().len() < 100_000);
}
