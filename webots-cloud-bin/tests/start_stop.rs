//! `webots-cloud start`, `stop` and `restart` (contract, 1): the job of `server.sh` (W2.20).
#![cfg(target_os = "linux")]
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod common;

#[path = "start_stop/ordinary.rs"]
mod ordinary;
#[path = "start_stop/pid_files.rs"]
mod pid_files;
#[path = "start_stop/rig.rs"]
mod rig;
#[path = "start_stop/troubles.rs"]
mod troubles;
