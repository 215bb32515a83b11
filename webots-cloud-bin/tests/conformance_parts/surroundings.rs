//! Time and files as they are.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use webots_cloud_core::ports::BoxFuture;
use webots_cloud_core::testing::conformance::{Files, Time};

/// Tokio's time and this machine's files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Real;

impl Time for Real {
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl Files for Real {
    fn below(&self, folder: &Path) -> Option<BTreeSet<PathBuf>> {
        let mut all = BTreeSet::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let Ok(entries) = fs::read_dir(&next) else {
                // The folder itself has to be there; one below may be closed or just gone.
                if next == folder {
                    return None;
                }
                continue;
            };
            for entry in entries.flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                }
                all.insert(entry.path());
            }
        }
        Some(all)
    }

    fn is_private(&self, folder: &Path) -> bool {
        let data = fs::symlink_metadata(folder).expect("a folder");
        data.is_dir() && data.permissions().mode() & 0o077 == 0
    }

    fn read(&self, file: &Path) -> Option<Vec<u8>> {
        let is_file = fs::symlink_metadata(file).is_ok_and(|data| data.is_file());
        is_file.then(|| fs::read(file).expect("a file that can be read"))
    }

    fn write(&self, file: &Path, content: &[u8]) {
        let folder = file.parent().expect("a file in a folder");
        fs::create_dir_all(folder).expect("folders can be made");
        fs::write(file, content).expect("files can be written");
    }
}

/// Lends another type what [`Real`] has.
macro_rules! is_real {
    ($rig:ty) => {
        impl webots_cloud_core::testing::conformance::Time for $rig {
            fn sleep(
                &self,
                duration: std::time::Duration,
            ) -> webots_cloud_core::ports::BoxFuture<'_, ()> {
                Box::pin(tokio::time::sleep(duration))
            }
        }

        impl webots_cloud_core::testing::conformance::Files for $rig {
            fn below(
                &self,
                folder: &std::path::Path,
            ) -> Option<std::collections::BTreeSet<std::path::PathBuf>> {
                crate::surroundings::Real.below(folder)
            }

            fn is_private(&self, folder: &std::path::Path) -> bool {
                crate::surroundings::Real.is_private(folder)
            }

            fn read(&self, file: &std::path::Path) -> Option<Vec<u8>> {
                crate::surroundings::Real.read(file)
            }

            fn write(&self, file: &std::path::Path, content: &[u8]) {
                crate::surroundings::Real.write(file, content);
            }
        }
    };
}

pub(crate) use is_real;
