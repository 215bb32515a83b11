//! Files that are written to for ever and stay small.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

/// A text file that is put aside when it is full: `NAME.1` is the one before, `NAME.2` the one before
/// that, and the oldest is removed.
///
/// It is opened anew for each text, so whoever removes or moves it gets a new one. All methods block.
#[derive(Clone, Debug)]
pub(crate) struct RotatingFile {
    path: PathBuf,
    /// What every file begins with.
    head: &'static str,
    /// The most bytes of a file, unless a single text is longer.
    most_bytes: u64,
    /// How many full ones are kept.
    kept: u32,
}

impl RotatingFile {
    pub(crate) fn new(path: PathBuf, head: &'static str, most_bytes: u64, kept: u32) -> Self {
        Self {
            path,
            head,
            most_bytes,
            kept,
        }
    }

    /// Begins a new file; an old one that has more than its head is put aside. Makes the folder.
    pub(crate) fn begin(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let old = fs::metadata(&self.path).map_or(0, |file| file.len());
        if old > size(self.head) {
            self.rotate()?;
        }
        fs::write(&self.path, self.head)
    }

    /// Appends a text: all of it or, where it fails, nothing.
    pub(crate) fn append(&self, text: &str) -> io::Result<()> {
        let (mut file, mut length) = self.open()?;
        if length > size(self.head) && length.saturating_add(size(text)) > self.most_bytes {
            drop(file);
            self.rotate()?;
            (file, length) = self.open()?;
        }
        let head = if length == 0 { self.head } else { "" };
        let written = file.write_all([head, text].concat().as_bytes());
        if written.is_err() {
            // A disk that is full may have taken a part.
            let _ = file.set_len(length);
        }
        written
    }

    fn open(&self) -> io::Result<(File, u64)> {
        let open = || {
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(&self.path)
        };
        let file = match (open(), self.path.parent()) {
            (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                open()?
            }
            (opened, _) => opened?,
        };
        let length = file.metadata()?.len();
        Ok((file, length))
    }

    fn rotate(&self) -> io::Result<()> {
        for number in (1..self.kept).rev() {
            match fs::rename(self.numbered(number), self.numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        fs::rename(&self.path, self.numbered(1))
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }
}

fn size(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const HEAD: &str = "head\n";

    fn file(folder: &Path) -> RotatingFile {
        RotatingFile::new(folder.join("log/a.csv"), HEAD, 16, 2)
    }

    fn read(file: &RotatingFile, suffix: &str) -> Option<String> {
        let mut name = file.path.as_os_str().to_owned();
        name.push(suffix);
        fs::read_to_string(name).ok()
    }

    #[test]
    fn a_full_file_is_put_aside_and_the_oldest_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(folder.path());
        file.begin().expect("written");
        for number in 1..=7 {
            file.append(&format!("row {number}\n")).expect("written");
        }
        assert_eq!(read(&file, "").as_deref(), Some("head\nrow 7\n"));
        assert_eq!(read(&file, ".1").as_deref(), Some("head\nrow 6\n"));
        assert_eq!(read(&file, ".2").as_deref(), Some("head\nrow 5\n"));
        assert_eq!(read(&file, ".3"), None);
    }

    #[test]
    fn texts_share_a_file_as_long_as_they_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(folder.path());
        let long = "longer than a file may be\n";
        for text in ["12345\n", "6789\n", "0\n", long, "x\n"] {
            file.append(text).expect("written");
        }
        assert_eq!(read(&file, "").as_deref(), Some("head\nx\n"));
        assert_eq!(read(&file, ".1"), Some(format!("head\n{long}")));
        assert_eq!(read(&file, ".2").as_deref(), Some("head\n0\n"));
        fs::remove_file(folder.path().join("log/a.csv.2")).expect("there");
        file.append("12345678901\n").expect("written");
        assert_eq!(read(&file, ".2"), Some(format!("head\n{long}")));
    }

    #[test]
    fn a_new_beginning_keeps_what_was_written_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(folder.path());
        for _ in 0..3 {
            file.begin().expect("written");
        }
        assert_eq!(read(&file, ".1"), None, "an empty one is not kept");
        file.append("a\n").expect("written");
        file.begin().expect("written");
        assert_eq!(read(&file, "").as_deref(), Some(HEAD));
        assert_eq!(read(&file, ".1").as_deref(), Some("head\na\n"));
    }

    #[test]
    fn a_file_or_folder_that_was_removed_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file(folder.path());
        file.begin().expect("written");
        fs::remove_file(&file.path).expect("there");
        file.append("a\n").expect("written");
        assert_eq!(read(&file, "").as_deref(), Some("head\na\n"));
        fs::remove_dir_all(folder.path().join("log")).expect("there");
        file.append("b\n").expect("written");
        assert_eq!(read(&file, "").as_deref(), Some("head\nb\n"));
    }

    /// The kernel's own full disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let full = RotatingFile::new("/dev/full".into(), HEAD, 1000, 2);
        let error = full.append("a\n").expect_err("full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
