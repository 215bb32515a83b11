//! The self-test of sandboxes: the command, and whether it catches sandboxes that leak.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "sandbox_parts/house.rs"]
mod house;
#[allow(dead_code)]
#[path = "warden_parts/rig.rs"]
mod rig;

#[path = "sandbox_check_parts/broken.rs"]
mod broken;
#[path = "sandbox_check_parts/command.rs"]
mod command;
#[path = "sandbox_check_parts/leaky.rs"]
mod leaky;
