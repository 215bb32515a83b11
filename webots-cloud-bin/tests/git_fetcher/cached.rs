//! Many who want the same.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use webots_cloud_core::ports::ProjectFetcher;

use crate::rig::{Rig, commit, publish, repository, world, write};
use crate::server::Act;

const PATH: &str = "o/r/blob/main/worlds/root.wbt";

#[tokio::test]
async fn thirty_at_once_do_one_download() {
    let Some(alone) = Rig::cached().await else {
        return;
    };
    let began = Instant::now();
    alone.fetch(PATH).await.expect("fetched");
    let cold = began.elapsed();
    let Some(rig) = Rig::cached().await else {
        return;
    };
    let began = Instant::now();
    let all = join_all((0..30).map(|_| rig.fetch(PATH))).await;
    println!("one: {cold:?}, thirty at once: {:?}", began.elapsed());
    assert_eq!(rig.server.fetches(), alone.server.fetches());
    assert_eq!(rig.server.questions(), alone.server.questions());
    let workspaces: Vec<_> = all.into_iter().map(|it| it.expect("fetched").1).collect();
    // Each has a project of its own.
    for (number, workspace) in workspaces.iter().enumerate() {
        let file = workspace.join("worlds/root.wbt");
        assert_eq!(fs::read_to_string(&file).expect("there"), "root 2");
        fs::write(&file, format!("{number}")).expect("writable");
        fs::write(workspace.join("new"), "new").expect("writable");
    }
    let began = Instant::now();
    let (_, workspace) = rig.fetch(PATH).await.expect("fetched");
    println!("later: {:?}", began.elapsed());
    let file = workspace.join("worlds/root.wbt");
    assert_eq!(fs::read_to_string(file).expect("there"), "root 2");
    assert!(!workspace.join("new").exists());
    assert_eq!(rig.server.fetches(), alone.server.fetches());
    assert_eq!(
        rig.server.questions(),
        alone.server.questions() + 1,
        "revalidated"
    );
}

#[tokio::test]
async fn an_answer_is_used_again_for_a_few_seconds() {
    let reuse = |config: &mut webots_cloud::adapters::git_fetcher::GitFetcherConfig| {
        config.reuse = Duration::from_secs(600);
    };
    let Some(rig) = Rig::with(true, reuse).await else {
        return;
    };
    rig.fetch(PATH).await.expect("fetched");
    let requests = rig.server.requests();
    rig.fetch(PATH).await.expect("fetched");
    assert_eq!(rig.server.requests(), requests);
}

#[tokio::test]
async fn what_has_changed_or_gone_is_not_served_from_the_cache() {
    let Some(rig) = Rig::cached().await else {
        return;
    };
    let work = repository(rig.folder.path(), "o/new");
    for text in ["one", "two"] {
        write(&work, &[("worlds/x.wbt", text)]);
        commit(&work);
        publish(rig.folder.path(), "o/new");
        let (_, workspace) = rig
            .fetch("o/new/blob/main/worlds/x.wbt")
            .await
            .expect("there");
        let file = workspace.join("worlds/x.wbt");
        assert_eq!(fs::read_to_string(file).expect("there"), text);
    }
    rig.server.act("o/new", Act::Status(404));
    let text = "the repository o/new does not exist on github.com, or is not public";
    assert_eq!(rig.refusal("o/new/blob/main/worlds/x.wbt").await, text);
}

#[tokio::test]
async fn a_wrong_world_harms_only_who_asked_for_it() {
    let Some(rig) = Rig::cached().await else {
        return;
    };
    let (good, bad) = tokio::join!(rig.fetch(PATH), rig.fetch("o/r/blob/main/worlds/no.wbt"));
    good.expect("there");
    let said = bad.expect_err("missing");
    let text = "the world `no.wbt` does not exist in `worlds` in o/r at branch `main`";
    assert_eq!(said.message(), text);
}

#[tokio::test]
async fn the_first_to_ask_leaves_and_the_others_get_it() {
    for act in [Act::Silence, Act::Hold] {
        let Some(rig) = Rig::cached().await else {
            return;
        };
        let rig = Arc::new(rig);
        rig.server.act("o/r", act);
        let mut all = Vec::new();
        for _ in 0..3 {
            let (instance, workspace) = rig.workspace();
            let rig = Arc::clone(&rig);
            let fetch =
                tokio::spawn(async move { rig.fetch_as(instance, &workspace, world(PATH)).await });
            all.push((instance, fetch));
        }
        let least = if act == Act::Silence { 1 } else { 3 };
        rig.server.requested(least).await;
        let (first, fetch) = all.remove(0);
        rig.fetcher.abandon(first);
        fetch.await.expect("ran").expect_err("left");
        rig.server.act("o/r", Act::Serve);
        for (_, fetch) in all {
            fetch.await.expect("ran").expect("fetched");
        }
        assert_eq!(rig.server.fetches(), 2, "{act:?}: a commit and its files");
    }
}

#[tokio::test]
async fn a_slow_download_delays_nobody_else() {
    let Some(rig) = Rig::cached().await else {
        return;
    };
    let rig = Arc::new(rig);
    let work = repository(rig.folder.path(), "o/slow");
    write(&work, &[("worlds/x.wbt", "x")]);
    commit(&work);
    publish(rig.folder.path(), "o/slow");
    rig.server.act("o/slow", Act::Drip);
    let mut slow = Vec::new();
    for _ in 0..5 {
        let (instance, workspace) = rig.workspace();
        let rig = Arc::clone(&rig);
        let world = world("o/slow/blob/main/worlds/x.wbt");
        let fetch = tokio::spawn(async move { rig.fetch_as(instance, &workspace, world).await });
        slow.push((instance, fetch));
    }
    rig.server.requested(3).await;
    let began = Instant::now();
    rig.fetch(PATH).await.expect("fetched");
    rig.fetch("o/r/blob/v1/worlds/root.wbt")
        .await
        .expect("fetched");
    assert!(began.elapsed() < Duration::from_secs(10));
    for (instance, fetch) in slow {
        assert!(!fetch.is_finished());
        rig.fetcher.abandon(instance);
        fetch.await.expect("ran").expect_err("left");
    }
}
