//! Wardens that somebody stopped.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use webots_cloud_core::ports::{InstanceLauncher, Stop};

use super::rig::{ALL_GONE, Rig, STUBBORN, STUBBORN_COUNT, alive, fresh_mark, until, wardens_of};
use super::servers::server;

/// Stops these, and waits until they are.
async fn stop(pids: &[i32]) {
    for pid in pids {
        kill_process(Pid::from_raw(*pid).expect("a pid"), Signal::STOP).expect("ours");
        until("it to stop", ALL_GONE, || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            stat.is_ok_and(|stat| stat.contains(") T "))
        })
        .await;
    }
}

#[tokio::test]
async fn a_stopped_warden_hears_the_order_all_the_same() {
    for how in [Stop::Terminate, Stop::Kill] {
        let rig = Rig::new();
        let run = rig.run(STUBBORN).await;
        rig.running(STUBBORN_COUNT + 1).await;
        stop(&wardens_of(&rig.mark)).await;
        assert_eq!(rig.launcher.stop(run.id, how).await, Ok(true));
        run.events.gone().await;
        assert_eq!(rig.alive(), [0; 0]);
    }
}

#[tokio::test]
async fn the_stopped_wardens_of_a_dead_server_do_not_hold_up_the_next_one() {
    let rig = Rig::new();
    let mark = fresh_mark();
    let mut dead = server(rig.folder.path(), &mark, 6).await;
    let wardens = wardens_of(&mark);
    assert_eq!(wardens.len(), 6);
    stop(&wardens).await;
    dead.start_kill().expect("ours");
    dead.wait().await.expect("dead");
    let begun = Instant::now();
    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.left), (6, vec![]));
    assert_eq!(alive(&mark), [0; 0]);
    // One after the other would be 27 s.
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}
