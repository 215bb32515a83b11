//! Trees that multiply, that are traced, that are stopped: the killing wins.

use std::fs;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Stop};

use super::limited::{EVERYWHERE, exit, is_ended, is_ended_in, start, where_it_is_seen};
use super::rig::{ALL_GONE, STUBBORN, STUBBORN_COUNT, alive, until, warden_of};
use super::sandboxes::Kind;

const WORDS: &str = "it had more than its 64 processes and threads";

fn limits() -> Limits {
    Limits {
        processes: Some(64),
        ..Limits::default()
    }
}

/// Up to 1024 processes, each of which, once they are there, leaves another and ends, for ever: they
/// are never the same for two looks. Only the first one stays. `leave` is what each other does first.
fn bomb(leave: &str) -> String {
    format!(
        "for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
def leave():
    {leave}
first, left = os.getpid(), 10
while left:
    left -= 1
    if os.fork() == 0: leave()
end = time.monotonic() + 50
if os.getpid() == first: stay()
while time.monotonic() < end:
    if os.fork() != 0: os._exit(0)
    leave()"
    )
}

#[tokio::test]
async fn a_bomb_of_processes() {
    is_ended(&bomb("pass"), limits(), WORDS).await;
}

/// No process group holds more than one of them.
#[tokio::test]
async fn a_bomb_of_processes_in_sessions_of_their_own() {
    is_ended_in(None, &bomb("os.setsid()"), limits(), WORDS).await;
}

/// The first process, which is known best, is the first to go.
#[tokio::test]
async fn a_bomb_that_its_leader_leaves_behind() {
    let script = format!("if os.fork(): os._exit(3)\n{}", bomb("os.setsid()"));
    for kind in [None, Some(Kind::Bubblewrap)] {
        let Some((rig, run)) = start(kind, &script, Limits::default()).await else {
            return;
        };
        exit(&rig, &run).await;
    }
}

#[tokio::test]
async fn forks_without_an_end_while_it_is_asked_and_killed() {
    for how in [Stop::Terminate, Stop::Kill] {
        for kind in EVERYWHERE {
            let script = bomb("os.setsid()").replace("os.getpid(), 10", "os.getpid(), 6");
            let Some((rig, run)) = start(kind, &script, Limits::default()).await else {
                return;
            };
            run.events.line("up").await;
            let begun = Instant::now();
            rig.launcher.stop(run.id, how).await.expect("ordered");
            exit(&rig, &run).await;
            println!("{kind:?} {how:?}: gone after {:?}", begun.elapsed());
        }
    }
}

/// One traces the other and never waits for it; and the leader is traced by the warden itself.
#[tokio::test]
async fn the_traced_end_too() {
    let script = "import ctypes
trace = ctypes.CDLL(None, use_errno=True).ptrace
if trace(0, 0, 0, 0) != 0: print('cannot be traced', flush=True)
if os.fork() == 0:
    if os.fork() == 0:
        trace(0, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
    stay()
stay()";
    for how in [Stop::Terminate, Stop::Kill] {
        for kind in where_it_is_seen() {
            let Some((rig, run)) = start(kind, script, Limits::default()).await else {
                return;
            };
            run.events.line("up").await;
            rig.running(4).await;
            let begun = Instant::now();
            rig.launcher.stop(run.id, how).await.expect("ordered");
            exit(&rig, &run).await;
            println!("{kind:?} {how:?}: gone after {:?}", begun.elapsed());
        }
    }
}

/// All but the outside warden, the inside one too.
#[tokio::test]
async fn the_stopped_end_too() {
    for kind in where_it_is_seen() {
        let script = format!("os.execv('/bin/sh', ['sh', '-c', '''{STUBBORN}'''])");
        let script = script.replace("sleep 1000", "sleep 50");
        let Some((rig, run)) = start(kind, &script, Limits::default()).await else {
            return;
        };
        rig.running(STUBBORN_COUNT + 1).await;
        let warden = warden_of(&rig.mark).expect("a warden");
        until("all to be stopped", ALL_GONE, || {
            let mut running = alive(&rig.mark);
            running.retain(|pid| *pid != warden && !is_stopped(*pid));
            for pid in &running {
                let _ = kill_process(Pid::from_raw(*pid).expect("a pid"), Signal::STOP);
            }
            running.is_empty()
        })
        .await;
        let begun = Instant::now();
        let ordered = rig.launcher.stop(run.id, Stop::Terminate).await;
        ordered.expect("ordered");
        exit(&rig, &run).await;
        println!("{kind:?}: gone after {:?}", begun.elapsed());
    }
}

fn is_stopped(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    // One that is gone is not running either.
    status.is_empty() || status.contains("State:\tT") || status.contains("State:\tZ")
}
