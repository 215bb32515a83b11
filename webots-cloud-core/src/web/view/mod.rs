//! What pages and metrics show, taken out of a machine in one look and drawn at leisure.

mod door;
mod program;
mod session;
mod simulation;

pub use door::DoorView;
pub use program::{ProcessView, ProgramView, RequestCount};
pub use session::{ServerView, SessionSite, SessionView};
pub use simulation::{InstanceView, SimulationSite, SimulationView, UsageView};
