//! Unpacking archives: good ones as a ZIP library writes them, and hostile ones.
#![cfg(unix)]
#![allow(missing_docs)]

mod archive_parts;

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use archive_parts::builder::{self, End, Entry, archive, archive_with};
use archive_parts::hostile::{MAX_BYTES, MAX_ENTRIES, cases};
use archive_parts::listing::listing;
use tempfile::TempDir;
use webots_cloud::adapters::archive::{ArchiveError, ExtractLimits, Extracted, extract};
use zip::write::SimpleFileOptions;

const LIMITS: ExtractLimits = ExtractLimits::new(MAX_ENTRIES, MAX_BYTES);

struct Rig {
    folder: TempDir,
}

impl Rig {
    /// A workspace with a project and with links that lead out of it.
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let rig = Self { folder };
        let workspace = rig.workspace();
        fs::create_dir_all(workspace.join("worlds")).expect("made");
        fs::write(workspace.join("worlds/a.wbt"), "#VRML").expect("written");
        fs::write(workspace.join("host.txt"), "host").expect("written");
        fs::create_dir(rig.outside("folder")).expect("made");
        fs::write(rig.outside("secret"), "secret").expect("written");
        symlink(rig.outside("secret"), workspace.join("link.txt")).expect("linked");
        symlink(rig.outside("folder"), workspace.join("linked")).expect("linked");
        symlink(rig.outside("new"), workspace.join("dangling")).expect("linked");
        fs::hard_link(rig.outside("secret"), workspace.join("hard")).expect("linked");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mkfifoat(rustix::fs::CWD, workspace.join("pipe"), mode).expect("made");
        rig
    }

    fn workspace(&self) -> PathBuf {
        self.outside("workspace")
    }

    fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn extract(&self, bytes: Vec<u8>) -> Result<Extracted, ArchiveError> {
        let go_on = AtomicBool::new(false);
        extract(Cursor::new(bytes), &self.workspace(), &LIMITS, &go_on)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.workspace().join(name)).expect("there")
    }

    fn mode(&self, name: &str) -> u32 {
        let data = fs::metadata(self.workspace().join(name)).expect("there");
        data.permissions().mode() & 0o7777
    }
}

#[test]
fn hostile_archives_get_their_error_and_touch_nothing_outside() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    println!("{} hostile archives", cases.len());
    let mut wrong = Vec::new();
    for (case, bytes, told) in cases {
        let rig = Rig::new();
        let before = listing(rig.folder.path(), &rig.workspace());
        let told_us = match rig.extract(bytes) {
            Ok(done) => format!("{done:?}"),
            Err(error) => error.to_string(),
        };
        if !told_us.contains(told) || told_us.contains(char::is_control) {
            wrong.push(format!("{case}: {told_us:?} instead of {told}"));
        }
        let path = rig.folder.path().to_str().expect("UTF-8");
        assert!(
            !told_us.contains(path) && told_us.len() < 500,
            "{case}: {told_us}"
        );
        let after = listing(rig.folder.path(), &rig.workspace());
        assert_eq!(after, before, "{case}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_zip_library_writes_is_unpacked_over_what_is_there() {
    let rig = Rig::new();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let odd = SimpleFileOptions::default().unix_permissions(0o4777);
    let text = "#VRML_SIM\n".repeat(1000);
    writer.add_directory("worlds/", stored).expect("added");
    writer.add_directory("plugins.d/", odd).expect("added");
    for (name, options) in [
        ("worlds/a.wbt", odd),
        ("controllers/drive/drive.py", stored),
        ("controllers/drive/drive", odd),
        ("controllers/drive/run.sh", odd),
        ("protos/été.proto", odd.large_file(true)),
        ("hard", odd),
        (".bashrc", stored),
    ] {
        writer.start_file(name, options).expect("started");
        writer.write_all(text.as_bytes()).expect("written");
    }
    let comment = "PK\u{5}\u{6} is no second end";
    writer.set_comment(comment).expect("set");
    let bytes = writer.finish().expect("finished").into_inner();
    let done = rig.extract(bytes).expect("unpacked");
    let (files, folders, bytes) = (7, 4, 7 * text.len() as u64);
    assert_eq!(
        done,
        Extracted {
            files,
            folders,
            bytes
        }
    );
    assert_eq!(rig.read("worlds/a.wbt"), text);
    assert_eq!(rig.read("protos/été.proto"), text);
    assert_eq!(rig.read("host.txt"), "host");
    for (name, mode) in [
        ("worlds/a.wbt", 0o644),
        ("controllers", 0o775),
        ("controllers/drive/drive.py", 0o775),
        ("controllers/drive/drive", 0o775),
        ("controllers/drive/run.sh", 0o644),
        (".bashrc", 0o775),
        ("plugins.d", 0o755),
    ] {
        assert_eq!(rig.mode(name), mode, "{name}");
    }
    // A second name of a file elsewhere was replaced, not written into.
    assert_eq!(
        fs::read_to_string(rig.outside("secret")).expect("there"),
        "secret"
    );
}

#[test]
fn archives_of_other_programs_are_understood() {
    let entries = || {
        [
            Entry::stored("./", b""),
            Entry::stored("./a.txt", b"stored"),
            // As streams write them: nothing in the header before the data, and a record after it.
            Entry::deflated("b.txt", b"deflated").but(|it| it.flags = 8),
            Entry::stored("folder", b"").mode(0o040_755),
        ]
    };
    let size = |bytes: &[u8]| u64::from(u32::from_le_bytes(bytes.try_into().expect("four")));
    let plain = archive(&entries());
    let end = plain.len() - 22;
    let (index, offset) = (
        size(&plain[end + 12..end + 16]),
        size(&plain[end + 16..end + 20]),
    );
    let large = archive_with(
        &entries(),
        &End {
            entries: Some(u16::MAX),
            size: Some(u32::MAX),
            offset: Some(u32::MAX),
            before: builder::large_end(4, index, offset, 1),
            ..End::default()
        },
    );
    let warned = [
        b"<br />\nWarning: something in line 3".to_vec(),
        plain.clone(),
    ]
    .concat();
    for bytes in [plain, large, warned] {
        let rig = Rig::new();
        let done = rig.extract(bytes).expect("unpacked");
        assert_eq!((done.files, done.folders), (2, 1));
        assert_eq!(rig.read("a.txt") + &rig.read("b.txt"), "storeddeflated");
    }
    let rig = Rig::new();
    assert_eq!(
        rig.extract(archive(&[])).expect("empty"),
        Extracted::default()
    );
}

#[test]
fn unpacking_can_be_cancelled() {
    let rig = Rig::new();
    let bytes = archive(&[Entry::stored("a", b"x")]);
    let stop = AtomicBool::new(true);
    let done = extract(Cursor::new(bytes), &rig.workspace(), &LIMITS, &stop);
    assert!(matches!(done, Err(ArchiveError::Cancelled)));
    assert!(!rig.workspace().join("a").exists());
}
