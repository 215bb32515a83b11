//! Notifiers: who tells the administrator, and how (W1.6).
//!
//! ```text
//! notify ─> Several ─┬─> LogNotifier: a line, at once
//!                    ├─> MailNotifier: damping ─> queue ═task═> letter ─> SMTP
//!                    └─> WebhookNotifier:         queue ═task═> JSON ─> POST
//! ```
//! `notify` only ever puts something into a queue, under a lock that is held for microseconds: no
//! mail server can delay a sample. Each queue has one task that owns it, one delivery at a time,
//! each with a time limit; what fails is tried again with growing pauses, what is too much or too
//! old is dropped and counted. A delivery that fails is logged when it begins to fail and when it
//! works again, not for each attempt.

mod damping;
#[cfg(test)]
mod damping_tests;
mod delivery;
mod letter;
mod log;
mod mail;
mod queue;
mod several;
mod smtp;
mod webhook;

pub use damping::DampingRules;
pub use log::LogNotifier;
pub use mail::{MailConfig, MailNotifier};
pub use queue::QueueRules;
pub use several::Several;
pub use smtp::MailError;
pub use webhook::{WebhookConfig, WebhookError, WebhookNotifier};
