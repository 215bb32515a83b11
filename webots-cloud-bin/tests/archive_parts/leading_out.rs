//! Archives whose entries have names, or are things, that lead elsewhere.

use super::builder::{Entry, archive};
use super::hostile::Case;

fn one(name: impl AsRef<[u8]>) -> Vec<u8> {
    archive(&[Entry::stored("before", b"x"), Entry::stored(name, b"evil")])
}

pub fn names() -> Vec<Case> {
    let dots = "has a part `.` or `..`";
    let device = "is the name of a device";
    let mut long = b"a/".repeat(600);
    long.push(b'b');
    vec![
        ("up", one("../evil"), dots),
        ("up twice", one("../../evil"), dots),
        ("up in the middle", one("worlds/../../evil"), dots),
        ("up at the end", one("worlds/.."), dots),
        ("up as a folder", one("../"), dots),
        ("up after ./", one("./../evil"), dots),
        ("a dot in the middle", one("a/./b"), dots),
        ("the folder itself", one("."), dots),
        ("absolute", one("/tmp/evil"), "begins with a slash"),
        ("the root", one("/"), "begins with a slash"),
        (
            "two slashes first",
            one("//server/share"),
            "begins with a slash",
        ),
        ("dot and two slashes", one(".//etc/passwd"), "empty part"),
        ("two slashes", one("a//b"), "empty part"),
        ("two slashes at the end", one("a//"), "empty part"),
        ("no name", one(""), "is empty"),
        ("backslashes up", one("..\\..\\evil"), "backslash"),
        ("backslash first", one("\\evil"), "backslash"),
        ("network share", one("\\\\server\\share"), "backslash"),
        ("backslash inside", one("a\\b"), "backslash"),
        ("drive", one("C:/evil"), "colon"),
        ("drive, relative", one("c:evil"), "colon"),
        ("stream", one("worlds/a.wbt:hidden"), "colon"),
        ("NUL byte", one("a\0b"), "control character"),
        (
            "NUL byte hides an ending",
            one("a.txt\0.wbt"),
            "control character",
        ),
        ("line end", one("a\nb"), "control character"),
        ("escape sequence", one("\x1b[2Ja"), "control character"),
        ("C1 control", one("a\u{9b}b"), "control character"),
        ("Latin-1", one(b"caf\xe9"), "not UTF-8"),
        ("overlong slash", one(b"..\xc0\xafevil"), "not UTF-8"),
        ("surrogate", one(b"\xed\xa0\x80"), "not UTF-8"),
        ("NUL device", one("NUL"), device),
        ("nul device with an ending", one("a/nul.txt"), device),
        ("device with a space", one("con .py"), device),
        ("COM1", one("controllers/COM1/x"), device),
        ("lpt9", one("lpt9.wbt"), device),
        ("superscript COM", one("com¹"), device),
        ("CONOUT$", one("CONOUT$"), device),
        ("trailing dot", one("evil."), "ends in a dot or a space"),
        ("three dots", one("a/.../b"), "ends in a dot or a space"),
        (
            "trailing space",
            one(".. /evil"),
            "ends in a dot or a space",
        ),
        ("long part", one("x".repeat(256)), "too long"),
        ("long name", one(long), "too long"),
        ("longest name", one("x".repeat(65535)), "too long"),
        ("deep", one(format!("{}x", "d/".repeat(40))), "too deep"),
    ]
}

pub fn kinds() -> Vec<Case> {
    let link = |name: &str, to: &str| Entry::stored(name, to.as_bytes()).mode(0o120_777);
    let through = "written through a link";
    vec![
        (
            "link",
            archive(&[link("evil", "/etc/passwd")]),
            "symbolic link",
        ),
        (
            "link, then a file in it",
            archive(&[link("a", ".."), Entry::stored("a/evil", b"x")]),
            "symbolic link",
        ),
        (
            "link said to be from DOS",
            archive(&[link("a", "..").but(|it| it.attributes |= 0x10)]),
            "symbolic link",
        ),
        (
            "pipe",
            archive(&[Entry::stored("p", b"").mode(0o010_666)]),
            "device, pipe",
        ),
        (
            "device",
            archive(&[Entry::stored("p", b"").mode(0o060_666)]),
            "device, pipe",
        ),
        (
            "terminal",
            archive(&[Entry::stored("p", b"").mode(0o020_666)]),
            "device, pipe",
        ),
        (
            "socket",
            archive(&[Entry::stored("p", b"").mode(0o140_666)]),
            "device, pipe",
        ),
        ("over a link", one("link.txt"), through),
        ("over a dangling link", one("dangling"), through),
        ("into a link folder", one("linked/evil"), through),
        ("deep into a link folder", one("linked/a/b/evil"), through),
        ("a folder over a link", one("linked/"), "folder with data"),
        (
            "an empty folder over a link",
            archive(&[Entry::stored("linked/", b"")]),
            through,
        ),
        ("over a pipe", one("pipe"), through),
        ("into a pipe", one("pipe/evil"), through),
        ("over a folder", one("worlds"), "both a file and a folder"),
        (
            "into a file",
            one("host.txt/evil"),
            "both a file and a folder",
        ),
        (
            "into a file of the archive",
            archive(&[Entry::stored("a", b"x"), Entry::stored("a/b", b"x")]),
            "both a file and a folder",
        ),
        ("folder with data", one("folder/"), "folder with data"),
        (
            "folder by its mode with data",
            archive(&[Entry::stored("folder", b"x").mode(0o040_755)]),
            "folder with data",
        ),
    ]
}
