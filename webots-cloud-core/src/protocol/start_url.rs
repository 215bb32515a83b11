//! The URL of a world in a `start` message (W2.5).

mod error;
mod parse;

use std::fmt;

pub use error::{MAX_URL, StartUrlError};

/// Where a world is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartUrl {
    /// In a git repository.
    Git(GitWorld),
    /// In a folder of the simulation server itself: `file:///…/worlds/X.wbt`, as in 2020 and 2021.
    /// Whether the folder may be used is for the project fetcher to say.
    File(FileWorld),
}

/// A world in a git repository:
/// `https://HOST/OWNER/REPOSITORY/(blob|tree)/REF[/FOLDER…]/worlds/X.wbt`, or
/// `webots://github.com/OWNER/REPOSITORY/(tag|branch)/REF[/FOLDER…]/worlds/X.wbt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitWorld {
    /// The URL as the client gave it.
    pub url: String,
    /// The git host as [`Authority`](crate::protocol::authority::Authority) writes it: lower case,
    /// with its port if the URL names one; `www.github.com` is `github.com`.
    pub host: String,
    /// The owner of the repository.
    pub owner: String,
    /// The repository, without `.git`.
    pub repository: String,
    /// The path segments between `blob` or `tree` and `worlds`: the ref, which may contain slashes
    /// and so be several segments, and then the project's folder. At least one.
    pub ref_and_folder: Vec<String>,
    /// The world's file name, like `simple.wbt`.
    pub world: String,
}

/// A world in a folder of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWorld {
    /// The project's folder, two levels above the world, absolute.
    pub project: String,
    /// The world's file name.
    pub world: String,
}

/// The URL: of a git world as the client gave it, of a folder with everything escaped that has to
/// be.
impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(world) => f.write_str(&world.url),
            Self::File(world) => {
                f.write_str("file://")?;
                for c in format!("{}/worlds/{}", world.project, world.world).chars() {
                    match c {
                        '%' => f.write_str("%25")?,
                        '?' => f.write_str("%3F")?,
                        '#' => f.write_str("%23")?,
                        ' ' => f.write_str("%20")?,
                        c => fmt::Write::write_char(f, c)?,
                    }
                }
                Ok(())
            }
        }
    }
}
