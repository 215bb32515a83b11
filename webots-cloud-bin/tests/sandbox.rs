//! The sandboxes with the real tools, as whoever runs the tests: root or an ordinary user.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "warden_parts/rig.rs"]
mod rig;

#[path = "sandbox_parts/choice.rs"]
mod choice;
#[path = "sandbox_parts/house.rs"]
mod house;
#[path = "sandbox_parts/inside.rs"]
mod inside;
