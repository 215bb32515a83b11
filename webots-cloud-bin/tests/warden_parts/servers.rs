//! Servers that die, and what the next one does.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use webots_cloud_core::ports::{Confined, InstanceLauncher, Network, StopPlan};

use super::confined::{Kind, NETWORKS, confine, program};
use super::rig::{
    ALL_GONE, Recorder, Rig, STUBBORN, STUBBORN_COUNT, WARDEN, alive, free_port, fresh_mark, kill,
    launch, launcher_in, prepare, shell, signal, until, warden_of, wardens_of,
};

const FOLDER: &str = "WEBOTS_CLOUD_TEST_SERVER_FOLDER";
const INSTANCES: &str = "WEBOTS_CLOUD_TEST_SERVER_INSTANCES";
const SANDBOX: &str = "WEBOTS_CLOUD_TEST_SERVER_SANDBOX";
const THEIR_MARK: &str = "WEBOTS_CLOUD_TEST_SERVER_MARK";

/// Not a test, but the server that the tests below start and kill.
#[tokio::test]
async fn the_server_to_be_killed() {
    let (Ok(folder), Ok(mark)) = (std::env::var(FOLDER), std::env::var(THEIR_MARK)) else {
        return;
    };
    let count: usize = std::env::var(INSTANCES)
        .expect("set")
        .parse()
        .expect("a number");
    let launcher = launcher_in(Path::new(&folder), Path::new(WARDEN));
    for _ in 0..count {
        let (id, workspace) = prepare(&launcher).await;
        let command = shell(&mark, &workspace, STUBBORN);
        let given = std::env::var(SANDBOX).expect("set");
        let all = NETWORKS
            .map(|network| [Kind::Firejail, Kind::Bubblewrap].map(|kind| Some((kind, network))));
        let wanted = all
            .into_iter()
            .flatten()
            .find(|it| format!("{it:?}") == given);
        let command = match wanted.flatten() {
            Some((kind, network)) => {
                let sandbox = program(kind).expect("looked for before");
                let guarded = launcher.guard(command);
                confine(kind, network, &sandbox, guarded, &workspace)
            }
            None => Confined {
                command,
                stop: StopPlan::SignalTree,
                network: Network::Host,
            },
        };
        let order = launch(id, workspace, command, free_port());
        launcher
            .launch(order, Arc::new(Recorder::default()))
            .await
            .expect("it starts");
    }
    fs::write(Path::new(&folder).join("up"), "").expect("written");
    std::future::pending::<()>().await;
}

pub(crate) async fn server(folder: &Path, mark: &str, instances: usize) -> tokio::process::Child {
    server_with(folder, mark, instances, None).await
}

async fn server_with(
    folder: &Path,
    mark: &str,
    instances: usize,
    sandbox: Option<(Kind, Network)>,
) -> tokio::process::Child {
    let server = tokio::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "servers::the_server_to_be_killed", "--nocapture"])
        .env(FOLDER, folder)
        .env(INSTANCES, instances.to_string())
        .env(SANDBOX, format!("{sandbox:?}"))
        .env(THEIR_MARK, mark)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("this test again");
    let up = folder.join("up");
    until("the server", Duration::from_secs(30), || up.exists()).await;
    let all = instances * (STUBBORN_COUNT + 1);
    until("its instances", Duration::from_secs(30), || {
        alive(mark).len() >= all
    })
    .await;
    fs::remove_file(up).expect("there");
    server
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("there").count()
}

#[tokio::test]
async fn a_killed_server_leaves_no_process_and_the_next_no_workspace() {
    let rig = Rig::new();
    let mark = fresh_mark();
    let mut dead = server(rig.folder.path(), &mark, 20).await;
    let living_mark = fresh_mark();
    let mut living = server(rig.folder.path(), &living_mark, 1).await;
    fs::create_dir(rig.instances().join("w1-1-abc-1")).expect("a folder of somebody else");
    assert_eq!(entries(&rig.instances()), 20 * 2 + 2 + 1);

    let start = Instant::now();
    dead.start_kill().expect("ours");
    dead.wait().await.expect("dead");
    until("all to be gone", ALL_GONE, || alive(&mark).is_empty()).await;
    println!(
        "server killed: 20 instances gone after {:?}",
        start.elapsed()
    );

    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.kept, report.left), (20, 1, vec![]));
    assert_eq!(entries(&rig.instances()), 3);
    assert!(
        alive(&living_mark).len() > STUBBORN_COUNT,
        "the other server's instance lives"
    );
    living.start_kill().expect("ours");
    living.wait().await.expect("dead");
    until("all to be gone", ALL_GONE, || {
        alive(&living_mark).is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_server_killed_with_its_wardens_is_swept_up() {
    let rig = Rig::new();
    let mark = fresh_mark();
    let mut dead = server(rig.folder.path(), &mark, 2).await;
    kill_with_wardens(&mut dead, &mark).await;
    assert!(
        !alive(&mark).is_empty(),
        "without a warden and a sandbox they live on"
    );
    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.left), (2, vec![]));
    assert_eq!(alive(&mark), [0; 0]);
    assert_eq!(entries(&rig.instances()), 0);
}

/// Kills the server and its outside wardens, none of which gets to act.
pub(crate) async fn kill_with_wardens(server: &mut tokio::process::Child, mark: &str) {
    let pid = i32::try_from(server.id().expect("it runs")).expect("small");
    signal(pid, Signal::STOP);
    while let Some(warden) = warden_of(mark) {
        kill(warden);
        until("it to end", ALL_GONE, || warden_of(mark) != Some(warden)).await;
    }
    server.start_kill().expect("ours");
    server.wait().await.expect("dead");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wardens {
    Live,
    Stopped,
    Killed,
}

async fn only_the_inside_wardens_are_left(kind: Kind, network: Network) {
    if program(kind).is_none() {
        return;
    }
    for wardens in [Wardens::Live, Wardens::Stopped, Wardens::Killed] {
        let rig = Rig::new();
        let mark = fresh_mark();
        let mut dead = server_with(rig.folder.path(), &mark, 3, Some((kind, network))).await;
        let stopped = match wardens {
            Wardens::Stopped => wardens_of(&mark),
            Wardens::Live | Wardens::Killed => Vec::new(),
        };
        stopped
            .iter()
            .for_each(|warden| signal(*warden, Signal::STOP));
        if wardens == Wardens::Killed {
            kill_with_wardens(&mut dead, &mark).await;
        } else {
            dead.start_kill().expect("ours");
            dead.wait().await.expect("dead");
        }
        let start = Instant::now();
        // Those that are stopped cannot go, nor wait for the dead sandboxes.
        until("all to be gone", ALL_GONE, || {
            alive(&mark).len() <= stopped.len()
        })
        .await;
        println!(
            "{kind:?} {network:?}, server killed, wardens {wardens:?}: {:?}",
            start.elapsed()
        );
        stopped
            .iter()
            .for_each(|warden| signal(*warden, Signal::CONT));
        until("all to be gone", ALL_GONE, || alive(&mark).is_empty()).await;
        let report = rig.launcher.sweep().await.expect("swept");
        assert_eq!((report.removed, report.left), (3, vec![]));
    }
}

#[tokio::test]
async fn firejail_when_the_server_dies() {
    for network in NETWORKS {
        only_the_inside_wardens_are_left(Kind::Firejail, network).await;
    }
}

#[tokio::test]
async fn bubblewrap_when_the_server_dies() {
    for network in NETWORKS {
        only_the_inside_wardens_are_left(Kind::Bubblewrap, network).await;
    }
}
