//! Instances with a network of their own, under the real sandboxes: what comes out is their port,
//! and what they reach is nothing.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "sandbox_parts/house.rs"]
mod house;
#[allow(dead_code)]
#[path = "warden_parts/rig.rs"]
mod rig;

#[path = "private_network/carried.rs"]
mod carried;
#[path = "private_network/port.rs"]
mod port;
#[path = "private_network/prison.rs"]
mod prison;
#[path = "private_network/setting.rs"]
mod setting;
