//! What unpacking bombs takes of the memory. The only test of its process, whose peak it reads.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

mod archive_parts;

use std::fs::{self, File};
use std::io::{BufWriter, Seek, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use archive_parts::builder::{Entry, archive};
use flate2::{Compress, Compression, FlushCompress};
use tempfile::TempDir;
use webots_cloud::adapters::archive::{ExtractLimits, extract};

const MIB: u64 = 1 << 20;
/// What the bombs may add.
const MOST: u64 = 64 * MIB;
/// MiB.
const BOMB: u64 = 10 << 10;
/// Names the folder of archives to the process that unpacks them.
const FOLDER: &str = "WEBOTS_CLOUD_TEST_BOMBS";

/// The highest that this process's memory ever was, bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|it| it.parse::<u64>().ok())
        .expect("a number")
        * 1024
}

/// One mebibyte of zeros, packed so that it can be repeated.
fn packed_mebibyte() -> Vec<u8> {
    let mut packed = Vec::with_capacity(64 << 10);
    let mut encoder = Compress::new(Compression::best(), false);
    let zeros = vec![0; MIB as usize];
    encoder
        .compress_vec(&zeros, &mut packed, FlushCompress::Full)
        .expect("packed");
    assert_eq!(encoder.total_in(), MIB);
    packed
}

/// An archive with one file of `BOMB` MiB of zeros, which it admits to be or not.
fn bomb(size: u32) -> File {
    let piece = packed_mebibyte();
    let mut data = piece.repeat(BOMB as usize);
    // The last, empty block.
    data.extend([3, 0]);
    let entry = Entry {
        method: 8,
        packed: data.len().try_into().expect("small"),
        size,
        data,
        ..Entry::stored("zeros", b"")
    };
    file(&archive(&[entry]))
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

/// An index of 300 MiB, without ever having it in memory.
fn endless_index() -> File {
    let one = archive(&[Entry::stored("x".repeat(1000), b"")]);
    let (start, end) = (30 + 1000, one.len() - 22);
    let mut writer = BufWriter::new(tempfile::tempfile().expect("a file"));
    let count = 300 * MIB as usize / (end - start);
    for _ in 0..count {
        writer.write_all(&one[start..end]).expect("written");
    }
    let size = u32::try_from(count * (end - start)).expect("small");
    let mut last = one[end..].to_vec();
    last[12..16].copy_from_slice(&size.to_le_bytes());
    last[16..20].fill(0);
    writer.write_all(&last).expect("written");
    writer.into_inner().expect("written")
}

/// The largest index that is accepted.
fn large_index() -> File {
    let names =
        (0..15_000).map(|number| Entry::stored(format!("{}{number}", "d/".repeat(16)), b""));
    let mut names: Vec<_> = names.collect();
    for entry in &mut names {
        entry.comment = vec![b'c'; 900];
    }
    file(&archive(&names))
}

/// The archive with its name, the limits, and a piece of the error.
type Case = (&'static str, fn() -> File, ExtractLimits, &'static str);

fn cases() -> [Case; 4] {
    let ratio = ExtractLimits::new(50_000, 2 << 30);
    let bytes = ExtractLimits {
        max_ratio: u64::MAX,
        ..ExtractLimits::new(50_000, 256 * MIB)
    };
    [
        ("ratio", || bomb(0x7fff_ffff), ratio, "200 times its size"),
        (
            "bytes",
            || bomb(0xffff_fffe),
            bytes,
            "more than 268435456 bytes",
        ),
        ("endless", endless_index, ratio, "list of files is too long"),
        ("large", large_index, ratio, ""),
    ]
}

#[test]
fn bombs_stay_small_in_memory() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return unpack(folder.as_ref());
    }
    let folder = TempDir::new().expect("a folder");
    for (name, make, ..) in cases() {
        let mut bytes = make();
        bytes.rewind().expect("rewound");
        let mut file = File::create(folder.path().join(name)).expect("made");
        std::io::copy(&mut bytes, &mut file).expect("copied");
    }
    // In a process that has not made them: making them takes memory, too.
    let program = std::env::current_exe().expect("this program");
    let mut child = std::process::Command::new(program);
    let child = child.arg("--nocapture").env(FOLDER, folder.path());
    assert!(child.status().expect("started").success());
}

fn unpack(folder: &Path) {
    let start = peak();
    for (name, _, limits, told) in cases() {
        let archive = File::open(folder.join(name)).expect("there");
        let into = folder.join(format!("{name}-unpacked"));
        fs::create_dir(&into).expect("made");
        let done = extract(&archive, &into, &limits, &AtomicBool::new(false));
        let error = done.map_or_else(|error| error.to_string(), |_| String::new());
        assert!(error.contains(told), "{name}: {error} instead of {told}");
        println!(
            "{name}: peak {} MiB, {} at the start",
            peak() / MIB,
            start / MIB
        );
    }
    assert!(peak() - start < MOST, "{} MiB", (peak() - start) / MIB);
}
