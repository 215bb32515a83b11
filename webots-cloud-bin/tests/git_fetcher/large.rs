//! Repositories that are too much.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::rig::{Rig, commit, git, pipe, publish, repository, write};

#[tokio::test]
async fn too_many_files_are_not_downloaded() {
    let Some(rig) = Rig::with(false, |config| config.download.max_files = 5).await else {
        return;
    };
    let work = repository(rig.folder.path(), "o/many");
    for number in 0..4 {
        let name = format!("f{number}");
        write(&work, &[(name.as_str(), "x")]);
    }
    write(&work, &[("few/worlds/x.wbt", "x")]);
    commit(&work);
    publish(rig.folder.path(), "o/many");
    let said = rig.refusal("o/many/blob/main/worlds/x.wbt").await;
    assert_eq!(said, "o/many is too large for this server");
    assert_eq!(rig.server.fetches(), 1, "the commit, and none of its files");
    rig.fetch("o/many/blob/main/few/worlds/x.wbt")
        .await
        .expect("as few as may be");
}

/// Ten levels of a folder that holds the level below ten times: a few hundred bytes.
fn bomb(bare: &Path, blob: &str) -> String {
    let mut tree = format!("100644 blob {blob}\tx.wbt\n");
    for level in 0..10 {
        let made = pipe(bare, &["mktree"], &tree);
        let kind = format!("040000 tree {made}");
        tree = (0..10).map(|n| format!("{kind}\td{n}\n")).collect();
        if level == 9 {
            tree = format!("{kind}\tworlds\n");
        }
    }
    pipe(bare, &["mktree"], &tree)
}

#[tokio::test]
async fn a_folder_in_itself_many_times_over() {
    let Some(rig) = Rig::new().await else { return };
    let bare = rig.server.bare("o/r");
    let blob = pipe(&bare, &["hash-object", "-w", "--stdin"], "x");
    let tree = bomb(&bare, &blob);
    let made = pipe(&bare, &["commit-tree", &tree, "-m", "x"], "");
    git(&bare, &["branch", "bomb", &made]);
    let said = rig.refusal("o/r/blob/bomb/worlds/x.wbt").await;
    assert_eq!(said, "o/r is too large for this server");
}

#[tokio::test]
async fn large_files_end_while_they_are_written() {
    let Some(rig) = Rig::with(false, |config| {
        config.download.max_unpacked_bytes = 4 << 20;
        config.download.max_bytes = 2 << 20;
    })
    .await
    else {
        return;
    };
    let folder = rig.folder.path();
    let work = repository(folder, "o/zeros");
    write(&work, &[("worlds/x.wbt", "x")]);
    let zeros = fs::File::create(work.join("zeros")).expect("made");
    zeros.set_len(200 << 20).expect("long");
    commit(&work);
    publish(folder, "o/zeros");
    let said = rig.refusal("o/zeros/blob/main/worlds/x.wbt").await;
    assert_eq!(said, "o/zeros is too large for this server");
    let work = repository(folder, "o/noise");
    write(&work, &[("worlds/x.wbt", "x")]);
    let made = Command::new("head")
        .args(["-c", "8M", "/dev/urandom"])
        .output()
        .expect("made");
    fs::write(work.join("noise"), made.stdout).expect("written");
    commit(&work);
    publish(folder, "o/noise");
    let said = rig.refusal("o/noise/blob/main/worlds/x.wbt").await;
    assert_eq!(said, "o/noise is too large for this server");
}
