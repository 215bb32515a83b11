//! Repositories and requests that mean harm.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use webots_cloud_core::ports::ErrorKind;
use webots_cloud_core::protocol::start_url::GitWorld;

use crate::rig::{Rig, commit, git, pipe, publish, repository, world, write};

/// All files and folders below, with what links say, but not what they lead to.
fn listing(folder: &Path) -> Vec<String> {
    let said = Command::new("find")
        .arg(folder)
        .args([
            "-mindepth",
            "1",
            "-not",
            "-path",
            "*/workspaces*",
            "-printf",
            "%p %y %s %l %T@\n",
        ])
        .output()
        .expect("find is there");
    let text = String::from_utf8(said.stdout).expect("UTF-8");
    let mut all: Vec<String> = text.lines().map(str::to_owned).collect();
    all.sort();
    all
}

#[track_caller]
fn assert_untouched(folder: &Path, before: &[String]) {
    let after = listing(folder);
    let new: Vec<&String> = after.iter().filter(|it| !before.contains(it)).collect();
    assert_eq!((new, after.len()), (Vec::new(), before.len()));
}

#[tokio::test]
async fn links_lead_nowhere() {
    let Some(rig) = Rig::new().await else { return };
    let folder = rig.folder.path();
    let secret = folder.join("secret");
    fs::create_dir(&secret).expect("made");
    fs::write(secret.join("key"), "key").expect("written");
    let work = repository(folder, "o/links");
    write(&work, &[("worlds/x.wbt", "x")]);
    symlink(&secret, work.join("controllers")).expect("linked");
    symlink(secret.join("key"), work.join("worlds/key.wbt")).expect("linked");
    symlink("../../../secret/new", work.join("worlds/new.wbt")).expect("linked");
    symlink("..", work.join("up")).expect("linked");
    commit(&work);
    // A folder where a link was: git must not write through what it has written before.
    git(&work, &["checkout", "--quiet", "-b", "through"]);
    publish(folder, "o/links");
    let before = listing(folder);
    let (_, workspace) = rig
        .fetch("o/links/blob/main/worlds/x.wbt")
        .await
        .expect("there");
    assert_untouched(folder, &before);
    for (name, says) in [
        ("controllers", secret.to_str().expect("UTF-8")),
        ("up", ".."),
        ("worlds/new.wbt", "../../../secret/new"),
    ] {
        let path = workspace.join(name);
        let kind = fs::symlink_metadata(&path).expect("there");
        assert!(kind.is_file(), "{name}");
        assert_eq!(fs::read_to_string(path).expect("text"), says);
    }
    let (_, workspace) = rig
        .fetch("o/links/blob/main/worlds/key.wbt")
        .await
        .expect("a file with a path in it");
    let text = fs::read_to_string(workspace.join("worlds/key.wbt")).expect("there");
    assert_ne!(text, "key");
    // A folder that is a link in the repository is no folder.
    let said = rig.refusal("o/links/blob/main/up/worlds/x.wbt").await;
    assert!(said.starts_with("there is no folder `up`"), "{said}");
}

#[tokio::test]
async fn nothing_of_the_repository_is_run_or_obeyed() {
    let Some(rig) = Rig::new().await else { return };
    let folder = rig.folder.path();
    let ran = folder.join("ran");
    let touch = format!("touch {}", ran.display());
    let other = repository(folder, "o/other");
    write(&other, &[("inner.txt", "inner")]);
    let inner = commit(&other);
    publish(folder, "o/other");
    let work = repository(folder, "o/evil");
    let config = format!(
        "[core]\n\thooksPath = hooks\n\tfsmonitor = {touch}\n\tsymlinks = true\n[filter \"x\"]\n\tsmudge = {touch}\n\tprocess = {touch}\n\trequired = true\n"
    );
    let hook = format!("#!/bin/sh\n{touch}\n");
    write(
        &work,
        &[
            ("worlds/x.wbt", "x"),
            (".gitattributes", "*.wbt filter=x diff=x merge=x\n"),
            (".gitconfig", &config),
            ("config", &config),
            (".lfsconfig", "[lfs]\n\turl = http://127.0.0.1:1/\n"),
            ("hooks/post-checkout", &hook),
            ("hooks/reference-transaction", &hook),
        ],
    );
    for name in ["post-checkout", "reference-transaction"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(work.join("hooks").join(name), mode).expect("changed");
    }
    let url = format!("{}o/other.git", rig.server.base);
    let modules = format!("[submodule \"sub\"]\n\tpath = sub\n\turl = {url}\n");
    write(&work, &[(".gitmodules", &modules)]);
    commit(&work);
    let entry = format!("160000,{inner},sub");
    git(&work, &["update-index", "--add", "--cacheinfo", &entry]);
    git(&work, &["commit", "--quiet", "-m", "a submodule"]);
    publish(folder, "o/evil");
    let before = rig.server.requests();
    let (_, workspace) = rig
        .fetch("o/evil/blob/main/worlds/x.wbt")
        .await
        .expect("there");
    assert!(!ran.exists());
    assert!(rig.server.requests() > before);
    let sub = workspace.join("sub");
    assert_eq!(fs::read_dir(sub).expect("an empty folder").count(), 0);
    assert!(!workspace.join(".git").exists());
    assert_eq!(
        fs::read_to_string(workspace.join("worlds/x.wbt")).expect("there"),
        "x"
    );
}

#[tokio::test]
async fn nothing_is_taken_for_an_option_or_a_path() {
    let Some(rig) = Rig::new().await else { return };
    let ran = rig.folder.path().join("ran");
    let option = format!("--upload-pack=touch {}", ran.display());
    let good = world("o/r/blob/main/worlds/root.wbt");
    let with = |change: &dyn Fn(&mut GitWorld)| {
        let mut world = good.clone();
        change(&mut world);
        world
    };
    let refs = |refs: &[&str]| refs.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let mut hostile = vec![
        with(&|world| world.owner.clone_from(&option)),
        with(&|world| world.repository.clone_from(&option)),
        with(&|world| world.ref_and_folder = vec![option.clone()]),
        with(&|world| world.ref_and_folder = vec!["main".to_owned(), option.clone()]),
        with(&|world| world.world = "../../x.wbt".to_owned()),
        with(&|world| world.world = "-x".to_owned()),
        with(&|world| world.owner = "..".to_owned()),
        with(&|world| world.owner = "a/b".to_owned()),
        with(&|world| world.owner = String::new()),
        with(&|world| world.repository = "..".to_owned()),
        with(&|world| world.host = "--upload-pack=x".to_owned()),
        with(&|world| world.host = "ext::sh -c x".to_owned()),
        with(&|world| world.host = "a@b".to_owned()),
        with(&|world| world.host = String::new()),
    ];
    for segments in [
        refs(&[]),
        refs(&[""]),
        refs(&[".."]),
        refs(&["main", ".."]),
        refs(&["main", "..", "..", "etc"]),
        refs(&["main", ".git"]),
        refs(&["main", ".GIT", "hooks"]),
        refs(&["main\n"]),
        refs(&["main:worlds"]),
        refs(&["main", "a\0b"]),
    ] {
        hostile.push(with(&|world| world.ref_and_folder.clone_from(&segments)));
    }
    let parent = rig.folder.path().to_owned();
    let before = listing(&parent);
    for world in hostile {
        let (instance, workspace) = rig.workspace();
        let shown = format!("{world:?}");
        let fetched = rig.fetch_as(instance, &workspace, world).await;
        let error = fetched.expect_err(&shown);
        assert_eq!(error.kind(), ErrorKind::BadRequest, "{shown}: {error}");
        assert_eq!(
            fs::read_dir(workspace).expect("there").count(),
            0,
            "{shown}"
        );
    }
    // These cannot be refs, or are none; the host is asked, and nothing else happens.
    for segments in [
        refs(&["main^{tree}"]),
        refs(&["main~1"]),
        refs(&["@{u}"]),
        refs(&["*"]),
        refs(&["ma?n"]),
        refs(&["+refs", "heads", "main"]),
        refs(&["refs", "heads", "main"]),
        refs(&["$(touch x)"]),
        refs(&["`id`;id"]),
        refs(&["a b"]),
    ] {
        let (instance, workspace) = rig.workspace();
        let world = with(&|world| world.ref_and_folder.clone_from(&segments));
        let fetched = rig.fetch_as(instance, &workspace, world).await;
        let error = fetched.expect_err("no such ref");
        let text = format!("there is no branch, tag or commit `{}` in o/r", segments[0]);
        assert_eq!(error.message(), text);
    }
    assert!(!ran.exists());
    assert_untouched(&parent, &before);
}

#[tokio::test]
async fn names_that_git_itself_would_not_write() {
    let Some(rig) = Rig::new().await else { return };
    let bare = rig.server.bare("o/r");
    let blob = pipe(&bare, &["hash-object", "-w", "--stdin"], "x");
    let made = |line: &str| pipe(&bare, &["mktree"], line);
    let worlds = made(&format!("100644 blob {blob}\tx.wbt\n"));
    let hook = made(&format!("100755 blob {blob}\tpost-checkout\n"));
    for (number, name) in [".git", ".GIT", "..", ".", "git~1"].iter().enumerate() {
        let lines = format!("040000 tree {hook}\t{name}\n040000 tree {worlds}\tworlds\n");
        let tree = made(&lines);
        let commit = pipe(&bare, &["commit-tree", &tree, "-m", "x"], "");
        let branch = format!("b{number}");
        git(&bare, &["branch", &branch, &commit]);
        let before = listing(rig.folder.path());
        let said = rig
            .refusal(&format!("o/r/blob/{branch}/worlds/x.wbt"))
            .await;
        let text = "o/r is damaged, or holds what git refuses for safety";
        assert_eq!(said, text, "{name}");
        assert_untouched(rig.folder.path(), &before);
    }
}
