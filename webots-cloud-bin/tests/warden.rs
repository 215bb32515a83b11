//! The end of instances, with real processes: whatever happens, nothing of them is left.
//!
//! Processes are found by a mark of the test's own in their environment, and nothing is ended by
//! name.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[path = "warden_parts/rig.rs"]
mod rig;

#[path = "warden_parts/cases.rs"]
mod cases;
#[path = "warden_parts/cgroups.rs"]
mod cgroups;
#[path = "warden_parts/confined.rs"]
mod confined;
#[path = "warden_parts/files.rs"]
mod files;
#[path = "warden_parts/held.rs"]
mod held;
#[path = "warden_parts/limited.rs"]
mod limited;
#[path = "warden_parts/limits.rs"]
mod limits;
#[path = "warden_parts/ports.rs"]
mod ports;
#[path = "warden_parts/sandboxes.rs"]
mod sandboxes;
#[path = "warden_parts/servers.rs"]
mod servers;
#[path = "warden_parts/stopped.rs"]
mod stopped;
#[path = "warden_parts/storage.rs"]
mod storage;
#[path = "warden_parts/stuck.rs"]
mod stuck;
#[path = "warden_parts/trees.rs"]
mod trees;
