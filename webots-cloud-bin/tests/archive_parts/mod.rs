//! What the tests of archives share.
#![allow(dead_code, unreachable_pub)]

pub mod builder;
pub mod hostile;
pub mod leading_out;
pub mod listing;
