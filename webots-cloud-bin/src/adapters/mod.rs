//! What the ports of the core are made of here.

pub mod announce;
#[cfg(unix)]
pub mod archive;
mod blocking;
#[cfg(unix)]
mod flights;
#[cfg(unix)]
pub mod git_fetcher;
mod hidden_commands;
pub mod host_probe;
pub mod http_get;
mod http_post;
pub mod http_probe;
#[cfg(unix)]
pub mod local_fetcher;
pub mod monitor_log;
pub mod notifier;
#[cfg(target_os = "linux")]
pub mod process;
#[cfg(not(target_os = "linux"))]
#[path = "process_unsupported.rs"]
pub mod process;
pub mod projects;
#[cfg(unix)]
mod public_address;
mod rotating_file;
pub mod sandbox;
#[cfg(unix)]
pub mod store;
#[cfg(unix)]
mod tree;
#[cfg(unix)]
pub mod website_fetcher;

pub use hidden_commands::run_if_asked;
