//! `/metrics` of both servers, and what the book, the dashboard and the alerts say of it.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod common;
#[path = "nvml_parts/fake.rs"]
#[allow(dead_code)]
mod fake;
mod metrics_parts;
