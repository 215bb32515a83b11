//! What is compared, and how thoroughly.

use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::target::Target;

/// Measures servers side by side, in turn, and prints one table of medians with ratios.
#[derive(Debug, Parser)]
#[command(
    after_help = "Others poll this program's own /load, 127.0.0.1 and --load-port, as their one simulation server: \
by it they are made to change.

Examples:
  compare --quick
  compare --session python=127.0.0.1:1999,4711 --simulation python=127.0.0.1:2000,4712
  compare --only http --rounds 9"
)]
pub(crate) struct Arguments {
    /// A few short measurements of everything, to see that it works
    #[arg(long)]
    pub(crate) quick: bool,
    /// Rounds, of which the medians are taken
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=101))]
    rounds: u32,
    /// Only these parts
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Another session server; without its pid nothing is said of its processor time and memory
    #[arg(long, value_name = "NAME=IP:PORT[,PID]")]
    pub(crate) session: Vec<Target>,
    /// Another simulation server, which has a project `plain` with a world `plain.wbt`
    #[arg(long, value_name = "NAME=IP:PORT[,PID]")]
    pub(crate) simulation: Vec<Target>,
    /// The port of this program's /load; 0 is a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) load_port: u16,
    /// What the ratios are to [default: the first of nginx, bare and python that was measured]
    #[arg(long, value_name = "NAME")]
    pub(crate) reference: Option<String>,
}

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Requests on connections that are kept
    Http,
    /// Availability clients: handshakes, memory, and news to all
    Sockets,
    /// Sessions started and ended
    Sessions,
}

/// How much is measured.
#[derive(Clone, Debug)]
pub(crate) struct Extent {
    pub(crate) rounds: u32,
    /// Connections at a time.
    pub(crate) connections: &'static [usize],
    /// For so long.
    pub(crate) time: Duration,
    /// Availability clients.
    pub(crate) clients: &'static [usize],
    /// Sessions at a time.
    pub(crate) lanes: &'static [usize],
    /// How many each plays.
    pub(crate) sessions: usize,
}

impl Arguments {
    pub(crate) fn extent(&self) -> Extent {
        if self.quick {
            return Extent {
                rounds: 1,
                connections: &[1, 8],
                time: Duration::from_millis(100),
                clients: &[100],
                lanes: &[1, 2],
                sessions: 2,
            };
        }
        Extent {
            rounds: self.rounds,
            connections: &[1, 64, 256],
            time: Duration::from_secs(2),
            clients: &[1000, 10_000, 15_000],
            lanes: &[1, 8, 32],
            sessions: 20,
        }
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
