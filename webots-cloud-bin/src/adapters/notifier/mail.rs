//! Mail to the administrator.

use std::time::{Duration, SystemTime};

use webots_cloud_core::config::Mail;
use webots_cloud_core::ports::{BoxFuture, Deliveries, Notice, Notifier, PortError};
use webots_cloud_core::time::Timestamp;

use super::damping::{Damping, DampingRules, Word};
use super::delivery::Deliver;
use super::letter::Letter;
use super::queue::{Intake, Queue, QueueRules};
use super::smtp::{MailError, Smtp};
use crate::adapters::http_probe::Trust;

/// What mail needs.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Server, addresses and login.
    pub mail: Mail,
    /// The address of `/monitor`, which every mail names.
    pub monitor: String,
    /// The host name of this server, for the mail server.
    pub host: String,
    /// The time for one mail: 30 s, as some servers let strangers wait.
    pub timeout: Duration,
    /// How repeated events are collected.
    pub damping: DampingRules,
    /// Bounds of what waits.
    pub queue: QueueRules,
}

impl MailConfig {
    /// With the usual rules.
    pub fn new(mail: Mail, monitor: String, host: String) -> Self {
        Self {
            mail,
            monitor,
            host,
            timeout: Duration::from_secs(30),
            damping: DampingRules::default(),
            queue: QueueRules::default(),
        }
    }
}

/// Writes a mail for each notice, and one for many that repeat (see the [module](super)).
///
/// # Errors
/// None from `notify`; what cannot be delivered is logged and counted.
///
/// # Cancel safety
/// The notice is queued when `notify` is called; the future only says so.
#[derive(Debug)]
pub struct MailNotifier {
    queue: Queue<Damping>,
}

impl MailNotifier {
    /// Starts the task that sends. Needs a tokio runtime; connects to nothing yet. `trust` is for
    /// the mail server's certificate, and is looked at only if there is a password.
    ///
    /// # Errors
    /// An address that is none, or a password without `trust`.
    pub fn new(config: &MailConfig, trust: Option<&Trust>) -> Result<Self, MailError> {
        let delivery = ByMail {
            smtp: Smtp::new(&config.mail, &config.host, config.timeout, trust)?,
            monitor: config.monitor.clone(),
        };
        let damping = Damping::new(config.damping);
        Ok(Self {
            queue: Queue::start(damping, delivery, config.queue),
        })
    }

    /// How many mails were given up: too many waited, too old, or refused.
    pub fn lost(&self) -> u64 {
        self.queue.lost()
    }
}

impl Notifier for MailNotifier {
    fn notify(&self, notice: Notice) -> BoxFuture<'_, Result<(), PortError>> {
        self.queue.put(notice);
        Box::pin(async { Ok(()) })
    }

    fn deliveries(&self) -> Vec<Deliveries> {
        vec![self.queue.figures("mail")]
    }

    fn finish(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.queue.finish())
    }
}

impl Intake for Damping {
    type Item = Word;

    fn take(&mut self, now: Timestamp, notice: Notice) -> Option<Word> {
        Self::take(self, now, notice)
    }

    fn due(&mut self, now: Timestamp) -> Vec<Word> {
        Self::due(self, now)
    }

    fn next(&self) -> Option<Timestamp> {
        Self::next(self)
    }

    fn flush(&mut self, now: Timestamp) -> Vec<Word> {
        Self::flush(self, now)
    }
}

struct ByMail {
    smtp: Smtp,
    monitor: String,
}

impl Deliver<Word> for ByMail {
    const WHAT: &'static str = "mail";

    fn deliver<'a>(
        &'a self,
        word: &'a Word,
        at: SystemTime,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        let letter = Letter::of(word, &self.monitor);
        Box::pin(async move { self.smtp.send(&letter, at).await })
    }
}
