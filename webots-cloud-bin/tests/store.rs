//! The cache of fetched projects.
#![cfg(unix)]
#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use webots_cloud::adapters::store::{Build, Building};
use webots_cloud_core::ports::PortError;

#[path = "store/rig.rs"]
mod rig;

/// What it is, and how it is done to a project.
type Damage = (&'static str, fn(&Path));

use rig::{Rig, fails, name, visit};

#[tokio::test]
async fn a_project_is_built_once_even_across_restarts() {
    let rig = Rig::new();
    let store = rig.open();
    rig.good(&store, "a").await;
    rig.good(&store, "a").await;
    drop(store);
    let store = rig.open();
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 1);
    rig.good(&store, "b").await;
    assert_eq!((rig.builds(), rig.entries().len()), (2, 2));
    let work = fs::read_dir(rig.cache().join("0/work")).expect("there");
    assert_eq!(work.count(), 0);
}

#[tokio::test]
async fn what_was_used_last_stays() {
    let rig = Rig::new();
    // A project counts as 1000 bytes and a block for each of its two nodes.
    let store = rig.open_with(3 * (1000 + 2 * 4096));
    for key in ["a", "b", "c"] {
        rig.good(&store, key).await;
    }
    rig.good(&store, "a").await;
    rig.good(&store, "d").await;
    assert_eq!((rig.builds(), rig.entries().len()), (4, 3));
    for key in ["a", "c", "d"] {
        rig.good(&store, key).await;
    }
    assert_eq!(rig.builds(), 4, "b went");
    drop(store);
    // Times on the disk are as good as the file system's clock: far enough apart.
    for (age, key) in [(30, "d"), (20, "a"), (10, "c")] {
        let when = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        let of = |entry: &&PathBuf| {
            let text = fs::read_to_string(entry.join("entry.json")).expect("there");
            text.contains(&format!("\"{key}\""))
        };
        let entries = rig.entries();
        let entry = entries.iter().find(of).expect("there");
        let file = fs::File::options()
            .write(true)
            .open(entry.join("entry.json"));
        file.expect("there").set_modified(when).expect("set");
    }
    let store = rig.open_with(2 * (1000 + 2 * 4096));
    assert_eq!(rig.entries().len(), 2);
    rig.good(&store, "a").await;
    rig.good(&store, "c").await;
    assert_eq!(rig.builds(), 4, "d went");
}

#[tokio::test]
async fn what_is_larger_than_the_cache_is_given_out_and_not_kept() {
    let rig = Rig::new();
    let store = rig.open_with(100);
    rig.good(&store, "a").await;
    assert_eq!(rig.entries(), Vec::<PathBuf>::new());
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 2);
}

#[tokio::test]
async fn what_a_crash_left_is_removed_and_never_used() {
    let rig = Rig::new();
    let store = rig.open();
    rig.good(&store, "a").await;
    drop(store);
    let part = rig.cache().join("0");
    // Under way, half removed, without description, with half of one, with another's.
    let whole = rig.entries().remove(0);
    let description = fs::read(whole.join("entry.json")).expect("there");
    fs::create_dir_all(part.join("work/0/project/worlds")).expect("made");
    fs::create_dir_all(part.join("work/7/project")).expect("made");
    for (number, text) in [&b""[..], &description[..20], &description]
        .iter()
        .enumerate()
    {
        let entry = part.join(format!("entries/{number}"));
        fs::create_dir_all(entry.join("project/worlds")).expect("made");
        fs::write(entry.join("project/worlds/x.wbt"), "evil").expect("written");
        fs::write(entry.join("entry.json"), text).expect("written");
    }
    fs::create_dir_all(part.join("entries/none/project")).expect("made");
    fs::write(part.join("entries/file"), "x").expect("written");
    let store = rig.open();
    assert_eq!(rig.entries(), [whole]);
    assert_eq!(fs::read_dir(part.join("work")).expect("there").count(), 0);
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 1);
}

#[tokio::test]
async fn a_poisoned_project_is_fetched_anew() {
    let rig = Rig::new();
    let damage: [Damage; 6] = [
        ("shorter", |project| {
            fs::write(project.join("worlds/x.wbt"), "").expect("written");
        }),
        ("other bytes", |project| {
            fs::write(project.join("worlds/x.wbt"), vec![8; 1000]).expect("written");
        }),
        ("more", |project| {
            fs::write(project.join("more"), "").expect("written");
        }),
        ("another name", |project| {
            let file = project.join("worlds/x.wbt");
            fs::rename(file, project.join("worlds/y.wbt")).expect("renamed");
        }),
        ("a link", |project| {
            fs::remove_file(project.join("worlds/x.wbt")).expect("removed");
            symlink("/etc/passwd", project.join("worlds/x.wbt")).expect("linked");
        }),
        ("gone", |project| {
            fs::remove_dir_all(project).expect("removed");
        }),
    ];
    let mut builds = 0;
    for (what, damage) in damage {
        let store = rig.open();
        rig.good(&store, "a").await;
        builds = builds.max(1);
        drop(store);
        damage(&rig.entries()[0].join("project"));
        let store = rig.open();
        rig.good(&store, "a").await;
        builds += 1;
        assert_eq!(rig.builds(), builds, "{what}");
        rig.good(&store, "a").await;
        assert_eq!(rig.builds(), builds, "{what}");
    }
}

#[tokio::test]
async fn damage_while_it_runs_is_seen_by_the_size() {
    let rig = Rig::new();
    let store = rig.open();
    rig.good(&store, "a").await;
    let entry = rig.entries().remove(0);
    fs::write(entry.join("project/worlds/x.wbt"), "short").expect("written");
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 2);
    fs::remove_dir_all(entry).expect("removed");
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 3);
}

#[tokio::test]
async fn a_failed_build_leaves_nothing() {
    let rig = Rig::new();
    let store = rig.open();
    let error = rig.get(&store, "a", fails("no")).await.expect_err("failed");
    assert_eq!(error.message(), "no");
    let linked: Build = Arc::new(|building: Building| {
        Box::pin(async move {
            symlink("/etc/passwd", building.project.join("x")).expect("linked");
            Ok(())
        })
    });
    let error = rig.get(&store, "a", linked).await.expect_err("a link");
    assert!(
        error.message().contains("neither file nor folder"),
        "{error}"
    );
    let error = rig
        .get(&store, "a", rig.build(2 << 20))
        .await
        .expect_err("large");
    assert_eq!(error.message(), "the project is too large");
    let panics: Build = Arc::new(|_| Box::pin(async { panic!("on purpose") }));
    rig.get(&store, "a", panics).await.expect_err("gone");
    assert_eq!(rig.entries(), Vec::<PathBuf>::new());
    let work = fs::read_dir(rig.cache().join("0/work")).expect("there");
    assert_eq!(work.count(), 0);
    rig.good(&store, "a").await;
}

#[tokio::test]
async fn two_servers_do_not_touch_each_others_projects() {
    let rig = Rig::new();
    let first = rig.open();
    rig.good(&first, "a").await;
    let second = rig.open();
    rig.good(&second, "a").await;
    assert_eq!(rig.builds(), 2);
    rig.good(&first, "a").await;
    assert!(rig.cache().join("1/entries").exists());
    drop(second);
    drop(first);
    // Who is alone again needs one part only.
    let store = rig.open();
    assert!(!rig.cache().join("1").exists());
    rig.good(&store, "a").await;
    assert_eq!(rig.builds(), 2);
}

#[tokio::test]
async fn who_leaves_ends_the_build_unless_others_wait() {
    let rig = Rig::new();
    let store = rig.open();
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let cancelled = Arc::new(AtomicUsize::new(0));
    let build: Build = {
        let (begun, go, cancelled) = (begun.clone(), go.clone(), cancelled.clone());
        Arc::new(move |building: Building| {
            let (begun, go, cancelled) = (begun.clone(), go.clone(), cancelled.clone());
            Box::pin(async move {
                begun.notify_one();
                tokio::select! {
                    () = go.notified() => Ok(()),
                    () = building.cancel().cancelled() => {
                        cancelled.fetch_add(1, Ordering::SeqCst);
                        Err(PortError::retry("left"))
                    }
                }
            })
        })
    };
    let to = |number: u8| rig.folder.path().join(format!("to-{number}"));
    let (key, to) = (name("a"), [to(0), to(1)]);
    for others in [false, true] {
        let leaver = visit();
        let leaving = store.project(&key, &to[0], &leaver, build.clone());
        let other = visit();
        let staying = async {
            if others {
                store.project(&key, &to[1], &other, build.clone()).await?;
            }
            Ok::<_, PortError>(())
        };
        let events = async {
            begun.notified().await;
            leaver.cancel.cancel();
            if others {
                go.notify_one();
            }
        };
        let (left, stayed, ()) = tokio::join!(leaving, staying, events);
        left.expect_err("left");
        stayed.expect("built");
    }
    assert_eq!(cancelled.load(Ordering::SeqCst), 1);
    assert_eq!(rig.entries().len(), 1);
}
