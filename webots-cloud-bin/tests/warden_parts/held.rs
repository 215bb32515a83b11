//! Trees that are traced, and that are stopped: the killing wins.

use std::fs;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{InstanceLauncher, Stop};

use super::limited::{exit, start, where_it_is_seen};
use super::rig::{ALL_GONE, STUBBORN, STUBBORN_COUNT, alive, until, warden_of};

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
