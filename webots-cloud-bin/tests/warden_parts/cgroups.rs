//! cgroups of version 2, where this machine lets us make some.

use std::fs;
use std::path::PathBuf;

use webots_cloud_core::limits::Limits;
use webots_cloud_core::ports::{Exit, InstanceLauncher, Stop};

use super::confined::{Kind, program};
use super::limited::{exit, start_in};
use super::rig::{ALL_GONE, Rig, Run, STUBBORN, STUBBORN_COUNT, alive, fresh_mark, nap, until};
use super::servers::{kill_with_wardens, server};

/// A rig whose instances get cgroups, and the folder where; `None` if they cannot be made here.
fn rig() -> Option<(Rig, PathBuf)> {
    let rig = Rig::new();
    let form = rig.launcher.limits_form();
    let folder = form
        .strip_prefix("cgroup v2 at ")
        .and_then(|rest| rest.split_once(" ("));
    match folder {
        Some((folder, can)) if can.contains("kill") => {
            let folder = PathBuf::from(folder);
            Some((rig, folder))
        }
        _ => {
            println!("skipped: no cgroup of version 2 here: {form}");
            None
        }
    }
}

fn cgroup_of(base: &std::path::Path, run: &Run) -> PathBuf {
    base.join(run.workspace.path.file_name().expect("a name"))
}

/// The cgroups of the server with this mark.
fn cgroups_in(base: &std::path::Path, workspaces: &[String]) -> usize {
    let there = |name: &&String| base.join(name.as_str()).exists();
    workspaces.iter().filter(there).count()
}

fn members(cgroup: &std::path::Path) -> usize {
    let text = fs::read_to_string(cgroup.join("cgroup.procs")).unwrap_or_default();
    text.lines().count()
}

#[tokio::test]
async fn all_of_it_is_in_there_and_nothing_stays() {
    for kind in [None, Some(Kind::Bubblewrap), Some(Kind::Firejail)] {
        for how in [Stop::Terminate, Stop::Kill] {
            let Some((rig, base)) = rig() else {
                return;
            };
            let script = format!("os.execv('/bin/sh', ['sh', '-c', '''{STUBBORN}'''])");
            let script = script.replace("sleep 1000", "sleep 50");
            let Some((rig, run)) = start_in(rig, kind, &script, Limits::default()).await else {
                return;
            };
            let cgroup = cgroup_of(&base, &run);
            until("all to be in it", ALL_GONE, || {
                members(&cgroup) >= STUBBORN_COUNT
            })
            .await;
            rig.launcher.stop(run.id, how).await.expect("ordered");
            exit(&rig, &run).await;
            assert!(!cgroup.exists(), "{kind:?} {how:?}");
        }
    }
}

/// What the kernel counts there is believed.
#[tokio::test]
async fn processor_time_is_that_of_the_cgroup() {
    let Some((rig, _)) = rig() else {
        return;
    };
    let limits = Limits {
        cpu: Some(std::time::Duration::from_secs(1)),
        ..Limits::default()
    };
    // Too short to be seen by a look, and waited for by nobody.
    let script = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        burn(0.02)
        os._exit(0)
    time.sleep(0.02)";
    let Some((rig, run)) = start_in(rig, None, script, limits).await else {
        return;
    };
    let exit = exit(&rig, &run).await;
    let words = "it used more than its 1 s of processor time";
    assert_eq!(exit.to_string(), words);
}

/// Takes the mark out of its environment, leaves session and parents, and kills its warden: nothing
/// but the cgroup knows it any more.
#[tokio::test]
async fn who_hides_everything_and_kills_its_warden_is_found() {
    for kind in [None, Some(Kind::Bubblewrap)] {
        let Some((rig, base)) = rig() else {
            return;
        };
        let nap = nap(&rig.mark);
        let script = format!(
            "warden = os.getppid()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        hide = f'kill -9 {{warden}}; exec sleep {nap}'
        os.execve('/bin/sh', ['sh', '-c', hide], {{'PATH': '/usr/bin:/bin'}})
    os._exit(0)
stay()"
        );
        let Some((rig, run)) = start_in(rig, kind, &script, Limits::default()).await else {
            return;
        };
        let exit = exit(&rig, &run).await;
        if kind.is_none() {
            assert_eq!(exit, Exit::Unknown, "its warden was killed");
        }
        assert_eq!(alive(&rig.mark), [0; 0], "{kind:?}");
        assert!(!cgroup_of(&base, &run).exists(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_sweep_removes_those_of_the_dead_and_no_others() {
    let Some((rig, base)) = rig() else {
        return;
    };
    let workspaces = || -> Vec<String> {
        let entries = fs::read_dir(rig.instances()).expect("there");
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| !name.starts_with('.')).collect()
    };
    let mark = fresh_mark();
    let mut dead = server(rig.folder.path(), &mark, 3).await;
    let of_dead = workspaces();
    let living_mark = fresh_mark();
    let mut living = server(rig.folder.path(), &living_mark, 1).await;
    let of_living: Vec<String> = workspaces()
        .into_iter()
        .filter(|name| !of_dead.contains(name))
        .collect();
    assert_eq!((of_dead.len(), of_living.len()), (3, 1));
    assert_eq!(cgroups_in(&base, &of_dead), 3);

    kill_with_wardens(&mut dead, &mark).await;
    // A mark that leads to the living server's cgroup is not believed.
    let stolen = rig.instances().join(format!(".{}.owner", of_dead[0]));
    let text = fs::read_to_string(&stolen).expect("a mark");
    let cgroup_line = text.lines().last().expect("lines");
    let own_cgroup = base.join(&of_dead[0]);
    assert_eq!(cgroup_line, format!("cgroup {}", own_cgroup.display()));
    let theirs = format!("cgroup {}", base.join(&of_living[0]).display());
    fs::write(&stolen, text.replace(cgroup_line, &theirs)).expect("written");

    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.kept, report.left), (3, 1, vec![]));
    assert_eq!(alive(&mark), [0; 0]);
    assert_eq!(cgroups_in(&base, &of_dead[1..]), 0);
    assert_eq!(cgroups_in(&base, &of_living), 1);
    assert!(alive(&living_mark).len() > STUBBORN_COUNT, "it lives");
    // The one whose mark was changed is nobody's now.
    let _ = fs::remove_dir(&own_cgroup);

    living.start_kill().expect("ours");
    living.wait().await.expect("dead");
    until("all to be gone", ALL_GONE, || {
        alive(&living_mark).is_empty()
    })
    .await;
    rig.launcher.sweep().await.expect("swept");
    assert_eq!(cgroups_in(&base, &of_living), 0);
}

/// A server that is killed has wardens that clear up.
#[tokio::test]
async fn wardens_remove_the_cgroups_of_a_killed_server() {
    let Some((rig, base)) = rig() else {
        return;
    };
    if program(Kind::Bubblewrap).is_none() {
        return;
    }
    let mark = fresh_mark();
    let mut dead = server(rig.folder.path(), &mark, 2).await;
    let entries = fs::read_dir(rig.instances()).expect("there");
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(cgroups_in(&base, &names), 2);
    dead.start_kill().expect("ours");
    dead.wait().await.expect("dead");
    until("no cgroup", ALL_GONE, || cgroups_in(&base, &names) == 0).await;
    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.left), (2, vec![]));
}
