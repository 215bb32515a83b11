//! The self-test of sandboxes: a program that runs inside and tries what it must not be able to do,
//! and a judge outside who prepares what it looks for (how to read it: `docs/src/sandboxes.md`).
//!
//! | file | does |
//! |---|---|
//! | `attempts` | **the table**: every attempt, what it must come to |
//! | `target`, `answer`, `errno` | what the judge tells the probe, and the probe the judge |
//! | `program`, `roles`, `children` | the probe: a hidden command of the warden's binary |
//! | `files`, `processes`, `network`, `privileges`, `kernel`, `limits` | its attempts, by family |
//! | `scene`, `sentinel`, `unseen` | what the judge prepares, and looks at afterwards |
//! | `trial` | one run of the probe, as an instance |
//! | `judge`, `report`, `table` | the verdict, and its two forms |

mod answer;
mod attempts;
mod children;
mod errno;
mod files;
mod judge;
mod kernel;
mod limits;
mod network;
mod privileges;
mod processes;
mod program;
mod report;
mod roles;
mod scene;
mod sentinel;
mod table;
mod target;
mod trial;
mod unseen;

pub use answer::Found;
pub use attempts::{Class, Family};
pub use judge::{Depth, examine};
pub(crate) use program::probe;
pub use report::{Report, Row, Verdict};
pub(crate) use roles::PROBE;
