//! One cached project.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::folders::{Folders, Work, remove};
use super::{Copied, Key, abandoned, failed};
use crate::adapters::tree::{self, Bounds, Node, Size, TreeError};

/// Another number, another layout: what has not this one is not used.
const VERSION: u32 = 1;
/// A description is shorter.
const LONGEST: u64 = 64 << 10;
const DESCRIPTION: &str = "entry.json";

/// What `entry.json` says about the `project` beside it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Description {
    version: u32,
    key: Key,
    files: u64,
    bytes: u64,
    digest: String,
}

/// A complete project.
#[derive(Debug)]
pub(super) struct Entry {
    path: PathBuf,
    description: Description,
    used: SystemTime,
    /// Whether its content is what it was; known from the beginning of what was built here.
    good: OnceLock<bool>,
}

impl Entry {
    /// What this work becomes once it is moved to the entry's place; blocks.
    pub(super) fn describe(
        key: Key,
        work: &Work,
        nodes: &[Node],
        folders: &Folders,
    ) -> Result<Self, TreeError> {
        let size = tree::size(nodes);
        let path = folders.entries().join(key.name());
        let description = Description {
            version: VERSION,
            key,
            files: size.files,
            bytes: size.bytes,
            digest: tree::digest(&work.project(), nodes)?,
        };
        remove(&work.scratch())?;
        let text = serde_json::to_vec(&description).map_err(std::io::Error::from)?;
        fs::write(work.path.join(DESCRIPTION), text)?;
        Ok(Self {
            path,
            description,
            used: SystemTime::now(),
            good: OnceLock::from(true),
        })
    }

    fn load(path: PathBuf) -> Option<Self> {
        let mut text = String::new();
        let file = File::open(path.join(DESCRIPTION)).ok()?;
        let used = file.metadata().and_then(|data| data.modified()).ok()?;
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        let description: Description = serde_json::from_str(&text).ok()?;
        let named = path.file_name()? == description.key.name().as_str();
        (named && description.version == VERSION).then_some(Self {
            path,
            description,
            used,
            good: OnceLock::new(),
        })
    }

    pub(super) fn key(&self) -> &Key {
        &self.description.key
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// When it was used last, as far as the disk knows.
    pub(super) fn used(&self) -> SystemTime {
        self.used
    }

    /// What it takes of the disk, roughly.
    pub(super) fn weight(&self) -> u64 {
        let blocks = self.description.files.saturating_mul(4096);
        self.description.bytes.saturating_add(blocks)
    }

    /// Whether it is what it was. Blocks, the first time as long as it takes to read all of it.
    pub(super) fn is_good(&self, bounds: Bounds) -> bool {
        let content = || {
            let project = self.path.join("project");
            let digest = tree::nodes(&project, bounds)
                .and_then(|nodes| tree::digest(&project, &nodes))
                .ok();
            digest.as_ref() == Some(&self.description.digest)
        };
        *self.good.get_or_init(content)
    }

    /// Copies it, and looks whether as much is there as should be; blocks.
    pub(super) fn copy(
        &self,
        to: &Path,
        bounds: Bounds,
        going_on: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), Copied> {
        let mark_used = || {
            let file = File::options()
                .write(true)
                .open(self.path.join(DESCRIPTION))?;
            file.set_modified(SystemTime::now())
        };
        if mark_used().is_err() {
            return Err(Copied::Damaged("it is gone"));
        }
        let project = self.path.join("project");
        let copied = tree::nodes(&project, bounds).and_then(|nodes| {
            let there = tree::size(&nodes);
            let said = Size {
                files: self.description.files,
                bytes: self.description.bytes,
            };
            if there == said {
                tree::copy(&project, to, &nodes, going_on).map(|()| true)
            } else {
                Ok(false)
            }
        });
        match copied {
            Ok(true) => Ok(()),
            Ok(false) => Err(Copied::Damaged("its size has changed")),
            Err(TreeError::NotPlain(_)) => Err(Copied::Damaged("it holds a link or device")),
            Err(TreeError::TooLarge) => Err(Copied::Damaged("it has grown")),
            Err(TreeError::Abandoned) => Err(Copied::Failed(abandoned())),
            Err(TreeError::Io(error)) => Err(Copied::Failed(failed(error))),
        }
    }
}

/// The complete entries that are on the disk; anything else there is removed.
pub(super) fn load_all(folders: &Folders) -> std::io::Result<Vec<Entry>> {
    let mut all = Vec::new();
    for file in fs::read_dir(folders.entries())? {
        let path = file?.path();
        match Entry::load(path.clone()) {
            Some(entry) => all.push(entry),
            None => drop(folders.take_away(&path)?),
        }
    }
    Ok(all)
}
