//! The same through the real sandboxes, with a warden inside.

use std::path::Path;
use std::time::{Duration, Instant};

use webots_cloud::adapters::process::GRACE;
use webots_cloud_core::ports::{Exit, InstanceLauncher, Listening, Network, Stop};

use super::confined::{Kind, NETWORKS, confine, program};
use super::rig::{
    ALL_GONE, Rig, Run, STUBBORN, STUBBORN_COUNT, WARDEN, alive, free_port, kill, prepare,
    warden_of,
};

async fn start(kind: Kind, network: Network, script: &str) -> Option<(Rig, Run)> {
    let sandbox = program(kind)?;
    let rig = Rig::new();
    let (id, workspace) = prepare(&rig.launcher).await;
    let inner = rig.launcher.guard(rig.shell(&workspace, script));
    let command = confine(kind, network, &sandbox, inner, &workspace);
    let run = rig.start(id, workspace, command).await;
    Some((rig, run.expect("it starts")))
}

async fn stubborn(kind: Kind, network: Network) -> Option<(Rig, Run)> {
    let (rig, run) = start(kind, network, &format!("echo up; {STUBBORN}")).await?;
    run.events.line("up").await;
    rig.running(STUBBORN_COUNT + 1).await;
    Some((rig, run))
}

async fn every_end(kind: Kind, network: Network) {
    for how in [Stop::Terminate, Stop::Kill] {
        let Some((rig, run)) = stubborn(kind, network).await else {
            return;
        };
        let begun = Instant::now();
        rig.launcher.stop(run.id, how).await.expect("ordered");
        run.events.gone().await;
        println!(
            "{kind:?} {network:?} {how:?}: gone after {:?}",
            begun.elapsed()
        );
        assert!(begun.elapsed() < GRACE);
        assert_eq!(rig.alive(), [0; 0]);
        rig.launcher
            .clear(run.id, run.workspace)
            .await
            .expect("cleared");
    }
    for inside in [false, true] {
        let Some((rig, run)) = stubborn(kind, network).await else {
            return;
        };
        let begun = Instant::now();
        let found = if inside {
            inside_warden_of(&rig.mark)
        } else {
            warden_of(&rig.mark)
        };
        let Some(warden) = found else {
            println!("skipped: {kind:?} hides the warden inside from this user");
            continue;
        };
        kill(warden);
        if inside && matches!(kind, Kind::Firejail) {
            // It goes on as long as any of its processes does, but can still be ended.
            let ended = rig.launcher.stop(run.id, Stop::Terminate);
            ended.await.expect("ordered");
        }
        run.events.gone().await;
        println!(
            "{kind:?} {network:?}, inside: {inside}, warden killed: gone after {:?}",
            begun.elapsed()
        );
        assert_eq!(rig.alive(), [0; 0]);
    }
}

/// The process that *is* the warden, and not a sandbox that was told to start it.
fn inside_warden_of(mark: &str) -> Option<i32> {
    let warden = Path::new(WARDEN).canonicalize().expect("built");
    let start = format!("{}\0--warden-inside\0", warden.display());
    alive(mark).into_iter().find(|pid| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.starts_with(start.as_bytes()))
    })
}

async fn deaf_leader(kind: Kind, network: Network) {
    let script = "trap '' TERM HUP INT; echo up; while :; do sleep 1000; done";
    let Some((rig, run)) = start(kind, network, script).await else {
        return;
    };
    run.events.line("up").await;
    let begun = Instant::now();
    rig.launcher
        .stop(run.id, Stop::Terminate)
        .await
        .expect("ordered");
    run.events.gone().await;
    println!("{kind:?}, deaf leader: gone after {:?}", begun.elapsed());
    assert!(begun.elapsed() >= GRACE && begun.elapsed() < ALL_GONE - Duration::from_secs(1));
    assert_eq!(rig.alive(), [0; 0]);
}

async fn own_exit(kind: Kind, network: Network) {
    let Some((_rig, run)) = start(kind, network, "pwd; readlink /proc/$$/fd/0; exit 7").await
    else {
        return;
    };
    run.events.gone().await;
    let folder = run.workspace.path.to_str().expect("UTF-8").to_owned();
    // Before them firejail may complain about /etc.
    let lines = run.events.lines();
    assert!(
        lines.ends_with(&[folder, "/dev/null".to_owned()]),
        "{lines:?}"
    );
    assert_eq!(run.events.exit(), Some(Exit::Code(7)));
    let Some((_rig, run)) = start(kind, network, "kill -SEGV $$").await else {
        return;
    };
    run.events.gone().await;
    assert_eq!(run.events.exit(), Some(Exit::Signal(11)));
}

/// Ordinary users cannot look into firejail's processes: the second way to know is used there.
async fn listener(kind: Kind) {
    if !Path::new("/usr/bin/python3").exists() {
        println!("skipped: no python3");
        return;
    }
    let port = free_port();
    let script = format!(
        "/usr/bin/python3 -c 'import socket,time\ns = socket.socket()\ns.bind((\"\", {port}))\n\
         s.listen()\nprint(\"up\", flush=True)\ntime.sleep(1000)' & wait"
    );
    let Some((rig, run)) = start(kind, Network::Host, &script).await else {
        return;
    };
    run.events.line("up").await;
    assert_eq!(
        rig.launcher.listening(run.id, port).await,
        Ok(Listening::Instance)
    );
    let stray = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let other = stray.local_addr().expect("bound").port();
    assert_eq!(
        rig.launcher.listening(run.id, other).await,
        Ok(Listening::Stranger)
    );
    rig.launcher
        .stop(run.id, Stop::Kill)
        .await
        .expect("ordered");
    run.events.gone().await;
}

#[tokio::test]
async fn firejail_listener() {
    listener(Kind::Firejail).await;
}

#[tokio::test]
async fn bubblewrap_listener() {
    listener(Kind::Bubblewrap).await;
}

#[tokio::test]
async fn firejail_every_end() {
    for network in NETWORKS {
        every_end(Kind::Firejail, network).await;
    }
}

#[tokio::test]
async fn firejail_deaf_leader() {
    for network in NETWORKS {
        deaf_leader(Kind::Firejail, network).await;
    }
}

#[tokio::test]
async fn firejail_own_exit() {
    for network in NETWORKS {
        own_exit(Kind::Firejail, network).await;
    }
}

#[tokio::test]
async fn bubblewrap_every_end() {
    for network in NETWORKS {
        every_end(Kind::Bubblewrap, network).await;
    }
}

#[tokio::test]
async fn bubblewrap_deaf_leader() {
    for network in NETWORKS {
        deaf_leader(Kind::Bubblewrap, network).await;
    }
}

#[tokio::test]
async fn bubblewrap_own_exit() {
    for network in NETWORKS {
        own_exit(Kind::Bubblewrap, network).await;
    }
}
