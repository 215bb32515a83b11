//! A simulation server, as the session server sees it.

use std::time::Duration;

use super::reservations::Reservations;
use super::rules::{SETTLING, SessionRules};
use crate::id::ProbeId;
use crate::load::{Load, LoadSample};
use crate::ports::Notice;
use crate::time::Timestamp;

/// How a simulation server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known yet.
    Unknown,
    /// It answers, and its load is below the threshold: it is offered.
    Free,
    /// It answers, and its load is not below the threshold.
    Full,
    /// It does not answer, or what it answers is not a load.
    Silent,
}

/// One simulation server.
#[derive(Debug)]
pub struct Peer {
    address: String,
    standing: Standing,
    since: Timestamp,
    sample: Option<LoadSample>,
    trouble: Option<String>,
    pub(super) probe: Option<(ProbeId, Timestamp)>,
    reservations: Reservations,
}

impl Peer {
    pub(super) fn new(address: String) -> Self {
        Self {
            address,
            standing: Standing::Unknown,
            since: Timestamp::START,
            sample: None,
            trouble: None,
            probe: None,
            reservations: Reservations::default(),
        }
    }

    /// The entry in `simulationServers`, as it is given to clients.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How it stands.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Since when it stands so.
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Its last sample, while it answers.
    pub const fn sample(&self) -> Option<&LoadSample> {
        self.sample.as_ref()
    }

    /// What came instead of an answer, while it is silent.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// How many sessions were handed out that are not expected to be in its load yet, as of the
    /// last session or sample.
    pub const fn reservations(&self) -> u32 {
        self.reservations.count()
    }

    /// The load to be expected once everybody who was sent there has arrived; `None` if it is not
    /// offered.
    pub(super) fn expected_load(&self, rules: &SessionRules) -> Option<Load> {
        if self.standing != Standing::Free {
            return None;
        }
        let sample = self.sample.as_ref()?;
        let reserved = rules.cost(sample.slots) * f64::from(self.reservations.count());
        Load::from_percent(sample.load.percent() + reserved)
    }

    /// When the oldest reservation expires, even if no later sample comes to confirm it.
    pub(super) fn first_expiry(&self, rules: &SessionRules) -> Option<Timestamp> {
        self.reservations.first_expiry(longest(rules))
    }

    pub(super) fn forget_expired(&mut self, now: Timestamp, rules: &SessionRules) {
        self.reservations.forget_expired(now, longest(rules));
    }

    pub(super) fn reserve(&mut self, now: Timestamp) {
        self.reservations.add(now);
    }

    /// Takes the answer to a probe that was sent at `sent`, and says what the administrator should
    /// hear: one notice for a change, none for a sample (W1.6).
    pub(super) fn answered(
        &mut self,
        now: Timestamp,
        sent: Timestamp,
        answer: Result<LoadSample, String>,
        rules: &SessionRules,
    ) -> Option<Notice> {
        let before_standing = self.standing;
        let standing = match answer {
            Ok(sample) => {
                // What was handed out long enough before the probe was sent is in the sample.
                self.reservations.forget_before(before(sent, SETTLING));
                let free = sample.load < rules.threshold;
                self.sample = Some(sample);
                self.trouble = None;
                if free { Standing::Free } else { Standing::Full }
            }
            Err(reason) => {
                self.sample = None;
                self.trouble = Some(reason);
                Standing::Silent
            }
        };
        if standing == before_standing {
            return None;
        }
        self.standing = standing;
        self.since = now;
        self.notice(before_standing)
    }

    fn notice(&self, before: Standing) -> Option<Notice> {
        let server = self.address.clone();
        let load = self
            .sample
            .as_ref()
            .map_or(Load::IDLE, |sample| sample.load);
        match (before, self.standing) {
            (_, Standing::Silent) => {
                let reason = self.trouble.clone().unwrap_or_default();
                Some(Notice::ServerSilent { server, reason })
            }
            (Standing::Silent, Standing::Free | Standing::Full) => {
                Some(Notice::ServerBack { server, load })
            }
            (Standing::Unknown | Standing::Free | Standing::Full, Standing::Full) => {
                Some(Notice::ServerFull { server, load })
            }
            (Standing::Full, Standing::Free) => Some(Notice::ServerFree { server, load }),
            // The first sample of a healthy server is no news.
            (Standing::Unknown | Standing::Free, Standing::Free)
            | (
                Standing::Unknown | Standing::Free | Standing::Full | Standing::Silent,
                Standing::Unknown,
            ) => None,
        }
    }
}

/// How long a reservation lasts at most.
fn longest(rules: &SessionRules) -> Duration {
    SETTLING.saturating_add(rules.refresh.saturating_mul(2))
}

/// `duration` before `now`, or the start.
fn before(now: Timestamp, duration: Duration) -> Timestamp {
    Timestamp::from_start(now.since_start().saturating_sub(duration))
}
