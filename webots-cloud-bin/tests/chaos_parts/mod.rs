//! What the chaos test is made of.
//!
//! | file | does |
//! |---|---|
//! | `dice` | chance that can be repeated |
//! | `session` | one client, from its connection to the way it leaves |
//! | `procs` | what `/proc` says of processes |
//! | `stage` | where clients, reaper and the killer of servers meet |
//! | `reaper` | deaths of processes at random |
//! | `house` | one server after the other on the same configuration |
//! | `remains` | what is left at the end |
//! | `tally` | what happened how often |

pub(crate) mod dice;
pub(crate) mod house;
pub(crate) mod procs;
pub(crate) mod reaper;
pub(crate) mod remains;
pub(crate) mod session;
pub(crate) mod stage;
pub(crate) mod tally;
