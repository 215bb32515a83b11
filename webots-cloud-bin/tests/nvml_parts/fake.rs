//! A library that exports NVML's entry points and answers what a file says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::common;

/// Return codes of NVML.
pub const NOT_SUPPORTED: u32 = 3;
pub const DRIVER_NOT_LOADED: u32 = 9;
pub const GPU_IS_LOST: u32 = 15;

pub const TWO: &str = "count 2
0.name Fake GPU One
0.compute 30
0.memory_load 12
0.used 2147483648
0.total 8589934592
1.name Fake GPU Two
1.compute 7
1.memory_load 3
1.used 15032385536
1.total 17179869184
";

#[derive(Debug)]
pub struct FakeNvml {
    folder: TempDir,
}

impl FakeNvml {
    /// With these answers; `None`, which is said, where there is no C compiler.
    pub fn new(answers: &str) -> Option<Self> {
        Self::without(&[], answers)
    }

    /// Without some entry points: `UTILIZATION`, `MEMORY_V2`, `PROCESSES`.
    pub fn without(missing: &[&str], answers: &str) -> Option<Self> {
        let fake = Self {
            folder: common::folder(),
        };
        fake.answer(answers);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_nvml/nvml.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
            .arg(fake.library())
            .arg(format!("-DANSWERS=\"{}\"", fake.answers().display()))
            .args(missing.iter().map(|part| format!("-DWITHOUT_{part}")))
            .arg(source)
            .output();
        match compiled {
            Ok(output) if output.status.success() => Some(fake),
            Ok(output) => panic!("{}", common::text(&output.stderr)),
            Err(error) => {
                eprintln!("skipped: there is no C compiler `cc`: {error}");
                None
            }
        }
    }

    /// The same with other answers, which hold from the next call on.
    pub fn answer(&self, answers: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, answers).expect("written");
        fs::rename(&new, self.answers()).expect("renamed");
    }

    pub fn library(&self) -> PathBuf {
        self.folder.path().join("libnvidia-ml.so.1")
    }

    fn answers(&self) -> PathBuf {
        self.folder.path().join("answers")
    }
}
