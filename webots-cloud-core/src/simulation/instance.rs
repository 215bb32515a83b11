//! The record of one instance, from the order to fetch its project to its removed workspace.
//!
//! ```text
//!            fetched          launched          ready, port open
//! Fetching ─────────> Launching ────────> Loading ────────> Running
//!    │ client left        │ client left      │                 │   client left, limit, failure
//!    v                    v                  v                 v
//! Abandoned(Fetch)  Abandoned(Launch) ──> Stopping <───────────┘
//!    │ answered           │ never ran        │ tree gone
//!    └───────────────> Clearing <────────────┘
//!                         │ workspace removed
//!                         v
//!                        gone
//! ```

use std::collections::VecDeque;

use super::figures::Reached;
use crate::id::{ClientId, InstanceId};
use crate::ports::{Exit, InstanceUsage, ProjectRequest, Source, Stop, Workspace};
use crate::protocol::server::ServerMessage;
use crate::time::Timestamp;

/// So many of an instance's last lines are shown to its client when it dies.
const LAST_LINES: usize = 8;

/// And so much of each, in characters.
const LAST_LINE_LENGTH: usize = 200;

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its project is on the way.
    Fetching,
    /// It is being started.
    Launching,
    /// It runs, but is not ready yet.
    Loading {
        /// It said that it is ready; now its port is looked at.
        says_ready: bool,
    },
    /// Its client has its address.
    Running,
    /// The client left while an answer was still to come.
    Abandoned(InFlight),
    /// It was told to end, or has ended and its last processes are being ended.
    Stopping(Stop),
    /// Nothing runs; its workspace is being removed.
    Clearing,
}

/// What an abandoned instance still waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// The project fetcher.
    Fetch,
    /// The launcher.
    Launch,
}

/// What a client asked for, for people: a stranger's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// The project: its folder, or the repository's owner and name.
    pub name: String,
    /// The world in it.
    pub world: String,
}

/// One instance.
#[derive(Debug)]
pub struct Instance {
    pub(super) id: InstanceId,
    pub(super) client: Option<ClientId>,
    pub(super) request: ProjectRequest,
    pub(super) project: Project,
    pub(super) stage: Stage,
    pub(super) since: Timestamp,
    pub(super) created: Timestamp,
    /// The port, until the process tree is gone.
    pub(super) port: Option<u16>,
    pub(super) workspace: Option<Workspace>,
    pub(super) folder: String,
    pub(super) world: String,
    /// `Gone` came before the launcher's answer.
    pub(super) gone_early: bool,
    /// It said that it is ready before the launcher answered.
    pub(super) ready_early: bool,
    pub(super) idle: bool,
    pub(super) stuck: bool,
    pub(super) usage: Option<InstanceUsage>,
    pub(super) restoring: u8,
    pub(super) last_progress: Option<Timestamp>,
    /// Bytes that its fetcher told of.
    pub(super) fetched: u64,
    /// When it was told to end, or its first process ended.
    pub(super) ending: Option<Timestamp>,
    last_lines: VecDeque<String>,
}

impl Instance {
    pub(super) fn new(
        client: ClientId,
        request: ProjectRequest,
        project: Project,
        port: u16,
        now: Timestamp,
    ) -> Self {
        Self {
            id: request.instance,
            client: Some(client),
            request,
            project,
            stage: Stage::Fetching,
            since: now,
            created: now,
            port: Some(port),
            workspace: None,
            folder: String::new(),
            world: String::new(),
            gone_early: false,
            ready_early: false,
            idle: true,
            stuck: false,
            usage: None,
            restoring: 0,
            last_progress: None,
            fetched: 0,
            ending: None,
            last_lines: VecDeque::new(),
        }
    }

    /// Its name.
    pub const fn id(&self) -> InstanceId {
        self.id
    }

    /// What its client asked for.
    pub const fn project(&self) -> &Project {
        &self.project
    }

    /// Where it is in its life.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Since when it is there.
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// When its client asked for it.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// Its port, while it has one.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether its simulation is paused, or has not started.
    pub const fn is_idle(&self) -> bool {
        self.idle
    }

    /// Whether its processes could not be ended in time.
    pub const fn is_stuck(&self) -> bool {
        self.stuck
    }

    /// What it used at the last look, if that is known.
    pub const fn usage(&self) -> Option<&InstanceUsage> {
        self.usage.as_ref()
    }

    pub(super) const fn reached(&self) -> Reached {
        match self.stage {
            Stage::Running => Reached::Running,
            Stage::Fetching
            | Stage::Launching
            | Stage::Loading { .. }
            | Stage::Abandoned(_)
            | Stage::Stopping(_)
            | Stage::Clearing => Reached::Start,
        }
    }

    /// Whether its client knows `loading:` and `shutdownTimeout:`: those of the `start` dialect do.
    pub(super) fn client_sees_stages(&self) -> bool {
        match self.request.source {
            Source::Website(_) => false,
            Source::Url(_) => true,
        }
    }

    pub(super) fn loading(&self, text: impl Into<String>) -> Option<(ClientId, ServerMessage)> {
        let client = self.client.filter(|_| self.client_sees_stages())?;
        Some((client, ServerMessage::Loading(text.into())))
    }

    pub(super) fn remember_line(&mut self, line: &str) {
        if self.last_lines.len() == LAST_LINES {
            self.last_lines.pop_front();
        }
        self.last_lines
            .push_back(line.chars().take(LAST_LINE_LENGTH).collect());
    }

    /// What to tell a client whose instance ended by itself.
    pub(super) fn obituary(&self, exit: &Exit) -> String {
        let when = match self.stage {
            Stage::Running => "the simulation ended",
            Stage::Fetching
            | Stage::Launching
            | Stage::Loading { .. }
            | Stage::Abandoned(_)
            | Stage::Stopping(_)
            | Stage::Clearing => "the simulation ended before it was ready",
        };
        let mut text = match exit {
            // In words already.
            Exit::Limit(limit) => format!("{when}: {limit}"),
            Exit::Code(_) | Exit::Signal(_) | Exit::Unknown => format!("{when} ({exit})"),
        };
        let mut intro = ". Its last output: ";
        for line in self
            .last_lines
            .iter()
            .filter(|line| !line.trim().is_empty())
        {
            text.push_str(intro);
            text.push_str(line);
            intro = "\n";
        }
        text
    }
}
