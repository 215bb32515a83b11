//! Folders and ports.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Outcome;

/// Not in `/tmp`, which sandboxes replace by an empty one.
pub(crate) fn folder() -> Outcome<TempDir> {
    Ok(TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// The sample project that is measured with.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/projects/simple")
}

pub(crate) fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The first of `count` free ports in a row, below those that the system gives out by itself.
pub(crate) fn free_ports(count: u16) -> Outcome<u16> {
    let free = |port: u16| TcpListener::bind(("::", port)).is_ok();
    let own = u16::try_from(std::process::id() % 100)?;
    let mut firsts = (0..100).map(|at| 10_000 + (at + own) % 100 * 200);
    let found = firsts.find(|first| (*first..first + count).all(free));
    found.ok_or_else(|| "no free ports".into())
}
