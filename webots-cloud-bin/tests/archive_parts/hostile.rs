//! Archives that mean harm or are broken, with a piece of what the user is told.

use super::builder::{End, Entry, archive, archive_with, deflated, large_end};
use super::leading_out;

pub type Case = (&'static str, Vec<u8>, &'static str);

/// More than these cases allow.
pub const MAX_ENTRIES: u64 = 100;
pub const MAX_BYTES: u64 = 32 << 20;

pub fn cases() -> Vec<Case> {
    let mut all = leading_out::names();
    all.extend(leading_out::kinds());
    all.extend(contradictions());
    all.extend(ends());
    all.extend(sizes());
    all
}

fn contradictions() -> Vec<Case> {
    let good = || Entry::deflated("a.txt", b"some text, some text, some text");
    let two = |change: fn(&mut Entry)| archive(&[good().but(change), Entry::stored("b", b"b")]);
    let packed = deflated(&vec![7; 100_000]);
    vec![
        (
            "duplicate",
            archive(&[good(), good()]),
            "two entries named `a.txt`",
        ),
        (
            "duplicate with ./",
            archive(&[good(), Entry::stored("./a.txt", b"x")]),
            "two entries named `a.txt`",
        ),
        (
            "file and folder of one name",
            archive(&[good(), Entry::stored("a.txt/", b"")]),
            "two entries named `a.txt`",
        ),
        ("encrypted", two(|it| it.flags = 1), "is encrypted"),
        (
            "strongly encrypted",
            two(|it| it.flags = 1 << 6),
            "is encrypted",
        ),
        (
            "masked headers",
            two(|it| it.flags = 1 << 13),
            "is encrypted",
        ),
        ("AES", two(|it| it.method = 99), "is encrypted"),
        ("LZMA", two(|it| it.method = 14), "compressed by method 14"),
        (
            "unheard-of method",
            two(|it| it.method = 0xbeef),
            "compressed by method 48879",
        ),
        (
            "other name inside",
            two(|it| it.local_name = Some(b"../x".into())),
            "two different names",
        ),
        (
            "other method inside",
            two(|it| it.local_method = Some(0)),
            "two different methods",
        ),
        ("wrong checksum", two(|it| it.checksum ^= 1), "checksum"),
        (
            "says it is smaller",
            two(|it| it.size -= 1),
            "larger than it says",
        ),
        (
            "says it is larger",
            two(|it| it.size += 1),
            "smaller than it says",
        ),
        (
            "says it is nothing",
            two(|it| it.size = 0),
            "larger than it says",
        ),
        (
            "stored with two sizes",
            archive(&[Entry::stored("a", b"abc").but(|it| it.size = 300)]),
            "two different sizes",
        ),
        (
            "noise",
            two(|it| it.data.fill(0xff)),
            "cannot be decompressed",
        ),
        (
            "ends inside a block",
            archive(&[Entry {
                packed: 20,
                data: packed[..20].to_vec(),
                size: 100_000,
                method: 8,
                ..Entry::stored("cut", &[7; 100_000])
            }]),
            "damaged: `cut`",
        ),
        ("reaches into the next", two(|it| it.packed += 1), "overlap"),
        (
            "reaches into the index",
            two(|it| it.packed += 10_000),
            "beyond the archive's data",
        ),
        (
            "no header there",
            two(|it| it.offset = Some(1)),
            "not where it is said to be",
        ),
        (
            "outside",
            two(|it| it.offset = Some(0x7fff_0000)),
            "lies outside",
        ),
        (
            "far outside",
            two(|it| it.offset = Some(u32::MAX - 1)),
            "lies outside",
        ),
        (
            "two of the same data",
            archive(&[good(), good().but(|it| it.offset = Some(0))]),
            "named",
        ),
        ("quoted bomb", quoted(), "overlap"),
        (
            "large sizes missing",
            two(|it| it.size = u32::MAX),
            "cannot be read",
        ),
        (
            "large sizes cut",
            two(|it| (it.size, it.extra) = (u32::MAX, vec![1, 0, 4, 0, 9, 9, 9, 9])),
            "cannot be read",
        ),
    ]
}

/// Entries whose data is the next entry with its header, down to a kernel that all share.
fn quoted() -> Vec<u8> {
    let kernel = Entry::deflated("kernel", &vec![0; 100_000]);
    let inner = archive(std::slice::from_ref(&kernel));
    let quoting = 30 + kernel.name.len() + kernel.data.len();
    let outer = Entry::stored("quote1", &inner[..quoting]);
    let at = (30 + outer.name.len()).try_into().expect("small");
    archive(&[
        outer,
        Entry {
            offset: Some(at),
            ..kernel
        },
    ])
}

fn ends() -> Vec<Case> {
    let good = [Entry::stored("a", b"abc"), Entry::stored("b", b"abc")];
    let plain = archive(&good);
    let with = |end: End| archive_with(&good, &end);
    let cut = |bytes: usize| plain[..plain.len() - bytes].to_vec();
    let mut late = plain.clone();
    late.extend(b"something after the end");
    let large = |entries, size, parts| End {
        entries: Some(u16::MAX),
        before: large_end(entries, size, 68, parts),
        ..End::default()
    };
    let elsewhere = "not where it is said to be";
    vec![
        ("nothing", Vec::new(), "not a ZIP archive"),
        (
            "text",
            b"<html>It works!</html>".to_vec(),
            "not a ZIP archive",
        ),
        ("a tar", vec![0; 10_240], "not a ZIP archive"),
        ("half an archive", cut(plain.len() / 2), "not a ZIP archive"),
        ("one byte short", cut(1), "not a ZIP archive"),
        ("without its end", cut(22), "not a ZIP archive"),
        (
            "only the first bytes",
            b"PK\x03\x04".to_vec(),
            "not a ZIP archive",
        ),
        ("more after the end", late, "not a ZIP archive"),
        (
            "two ends",
            with(End {
                comment: archive(&[]),
                ..End::default()
            }),
            "two ends",
        ),
        (
            "more entries than there are",
            with(End {
                entries: Some(3),
                ..End::default()
            }),
            "too soon",
        ),
        (
            "hidden entry",
            with(End {
                entries: Some(1),
                ..End::default()
            }),
            "more entries than",
        ),
        (
            "no entries said",
            with(End {
                entries: Some(0),
                ..End::default()
            }),
            "more entries than",
        ),
        (
            "index too large",
            with(End {
                size: Some(1 << 30),
                ..End::default()
            }),
            elsewhere,
        ),
        (
            "index too small",
            with(End {
                size: Some(10),
                ..End::default()
            }),
            "too soon",
        ),
        (
            "index far away",
            with(End {
                offset: Some(1 << 30),
                ..End::default()
            }),
            elsewhere,
        ),
        (
            "several parts",
            with(End {
                disk: 1,
                ..End::default()
            }),
            "in several parts",
        ),
        (
            "noise in the index",
            with(End {
                before: vec![b'x'; 200],
                ..End::default()
            }),
            "damaged",
        ),
        (
            "large, wrong numbers",
            with(large(u64::MAX, 94, 1)),
            "more than 100 files",
        ),
        ("large, wrong size", with(large(2, u64::MAX, 1)), elsewhere),
        (
            "large, in several parts",
            with(large(2, 94, 2)),
            "in several parts",
        ),
    ]
}

fn sizes() -> Vec<Case> {
    let file = |number: u64| Entry::stored(format!("f{number}"), b"");
    let files: Vec<_> = (0..=MAX_ENTRIES).map(file).collect();
    let deep = |number: u64| Entry::stored(format!("{number}/a/b/c/d/e"), b"");
    let deep: Vec<_> = (0..MAX_ENTRIES).map(deep).collect();
    let zeros = |count: usize| Entry::deflated("zeros", &vec![0; count]);
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        state.to_be_bytes()
    };
    let noise: Vec<u8> = (0..512 << 10).flat_map(|_| random()).collect();
    let noise = |number: u64| Entry::stored(format!("n{number}"), &noise);
    let noise: Vec<_> = (0..=MAX_BYTES / (4 << 20)).map(noise).collect();
    let many: Vec<_> = (0..12)
        .map(|number| Entry {
            name: format!("zeros{number}").into(),
            ..zeros(2 << 20)
        })
        .collect();
    vec![
        (
            "many files",
            archive(&files),
            "more than 100 files and folders",
        ),
        (
            "many folders nobody named",
            archive(&deep),
            "more than 100 files and folders",
        ),
        (
            "bomb",
            archive(&[zeros(24 << 20)]),
            "more than 200 times its size",
        ),
        (
            "many small bombs",
            archive(&many),
            "more than 200 times its size",
        ),
        (
            "bomb that says it is small",
            archive(&[zeros(24 << 20).but(|it| it.size = 1000)]),
            "larger than it says",
        ),
        ("large", archive(&noise), "more than 33554432 bytes"),
    ]
}
