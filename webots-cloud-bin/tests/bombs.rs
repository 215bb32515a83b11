//! Processes that multiply without an end, as strangers' programs may: the killing wins.
//!
//! A bomb takes both processors, so nothing else is measured beside it: these tests are a program of
//! their own, and take turns.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

use std::time::Instant;

use tokio::sync::{Mutex, MutexGuard};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Stop};

#[path = "warden_parts/confined.rs"]
#[allow(dead_code)]
mod confined;
#[path = "warden_parts/limited.rs"]
#[allow(dead_code)]
mod limited;
#[path = "warden_parts/rig.rs"]
#[allow(dead_code)]
mod rig;

use limited::{EVERYWHERE, exit, is_ended, is_ended_in, start};

const WORDS: &str = "it had more than its 64 processes and threads";

/// Held by the test whose turn it is.
async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

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
    let _turn = turn().await;
    is_ended(&bomb("pass"), limits(), WORDS).await;
}

/// No process group holds more than one of them.
#[tokio::test]
async fn a_bomb_of_processes_in_sessions_of_their_own() {
    let _turn = turn().await;
    is_ended_in(None, &bomb("os.setsid()"), limits(), WORDS).await;
}

/// The first process, which is known best, is the first to go.
#[tokio::test]
async fn a_bomb_that_its_leader_leaves_behind() {
    let _turn = turn().await;
    let script = format!("if os.fork(): os._exit(3)\n{}", bomb("os.setsid()"));
    for kind in EVERYWHERE {
        let Some((rig, run)) = start(kind, &script, Limits::default()).await else {
            return;
        };
        exit(&rig, &run).await;
    }
}

#[tokio::test]
async fn forks_without_an_end_while_it_is_asked_and_killed() {
    let _turn = turn().await;
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
