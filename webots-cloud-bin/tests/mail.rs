//! Mail to the administrator (W1.6), against a real SMTP server, and against bad ones.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod mail_parts;

#[path = "mail_parts/delivered.rs"]
mod delivered;
#[path = "mail_parts/programs.rs"]
mod programs;
#[path = "mail_parts/troubles.rs"]
mod troubles;
