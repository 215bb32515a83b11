//! What is worth a mail: a server that goes up and down is not worth one each time.
//!
//! Pure, in virtual time. The first change of a server is told at once and opens a *spell*. While a
//! spell lasts, each kind of event is told at once the first time, so that "not responding" is
//! followed by "working again"; what repeats is counted. When the spell ends, the counts become one
//! summary, and a new spell of twice the length begins in which everything is counted; a spell
//! without anything to count is the last.

use std::collections::BTreeMap;
use std::time::Duration;

use webots_cloud_core::ports::Notice;
use webots_cloud_core::time::Timestamp;

/// The most servers that are watched; of more, everything is told.
const MOST_WATCHED: usize = 10_000;

/// How long repeated events are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DampingRules {
    /// The first time: 10 min.
    pub window: Duration,
    /// The longest, however long it goes on: 1 h.
    pub longest: Duration,
}

impl Default for DampingRules {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(600),
            longest: Duration::from_secs(3600),
        }
    }
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// This simulation server.
    Server(String),
    /// The instances of this machine.
    Instances,
}

/// The kinds of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Silent,
    Back,
    Full,
    Free,
    Stuck,
    Left,
}

impl Event {
    pub(super) const fn of(notice: &Notice) -> Self {
        match notice {
            Notice::ServerSilent { .. } => Self::Silent,
            Notice::ServerBack { .. } => Self::Back,
            Notice::ServerFull { .. } => Self::Full,
            Notice::ServerFree { .. } => Self::Free,
            Notice::InstanceStuck { .. } => Self::Stuck,
            Notice::WorkspaceLeft { .. } => Self::Left,
        }
    }
}

impl About {
    fn of(notice: &Notice) -> Self {
        match notice {
            Notice::ServerSilent { server, .. }
            | Notice::ServerBack { server, .. }
            | Notice::ServerFull { server, .. }
            | Notice::ServerFree { server, .. } => Self::Server(server.clone()),
            Notice::InstanceStuck { .. } | Notice::WorkspaceLeft { .. } => Self::Instances,
        }
    }
}

/// How often each event came.
pub(super) type Counts = BTreeMap<Event, u32>;

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// One event.
    One(Notice),
    /// What repeated.
    Many(Summary),
}

/// What repeated in a spell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) about: About,
    /// How long it was collected.
    pub(super) over: Duration,
    /// What was not told by itself.
    pub(super) counts: Counts,
    /// The latest: how things are now.
    pub(super) last: Notice,
}

#[derive(Debug)]
struct Spell {
    began: Timestamp,
    ends: Timestamp,
    /// Told by themselves.
    told: Vec<Event>,
    /// Everything is counted: it has been said that this one keeps changing.
    known: bool,
    counts: Counts,
    last: Option<Notice>,
}

impl Spell {
    const fn new(began: Timestamp, length: Duration, known: bool) -> Self {
        Self {
            began,
            ends: began.after(length),
            told: Vec::new(),
            known,
            counts: Counts::new(),
            last: None,
        }
    }

    fn take(&mut self, notice: Notice) -> Option<Word> {
        let event = Event::of(&notice);
        self.last = Some(notice.clone());
        if !self.known && !self.told.contains(&event) {
            self.told.push(event);
            return Some(Word::One(notice));
        }
        *self.counts.entry(event).or_default() += 1;
        None
    }

    /// What was counted, if anything was.
    fn summary(self, about: About, now: Timestamp) -> Option<Summary> {
        let last = self.last.filter(|_| !self.counts.is_empty())?;
        Some(Summary {
            about,
            over: now.since(self.began),
            counts: self.counts,
            last,
        })
    }
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Damping {
    rules: DampingRules,
    spells: BTreeMap<About, Spell>,
}

impl Damping {
    pub(super) const fn new(rules: DampingRules) -> Self {
        Self {
            rules,
            spells: BTreeMap::new(),
        }
    }

    /// Takes a notice; the value is what has to be told at once. What is [due](Self::due) has to be
    /// taken first.
    pub(super) fn take(&mut self, now: Timestamp, notice: Notice) -> Option<Word> {
        let about = About::of(&notice);
        if let Some(spell) = self.spells.get_mut(&about) {
            return spell.take(notice);
        }
        if self.spells.len() >= MOST_WATCHED {
            return Some(Word::One(notice));
        }
        let spell = Spell::new(now, self.rules.window, false);
        self.spells.entry(about).or_insert(spell).take(notice)
    }

    /// The summaries of the spells that have ended.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Word> {
        let ended = |spell: &Spell| spell.ends <= now;
        let abouts: Vec<About> = self
            .spells
            .iter()
            .filter(|(_, spell)| ended(spell))
            .map(|(about, _)| about.clone())
            .collect();
        let mut words = Vec::new();
        for about in abouts {
            let Some(spell) = self.spells.remove(&about) else {
                continue;
            };
            let length = spell.ends.since(spell.began);
            if let Some(summary) = spell.summary(about.clone(), now) {
                let longer = length.saturating_mul(2).min(self.rules.longest);
                self.spells.insert(about, Spell::new(now, longer, true));
                words.push(Word::Many(summary));
            }
        }
        words
    }

    /// When something may be due next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.spells.values().map(|spell| spell.ends).min()
    }

    /// Everything that was counted so far: for the end.
    pub(super) fn flush(&mut self, now: Timestamp) -> Vec<Word> {
        let spells = std::mem::take(&mut self.spells).into_iter();
        spells
            .filter_map(|(about, spell)| spell.summary(about, now))
            .map(Word::Many)
            .collect()
    }
}
