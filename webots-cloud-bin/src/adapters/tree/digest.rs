use std::fmt::Write;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ring::digest::{Context, SHA256};
use rustix::fs::OFlags;

use super::{Kind, Node, TreeError};

const PIECE: usize = 256 << 10;

/// The SHA-256 of names, kinds and contents, in hexadecimal digits.
pub(crate) fn digest(root: &Path, nodes: &[Node]) -> Result<String, TreeError> {
    let mut all = Context::new(&SHA256);
    let mut piece = vec![0_u8; PIECE];
    for node in nodes {
        let path = node.path.as_os_str().as_bytes();
        all.update(&(path.len() as u64).to_le_bytes());
        all.update(path);
        match node.kind {
            Kind::Folder => all.update(b"d"),
            Kind::File { bytes, executable } => {
                all.update(if executable { b"x" } else { b"f" });
                all.update(&bytes.to_le_bytes());
                content(&mut all, root, node, bytes, &mut piece)?;
            }
        }
    }
    Ok(hex(all.finish().as_ref()))
}

fn content(
    all: &mut Context,
    root: &Path,
    node: &Node,
    bytes: u64,
    piece: &mut [u8],
) -> Result<(), TreeError> {
    let mut file = open(&root.join(&node.path))?;
    let mut left = bytes;
    loop {
        let count = file.read(piece)?;
        if count == 0 && left == 0 {
            return Ok(());
        }
        left = match left.checked_sub(count as u64) {
            Some(left) if count > 0 => left,
            _ => return Err(io::Error::other("the file changes").into()),
        };
        all.update(&piece[..count]);
    }
}

/// Opens a regular file, through no link, and never waits for a writer.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(file)
}

/// The SHA-256 of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&SHA256, bytes).as_ref())
}

/// As hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A `String` takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
