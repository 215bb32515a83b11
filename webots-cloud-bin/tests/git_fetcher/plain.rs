//! What is there, and what is not.

use std::fs;
use std::path::Path;

use webots_cloud_core::ports::ErrorKind;

use crate::rig::{Rig, commit, git, publish, repository, world, write};
use crate::server::Act;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("there")
        .map(|entry| {
            entry
                .expect("read")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect(name)
}

#[tokio::test]
async fn a_branch_and_a_project_at_the_root() {
    let Some(rig) = Rig::new().await else { return };
    let (fetched, workspace) = rig
        .fetch("o/r/blob/main/worlds/root.wbt")
        .await
        .expect("there");
    assert_eq!(
        (fetched.folder.as_str(), fetched.world.as_str()),
        ("", "worlds/root.wbt")
    );
    assert_eq!(read(&workspace, "worlds/root.wbt"), "root 2");
    let all = ["controllers", "no worlds", "projects", "worlds"];
    assert_eq!(names(&workspace), all);
    let told = rig.progress.seen.lock().expect("no panic").clone();
    assert!(told.iter().any(|bytes| *bytes > 0), "{told:?}");
    assert_eq!(rig.server.clients(), [""; 0]);
}

#[tokio::test]
async fn a_project_in_a_folder_and_nothing_else() {
    let Some(rig) = Rig::new().await else { return };
    let path = "o/r/tree/main/projects/arm/worlds/arm.wbt";
    let (fetched, workspace) = rig.fetch(path).await.expect("there");
    assert_eq!(fetched.folder, "projects/arm");
    assert_eq!(fetched.world, "worlds/arm.wbt");
    assert_eq!(names(&workspace), ["projects"]);
    assert_eq!(names(&workspace.join("projects")), ["arm"]);
    assert_eq!(read(&workspace, "projects/arm/protos/P.proto"), "proto");
}

#[tokio::test]
async fn tags_slashes_hashes_and_the_default_branch() {
    let Some(rig) = Rig::new().await else { return };
    let work = rig.folder.path().join("work/o/r");
    let first = git(&work, &["rev-parse", "v1^{commit}"]);
    for (path, world, text) in [
        ("v1/worlds/root.wbt".to_owned(), "root", "root 1"),
        ("light/worlds/branch.wbt".to_owned(), "branch", "branch"),
        (
            "feature/a/b/worlds/branch.wbt".to_owned(),
            "branch",
            "branch",
        ),
        ("HEAD/worlds/root.wbt".to_owned(), "root", "root 2"),
        (format!("{first}/worlds/root.wbt"), "root", "root 1"),
    ] {
        let path = format!("o/r/blob/{path}");
        let (_, workspace) = rig.fetch(&path).await.expect(&path);
        assert_eq!(
            read(&workspace, &format!("worlds/{world}.wbt")),
            text,
            "{path}"
        );
    }
    let path = format!("o/r/blob/{first}/projects/arm/worlds/arm.wbt");
    let (fetched, _) = rig.fetch(&path).await.expect("a folder of a commit");
    assert_eq!(fetched.folder, "projects/arm");
    let old = "webots://github.com/o/r/tag/v1/projects/arm/worlds/arm.wbt";
    rig.fetch(old).await.expect("an old URL");
    let old = "webots://github.com/o/r/branch/v1/worlds/root.wbt";
    assert_eq!(rig.refusal(old).await, "there is no branch `v1` in o/r");
}

#[tokio::test]
async fn the_longest_ref_is_meant_and_the_rest_is_a_folder() {
    let Some(rig) = Rig::new().await else { return };
    let work = rig.folder.path().join("work/o/r");
    // A tag like the beginning of a branch, and a folder like the rest of it.
    write(&work, &[("a/b/worlds/deep.wbt", "deep")]);
    commit(&work);
    git(&work, &["tag", "feature"]);
    publish(rig.folder.path(), "o/r");
    let (fetched, _) = rig
        .fetch("o/r/blob/feature/a/b/worlds/branch.wbt")
        .await
        .expect("there");
    assert_eq!(fetched.folder, "", "the branch feature/a/b");
    let said = rig.refusal("o/r/blob/feature/a/b/worlds/deep.wbt").await;
    let text = "the world `deep.wbt` does not exist in `worlds` in o/r at branch `feature/a/b`";
    assert_eq!(said, text);
    git(&rig.server.bare("o/r"), &["branch", "-D", "feature/a/b"]);
    let (fetched, _) = rig
        .fetch("o/r/blob/feature/a/b/worlds/deep.wbt")
        .await
        .expect("there");
    assert_eq!(fetched.folder, "a/b", "the tag feature");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_words() {
    let Some(rig) = Rig::new().await else { return };
    for (path, text) in [
        (
            "o/none/blob/main/worlds/x.wbt",
            "the repository o/none does not exist on github.com, or is not public",
        ),
        (
            "o/r/blob/none/worlds/x.wbt",
            "there is no branch, tag or commit `none` in o/r",
        ),
        (
            "o/r/blob/main/worlds/x.wbt",
            "the world `x.wbt` does not exist in `worlds` in o/r at branch `main`",
        ),
        (
            "o/r/blob/v1/projects/arm/worlds/x.wbt",
            "the world `x.wbt` does not exist in `worlds` of folder `projects/arm` in o/r at tag `v1`",
        ),
        (
            "o/r/blob/main/no%20worlds/worlds/x.wbt",
            "the world `x.wbt` does not exist in `worlds` of folder `no worlds` in o/r at branch `main`",
        ),
        (
            "o/r/blob/main/nothing/worlds/x.wbt",
            "there is no folder `nothing` in o/r at branch `main`",
        ),
        (
            "o/r/blob/0123456789012345678901234567890123456789/worlds/x.wbt",
            "there is no commit `0123456789012345678901234567890123456789` in o/r",
        ),
        (
            "o/r/blob/0123456/worlds/x.wbt",
            "there is no branch, tag or commit `0123456` in o/r (a commit has to be given with all its 40 digits)",
        ),
    ] {
        let error = rig.fetch(path).await.expect_err(path);
        assert_eq!(error.message(), text);
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{path}");
    }
}

#[tokio::test]
async fn a_host_that_refuses_is_not_the_users_mistake() {
    let Some(rig) = Rig::new().await else { return };
    let path = "o/r/blob/main/worlds/root.wbt";
    for (act, kind, text) in [
        (
            Act::Status(404),
            ErrorKind::BadRequest,
            "the repository o/r does not exist on github.com, or is not public",
        ),
        (
            Act::Status(401),
            ErrorKind::BadRequest,
            "the repository o/r does not exist on github.com, or is not public",
        ),
        (
            Act::Status(503),
            ErrorKind::Retry,
            "o/r could not be fetched from github.com",
        ),
    ] {
        rig.server.act("o/r", act);
        let error = rig.fetch(path).await.expect_err("refused");
        assert_eq!((error.kind(), error.message()), (kind, text), "{act:?}");
        let source = std::error::Error::source(&error).expect("for the operator");
        assert!(!source.to_string().is_empty());
    }
    rig.server.act("o/r", Act::Serve);
    rig.fetch(path).await.expect("again");
}

#[tokio::test]
async fn hosts_without_filters_and_with_the_old_protocol_do_too() {
    let Some(rig) = Rig::new().await else { return };
    let path = "o/r/blob/feature/a/b/projects/arm/worlds/arm.wbt";
    rig.server.act("o/r", Act::Old);
    rig.fetch(path).await.expect("the protocol of 2017");
    let first = git(&rig.server.bare("o/r"), &["rev-parse", "main^"]);
    let said = rig
        .refusal(&format!("o/r/blob/{first}/worlds/root.wbt"))
        .await;
    let text = "github.com gives out no commits by their hash: use a branch or a tag of o/r";
    assert_eq!(said, text);
    let bare = rig.server.bare("o/r");
    git(&bare, &["config", "uploadpack.allowFilter", "false"]);
    rig.fetch(path)
        .await
        .expect("the old protocol without filters");
    rig.server.act("o/r", Act::Serve);
    rig.fetch(path).await.expect("without filters");
}

#[tokio::test]
async fn redirects_are_followed_only_where_the_operator_says_so() {
    let Some(rig) = Rig::with(false, |config| config.redirecting_hosts.clear()).await else {
        return;
    };
    rig.server.act("o/r", Act::Redirect);
    let said = rig.refusal("o/r/blob/main/worlds/root.wbt").await;
    assert_eq!(said, "o/r has moved: use its new address");
    let Some(rig) = Rig::new().await else { return };
    rig.server.act("old/r", Act::Redirect);
    let (from, to) = (rig.server.bare("o/r"), rig.server.bare("elsewhere/old/r"));
    fs::create_dir_all(to.parent().expect("the owner")).expect("made");
    fs::rename(from, to).expect("moved");
    rig.fetch("old/r/blob/main/worlds/root.wbt")
        .await
        .expect("followed");
}

#[tokio::test]
async fn only_public_addresses_are_asked() {
    let Some(rig) = Rig::new().await else { return };
    for host in ["127.0.0.1:9", "[::1]", "localhost", "169.254.169.254"] {
        let path = format!("https://{host}/o/r/blob/main/worlds/root.wbt");
        let said = rig.refusal(&path).await;
        assert!(said.contains("private network"), "{said}");
    }
    assert_eq!(rig.server.requests(), 0);
}

#[tokio::test]
async fn other_protocols_are_refused_by_git_itself() {
    let Some(rig) = Rig::new().await else { return };
    let bare = rig.folder.path().join("bare");
    let Some(rig) = Rig::with(false, |config| {
        let base = format!("file://{}/", bare.display());
        config.hosts.insert("github.com".to_owned(), base);
    })
    .await
    else {
        return;
    };
    let (instance, workspace) = rig.workspace();
    let fetched = rig
        .fetch_as(instance, &workspace, world("o/r/blob/main/worlds/root.wbt"))
        .await;
    let error = fetched.expect_err("not allowed");
    let source = std::error::Error::source(&error).expect("for the operator");
    assert!(source.to_string().contains("not allowed"), "{source}");
}

#[tokio::test]
async fn a_new_commit_is_seen_at_once() {
    let Some(rig) = Rig::new().await else { return };
    let work = repository(rig.folder.path(), "o/new");
    for text in ["one", "two"] {
        write(&work, &[("worlds/x.wbt", text)]);
        commit(&work);
        publish(rig.folder.path(), "o/new");
        let (_, workspace) = rig
            .fetch("o/new/blob/main/worlds/x.wbt")
            .await
            .expect("there");
        assert_eq!(read(&workspace, "worlds/x.wbt"), text);
    }
}
