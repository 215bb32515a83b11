//! Every adapter against the conformance suite of its trait.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[path = "conformance_parts/fetchers.rs"]
mod fetchers;
#[path = "conformance_parts/launchers.rs"]
mod launchers;
#[path = "conformance_parts/notifiers.rs"]
mod notifiers;
#[path = "conformance_parts/probes.rs"]
mod probes;
#[path = "conformance_parts/sandboxes.rs"]
mod sandboxes;
#[path = "conformance_parts/surroundings.rs"]
mod surroundings;
