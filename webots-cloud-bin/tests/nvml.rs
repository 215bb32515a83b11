//! GPUs, with a library of our own in the place of NVIDIA's.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod common;
mod nvml_parts;
