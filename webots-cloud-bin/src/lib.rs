//! webots-cloud on tokio: the servers, the adapters, and a stand-in for Webots.
//!
//! The decisions are made in [`webots_cloud_core`], by two state machines without I/O. This crate
//! gives them sockets, processes and a clock:
//!
//! ```text
//!  session_server, simulation_server      configuration in, an open port out
//!       │                    │
//!     serve               adapters        sockets | load, projects, sandboxes, processes, notices
//!       │                    │
//!     driver                 │            feeds a machine, carries out its effects
//!       └── webots_cloud_core ┘
//! ```
//!
//! `serve` and `adapters` know nothing of each other; only the two servers know both. The third
//! server, [`website_host`], has nothing to decide: [`website`] is a service of its own. The rest is
//! for the binaries: [`main_loop`], [`telemetry`], [`surroundings`], and for `webots-cloud`:
//! [`check`], [`sandbox_check`], [`demo`], [`rehearse`], [`start_stop`], [`status`], [`client`],
//! [`standin`].

pub mod adapters;
pub mod check;
pub mod client;
pub mod demo;
pub mod driver;
mod file_name;
mod instance_environment;
pub mod main_loop;
mod notifiers;
pub mod platform;
pub mod rehearse;
pub mod sandbox_check;
pub mod serve;
mod service_manager;
pub mod session_server;
pub mod simulation_server;
pub mod standin;
mod start_error;
#[cfg(target_os = "linux")]
pub mod start_stop;
pub mod status;
pub mod surroundings;
pub mod telemetry;
pub mod website;
pub mod website_host;

pub use start_error::StartError;
