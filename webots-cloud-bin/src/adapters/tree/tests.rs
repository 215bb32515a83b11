use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

const BOUNDS: Bounds = Bounds {
    files: 100,
    bytes: 10 << 20,
};

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    fs::create_dir_all(root.join("worlds/b")).expect("made");
    fs::write(root.join("worlds/a.wbt"), "world").expect("written");
    fs::write(root.join("worlds/b/empty"), "").expect("written");
    fs::write(root.join("run"), vec![7; 5 << 20]).expect("written");
    let mode = fs::Permissions::from_mode(0o700);
    fs::set_permissions(root.join("run"), mode).expect("changed");
    folder
}

#[test]
fn a_copy_is_the_same_and_says_how_far_it_is() {
    let (from, to) = (project(), tempfile::tempdir().expect("a folder"));
    let listed = nodes(from.path(), BOUNDS).expect("listed");
    let total = Size {
        files: 5,
        bytes: (5 << 20) + 5,
    };
    assert_eq!(size(&listed), total);
    assert_eq!(weigh(from.path(), 100), total);
    let to = to.path().join("inner/project");
    let mut last = 0;
    copy(from.path(), &to, &listed, &mut |bytes| {
        last = bytes;
        true
    })
    .expect("copied");
    assert_eq!(last, total.bytes);
    let again = nodes(&to, BOUNDS).expect("listed");
    assert_eq!(listed, again);
    let of = |root: &Path| digest(root, &listed).expect("read");
    assert_eq!(of(from.path()), of(&to));
    fs::write(to.join("worlds/a.wbt"), "WORLD").expect("written");
    assert_ne!(of(from.path()), of(&to));
    fs::write(to.join("worlds/a.wbt"), "longer").expect("written");
    assert!(digest(&to, &listed).is_err(), "it has changed since");
}

#[test]
fn a_copy_that_nobody_wants_ends() {
    let (from, to) = (project(), tempfile::tempdir().expect("a folder"));
    let listed = nodes(from.path(), BOUNDS).expect("listed");
    let ended = copy(from.path(), to.path(), &listed, &mut |_| false);
    assert!(matches!(ended, Err(TreeError::Abandoned)));
}

#[test]
fn links_and_what_is_too_much_are_refused() {
    let folder = project();
    let bounded = |files, bytes| nodes(folder.path(), Bounds { files, bytes });
    assert!(matches!(bounded(4, 10 << 20), Err(TreeError::TooLarge)));
    assert!(matches!(bounded(5, 5 << 20), Err(TreeError::TooLarge)));
    assert!(bounded(5, (5 << 20) + 5).is_ok());
    let deep = folder.path().join("d/".repeat(DEEPEST + 1));
    fs::create_dir_all(deep).expect("made");
    assert!(matches!(bounded(100, 10 << 20), Err(TreeError::TooLarge)));
    fs::remove_dir_all(folder.path().join("d")).expect("removed");
    symlink("/etc/passwd", folder.path().join("worlds/link")).expect("linked");
    assert!(matches!(
        bounded(100, 10 << 20),
        Err(TreeError::NotPlain(_))
    ));
}

#[test]
fn a_digest_is_the_usual_one() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(sha256(b""), empty);
}
