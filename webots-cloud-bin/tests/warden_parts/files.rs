//! Workspaces.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use webots_cloud_core::ports::InstanceLauncher;

use super::rig::{Rig, prepare};

#[tokio::test]
async fn workspaces_are_private_and_each_is_new() {
    let rig = Rig::new();
    let (first, one) = prepare(&rig.launcher).await;
    let (_, two) = prepare(&rig.launcher).await;
    assert_ne!(one, two);
    assert_eq!(
        fs::metadata(&one.path).expect("there").permissions().mode() & 0o7777,
        0o700
    );
    let name = one
        .path
        .file_name()
        .expect("a name")
        .to_str()
        .expect("UTF-8");
    assert!(
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    );
    rig.launcher
        .clear(first, one.clone())
        .await
        .expect("cleared");
    let (_, three) = prepare(&rig.launcher).await;
    assert!(three != one && three != two);
    // Living servers, this one included, keep theirs.
    let report = rig.launcher.sweep().await.expect("swept");
    assert_eq!((report.removed, report.kept), (0, 2));
    assert!(two.path.exists() && three.path.exists());
}

#[tokio::test]
async fn only_its_own_workspaces_are_cleared() {
    let rig = Rig::new();
    let (id, mut workspace) = prepare(&rig.launcher).await;
    let own = workspace.path.clone();
    workspace.path = rig.folder.path().to_owned();
    assert!(rig.launcher.clear(id, workspace.clone()).await.is_err());
    workspace.path = own.clone();
    rig.launcher
        .clear(id, workspace.clone())
        .await
        .expect("cleared");
    assert!(
        rig.launcher.clear(id, workspace).await.is_err(),
        "it is not there any more"
    );
    assert!(!own.exists());
    assert_eq!(fs::read_dir(rig.instances()).expect("there").count(), 0);
}
