//! The machines in a virtual world: scenarios that read like the specification, and properties.
#![allow(clippy::unwrap_used, missing_docs)]

mod conformance;
mod sequence;
mod session;
mod session_properties;
mod simulation;
mod simulation_properties;

/// How many cases each property is tried with: 1,000, or `WEBOTS_CLOUD_CASES`; the test command of
/// the README says 10,000.
#[expect(
    clippy::disallowed_methods,
    reason = "a test may ask how long it is to run"
)]
fn cases() -> u32 {
    std::env::var("WEBOTS_CLOUD_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000)
}
