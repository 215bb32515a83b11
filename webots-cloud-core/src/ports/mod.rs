//! The five traits by which the machines reach the world.
//!
//! | trait | does | twin |
//! |---|---|---|
//! | [`LoadProbe`] | takes one sample of a machine's load | [`probe_fn`] |
//! | [`ProjectFetcher`] | puts a project into a workspace | [`fetch_fn`] |
//! | [`Sandbox`] | confines a command line | [`NoSandbox`] |
//! | [`InstanceLauncher`] | runs instances and ends them | `testing::fakes` |
//! | [`Notifier`] | tells the administrator | [`SilentNotifier`], [`notify_fn`] |
//!
//! All are object safe and `Debug + Send + Sync`; their futures are boxed, so that they can be
//! held as trait objects, and are only `Send`. Arguments are owned, so that a future borrows
//! nothing but the port.

mod error;
mod instance_launcher;
mod instance_usage;
mod load_probe;
mod notifier;
mod performed;
mod project_fetcher;
mod sandbox;
mod twins;

use std::pin::Pin;

pub use error::{ErrorKind, PortError};
pub use instance_launcher::{
    EventSink, Exit, InstanceEvent, InstanceLauncher, Launch, Listening, Stop, Workspace,
};
pub use instance_usage::{InstanceUsage, MOST_PROCESSES};
pub use load_probe::LoadProbe;
pub use notifier::{Deliveries, Notice, Notifier};
pub use performed::Performed;
pub use project_fetcher::{
    CacheFigures, FetchedProject, ProgressSink, ProjectFetcher, ProjectRequest, Source,
};
pub use sandbox::{CommandLine, Confined, Confinement, Network, NoSandbox, Sandbox, StopPlan};
pub use twins::{SilentNotifier, fetch_fn, notify_fn, probe_fn};

/// A future on the heap, `Send` but not `Sync`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
