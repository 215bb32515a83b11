//! Hosts that take their time, and users who do not.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use webots_cloud_core::ports::{ErrorKind, ProjectFetcher};

use crate::rig::{Rig, world};
use crate::server::Act;

const PATH: &str = "o/r/blob/main/worlds/root.wbt";

#[tokio::test]
async fn a_host_that_stops_half_way() {
    for cached in [false, true] {
        let Some(rig) = Rig::with(cached, |_| {}).await else {
            return;
        };
        rig.server.act("o/r", Act::Half);
        let error = rig.fetch(PATH).await.expect_err("half of it");
        assert_eq!(error.kind(), ErrorKind::Retry);
        assert_eq!(error.message(), "o/r could not be fetched from github.com");
        assert_eq!(rig.server.clients(), [""; 0]);
        rig.server.act("o/r", Act::Serve);
        rig.fetch(PATH).await.expect("nothing of it is used");
    }
}

#[tokio::test]
async fn a_host_that_says_nothing() {
    for act in [Act::Silence, Act::Drip] {
        let Some(rig) = Rig::with(false, |config| {
            config.download.timeout = Duration::from_secs(2);
        })
        .await
        else {
            return;
        };
        rig.server.act("o/r", act);
        let began = Instant::now();
        let error = rig.fetch(PATH).await.expect_err("nothing");
        assert_eq!(error.message(), "fetching o/r took too long");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        gone(&rig).await;
    }
}

/// Waits until no process of git talks to the server.
async fn gone(rig: &Rig) {
    let until = Instant::now() + Duration::from_secs(5);
    while !rig.server.clients().is_empty() {
        assert!(Instant::now() < until, "{:?}", rig.server.clients());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_leaves_leaves_no_git() {
    for (cached, act, requests) in [
        (false, Act::Silence, 1),
        (false, Act::Drip, 3),
        (true, Act::Drip, 3),
    ] {
        let Some(rig) = Rig::with(cached, |_| {}).await else {
            return;
        };
        let rig = Arc::new(rig);
        rig.server.act("o/r", act);
        let (instance, workspace) = rig.workspace();
        let (other, place) = (Arc::clone(&rig), workspace.clone());
        let fetch =
            tokio::spawn(async move { other.fetch_as(instance, &place, world(PATH)).await });
        rig.server.requested(requests).await;
        assert!(!rig.server.clients().is_empty());
        let began = Instant::now();
        rig.fetcher.abandon(instance);
        let error = fetch.await.expect("ran").expect_err("left");
        assert_eq!(error.message(), "nobody waits for the project any more");
        assert!(began.elapsed() < Duration::from_secs(3));
        gone(&rig).await;
        let work = rig.folder.path().join("workspaces/.cache/0/work");
        let until = Instant::now() + Duration::from_secs(5);
        while cached && fs::read_dir(&work).expect("there").count() > 0 {
            assert!(Instant::now() < until, "what was under way is removed");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn who_left_before_it_began() {
    let Some(rig) = Rig::new().await else { return };
    let (instance, workspace) = rig.workspace();
    let fetch = rig.fetch_as(instance, &workspace, world(PATH));
    rig.fetcher.abandon(instance);
    // Not under way yet, so unknown.
    fetch.await.expect("fetched");
}
