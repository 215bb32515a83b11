//! A virtual world for the machines, and conformance suites for the five traits.
//!
//! [`SessionWorld`] and [`SimulationWorld`] each hold one machine and all that it believes in:
//! servers, clients, fetches, processes, workspaces, and the time. They carry out its effects in
//! memory and panic when an order is impossible or a promise is broken, so that a scenario only has
//! to say what happens. Nothing here waits: time passes by [`SimulationWorld::pass`].
//!
//! [`conformance`] tries implementations of the traits; [`fakes`] are some that live in memory.

mod clock;
pub mod conformance;
pub mod fakes;
mod session_world;
mod simulation_world;

pub use session_world::{Answers, SessionWorld};
pub use simulation_world::{ClientView, SimulationWorld, rules};
