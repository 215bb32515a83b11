//! Everything in a folder, to be compared later.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Kind and mode, and what is in it, of everything below `folder` but for what is in `except`.
pub fn listing(folder: &Path, except: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("read").path();
            let data = fs::symlink_metadata(&path).expect("there");
            let content = if data.is_symlink() {
                format!("{:?}", fs::read_link(&path).expect("a link"))
            } else if data.is_file() {
                String::from_utf8_lossy(&fs::read(&path).expect("readable")).into_owned()
            } else {
                String::new()
            };
            if data.is_dir() && path != except {
                folders.push(path.clone());
            }
            let about = format!("{:o} {content}", data.mode());
            found.insert(path.to_string_lossy().into_owned(), about);
        }
    }
    found
}
