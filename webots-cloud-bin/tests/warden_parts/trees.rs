//! Trees that do not want to end.

use std::time::{Duration, Instant};

use webots_cloud::adapters::process::{GRACE, STRAY_GRACE};
use webots_cloud_core::ports::{Exit, InstanceEvent, InstanceLauncher, Network, Stop, StopPlan};

use super::rig::{ALL_GONE, Rig, STUBBORN, STUBBORN_COUNT, kill, until, warden_of};

async fn ends_within(rig: &Rig, run: &super::rig::Run, how: Stop, limit: Duration) -> Duration {
    let start = Instant::now();
    assert_eq!(rig.launcher.stop(run.id, how).await, Ok(true));
    run.events.gone().await;
    let took = start.elapsed();
    assert_eq!(rig.alive(), [0; 0], "gone means gone");
    assert!(took < limit, "took {took:?}");
    println!("{how:?}: gone after {took:?}");
    took
}

#[tokio::test]
async fn a_stubborn_tree_is_asked_and_then_killed() {
    let rig = Rig::new();
    let run = rig.run(STUBBORN).await;
    rig.running(STUBBORN_COUNT + 1).await;
    // Its leader ends when asked, and that shortens the grace of the rest.
    ends_within(&rig, &run, Stop::Terminate, GRACE).await;
}

#[tokio::test]
async fn a_stubborn_tree_is_killed_at_once() {
    let rig = Rig::new();
    let run = rig.run(STUBBORN).await;
    rig.running(STUBBORN_COUNT + 1).await;
    ends_within(&rig, &run, Stop::Kill, Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_leader_that_ignores_the_request_has_its_grace() {
    let rig = Rig::new();
    for stop in [StopPlan::SignalTree, StopPlan::SignalLeader] {
        let script = "trap '' TERM; echo up; while :; do sleep 1000; done";
        let run = rig.run_as(script, stop).await;
        run.events.line("up").await;
        let took = ends_within(&rig, &run, Stop::Terminate, ALL_GONE).await;
        assert!(took >= GRACE, "took {took:?}");
    }
}

#[tokio::test]
async fn a_daemon_is_found() {
    let rig = Rig::new();
    // Forks twice with a session of its own, so that its parent is nobody of the tree.
    let script = "(setsid sh -c 'trap \"\" TERM HUP; sleep 1000 & wait' & ) ; echo up; sleep 1000";
    let run = rig.run(script).await;
    run.events.line("up").await;
    rig.running(4).await;
    ends_within(&rig, &run, Stop::Terminate, ALL_GONE).await;
}

#[tokio::test]
async fn a_stopped_process_ends_too() {
    let rig = Rig::new();
    let run = rig
        .run("sleep 1000 & kill -STOP $!; echo up; kill -STOP $$; wait")
        .await;
    run.events.line("up").await;
    let took = ends_within(&rig, &run, Stop::Terminate, ALL_GONE).await;
    assert!(
        took < GRACE,
        "both were woken to hear the request: {took:?}"
    );
}

#[tokio::test]
async fn a_leader_that_leaves_a_daemon_is_told_at_once() {
    let rig = Rig::new();
    let run = rig
        .run("(trap '' TERM; setsid sleep 1000 & ) ; echo up; exit 7")
        .await;
    let events = run.events.gone().await;
    assert!(events.contains(&InstanceEvent::Ended(Exit::Code(7))));
    let ended = run
        .events
        .when(|event| matches!(event, InstanceEvent::Ended(_)));
    let gone = run
        .events
        .when(|event| *event == InstanceEvent::Gone)
        .expect("gone");
    let between = gone - ended.expect("ended");
    assert!(
        between >= STRAY_GRACE / 2 && between < Duration::from_secs(2),
        "{between:?}"
    );
    assert_eq!(rig.alive(), [0; 0]);
}

#[tokio::test]
async fn a_killed_warden_leaves_nothing() {
    let rig = Rig::new();
    let run = rig.run(STUBBORN).await;
    rig.running(STUBBORN_COUNT + 1).await;
    kill(warden_of(&rig.mark).expect("a warden"));
    run.events.gone().await;
    assert_eq!(run.events.exit(), Some(Exit::Unknown));
    assert_eq!(rig.alive(), [0; 0]);
}

#[tokio::test]
async fn forks_that_race_with_the_killing_lose() {
    let rig = Rig::new();
    // Each lives a moment and leaves another: the tree is never the same for two looks.
    let script = "f() { (trap '' TERM; sleep 0.02; f) & }; f; f; f; echo up; sleep 1000";
    let run = rig.run(script).await;
    run.events.line("up").await;
    ends_within(&rig, &run, Stop::Terminate, ALL_GONE).await;
    until("nothing", ALL_GONE, || rig.alive().is_empty()).await;
}

#[tokio::test]
async fn with_the_guard_and_no_sandbox_the_same_holds() {
    let rig = Rig::new();
    let (id, workspace) = super::rig::prepare(&rig.launcher).await;
    let command = rig.launcher.guard(rig.shell(&workspace, STUBBORN));
    let command = webots_cloud_core::ports::Confined {
        command,
        stop: StopPlan::SignalTree,
        network: Network::Host,
    };
    let run = rig.start(id, workspace, command).await.expect("it starts");
    rig.running(STUBBORN_COUNT + 2).await;
    ends_within(&rig, &run, Stop::Terminate, GRACE).await;
    assert_eq!(run.events.exit(), Some(Exit::Signal(15)));
}
