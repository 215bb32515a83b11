//! `/metrics`: the figures of a view in the OpenMetrics text format, which Prometheus reads.
//!
//! Cardinality is fixed: one series for each simulation server of the configuration, each stage, each
//! part of the load and each GPU, each route and class of status, and each reason why a simulation ended.

mod families;
mod session;
mod simulation;

pub use session::session;
pub use simulation::simulation;
