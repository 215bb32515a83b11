//! The configuration of the three servers: JSON text in, checked values out (contract, section 2;
//! wire reference W1.8, W2.18).
//!
//! ```text
//! text --JSON--> Reader --each key once--> SessionConfig | SimulationConfig | WebsiteConfig
//!                  |                                \
//!                  +-> problems, all of them          +-> warnings
//! ```
//! Everything that is wrong is found in one pass and reported together, each [`Problem`] with its
//! key, what is wrong and what is allowed. A key that nobody knows is a warning with the nearest
//! known one; so is a key that meant something once and has no effect here. `null` is as good as
//! leaving a key out, except in `limits`, where it is "no limit".
//!
//! The files and variables of the machine are seen through [`Surroundings`], so that checking a
//! configuration needs neither. All keys with their defaults are in [`KEYS`], which the
//! documentation is made of and the tests compare with what the code does.

mod confinement;
mod connections;
pub mod defaults;
mod effective;
mod expand;
mod key_table;
mod keys;
mod mail;
mod nearest;
mod paths;
mod problem;
mod reader;
mod server_entry;
mod session;
mod simulation;
mod surroundings;
mod tls;
mod units;
mod web_address;
mod webots;
mod website;

#[cfg(test)]
mod tests;

pub use confinement::{CgroupChoice, NetworkChoice, SandboxChoice};
pub use connections::Connections;
pub use effective::{Config, effective};
pub use key_table::KEYS;
pub use keys::{Key, Server};
pub use mail::Mail;
pub use problem::{Checked, ConfigErrors, Problem};
pub use server_entry::{ServerEntry, ServerEntryError};
pub use session::{SessionConfig, session};
pub use simulation::{Download, SimulationConfig, simulation};
pub use surroundings::{PathKind, Surroundings};
pub use tls::{Tls, TlsFiles};
pub use units::{parse_size, show_size};
pub use webots::Webots;
pub use website::{HostKey, WebsiteConfig, website};

/// The text that stands for a configuration file that was left out: every key has its default.
pub const NO_FILE: &str = "{}";
