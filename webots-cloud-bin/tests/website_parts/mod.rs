//! What the tests of projects from websites share.
#![allow(dead_code, unreachable_pub)]

pub mod hosts;
pub mod rig;
pub mod site;
