//! What is done with each input: by the fuzzer, and by the test that replays the corpus.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use webots_cloud::adapters::archive::{ExtractLimits, extract};
use webots_cloud::standin::scene_build;
use webots_cloud_core::config::{self, PathKind, Surroundings};
use webots_cloud_core::protocol::admission::RepositoryPattern;
use webots_cloud_core::protocol::client::{decode, encode};
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::protocol::start_url::StartUrl;

fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// A client's frame: understood or refused; what is understood survives being said again.
pub(crate) fn client_frame(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match decode(text) {
        Ok(message) => assert_eq!(decode(&encode(&message)), Ok(message)),
        Err(error) => {
            let said = ServerMessage::Error(error.to_string()).encode();
            assert!(said.len() < 64 * 1024, "an error of {} bytes", said.len());
        }
    }
    let _ = ServerMessage::decode(text).map(|message| message.encode());
}

/// A start URL: nothing in it leads out of a folder or looks like an option.
pub(crate) fn start_url(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = text.parse::<RepositoryPattern>();
    match text.parse::<StartUrl>() {
        Ok(StartUrl::Git(world)) => {
            // These stand alone among git's arguments; the world is always part of a path.
            let words = [&world.owner, &world.repository];
            for word in words.into_iter().chain(&world.ref_and_folder) {
                assert!(!word.starts_with('-'), "{world:?}");
            }
            let parts = [&world.owner, &world.repository, &world.world];
            for part in parts.into_iter().chain(&world.ref_and_folder) {
                assert!(!part.is_empty(), "{world:?}");
                assert!(!part.contains(['/', '\\', '\0', '\n']), "{world:?}");
                assert!(part != "." && part != "..", "{world:?}");
            }
        }
        Ok(StartUrl::File(world)) => {
            assert!(world.project.starts_with('/'), "{world:?}");
            assert!(
                !world.project.split('/').any(|part| part == ".."),
                "{world:?}"
            );
            assert!(!world.world.contains('/'), "{world:?}");
        }
        Err(_) => {}
    }
}

/// A world file: read or refused, in bounded time and memory.
pub(crate) fn world(data: &[u8]) {
    if let Some(text) = text(data) {
        let _ = scene_build::read(text);
    }
}

/// A configuration file of any server: every key is said at most once to be wrong.
pub(crate) fn configuration(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let machine = Nowhere;
    if let Err(errors) = config::session(text, &machine) {
        assert!(!errors.problems.is_empty());
    }
    if let Err(errors) = config::simulation(text, &machine) {
        assert!(!errors.problems.is_empty());
    }
    if let Err(errors) = config::website(text, &machine) {
        assert!(!errors.problems.is_empty());
    }
}

/// An archive: unpacked or refused, and nothing is outside the folder afterwards.
pub(crate) fn archive(data: &[u8]) {
    let parent = tempfile::tempdir().expect("a folder");
    let into = parent.path().join("workspace");
    std::fs::create_dir(&into).expect("a folder");
    let limits = ExtractLimits::new(100, 1 << 20);
    let cancelled = AtomicBool::new(false);
    let _ = extract(Cursor::new(data), &into, &limits, &cancelled);
    let there = std::fs::read_dir(parent.path()).expect("still there");
    let names: Vec<_> = there.flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["workspace"]);
}

/// A machine with nothing on it.
#[derive(Debug)]
struct Nowhere;

impl Surroundings for Nowhere {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "SET").then(|| "value".to_owned())
    }

    fn home(&self) -> Option<PathBuf> {
        Some(PathBuf::from("/home/user"))
    }

    fn folder(&self) -> PathBuf {
        PathBuf::from("/etc/webots-cloud")
    }

    fn temporary(&self) -> PathBuf {
        PathBuf::from("/tmp")
    }

    fn kind(&self, path: &Path) -> PathKind {
        match path.extension() {
            Some(_) => PathKind::File,
            None => PathKind::Folder,
        }
    }
}
