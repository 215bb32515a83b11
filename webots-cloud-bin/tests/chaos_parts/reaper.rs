//! Deaths of processes at random, of the server's own descendants and of nobody else.

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, waitpid,
};
use tokio::time::sleep;

use super::dice::Dice;
use super::procs::{self, Process};
use super::stage::Stage;
use super::tally::Tally;

/// Who dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Victim {
    /// The instance's first process: the stand-in.
    Leader,
    Controller,
    OutsideWarden,
    InsideWarden,
    /// bubblewrap or firejail, either of its processes.
    Sandbox,
    Server,
}

/// Of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Kill,
    Stop,
    Term,
}

impl Cause {
    const fn signal(self) -> Signal {
        match self {
            Self::Kill => Signal::KILL,
            Self::Stop => Signal::STOP,
            Self::Term => Signal::TERM,
        }
    }
}

/// In which sandbox, who, of what.
pub(crate) type Death = (&'static str, Victim, Cause);

impl Dice {
    fn cause(&mut self) -> Cause {
        match self.below(100) {
            0..65 => Cause::Kill,
            65..85 => Cause::Stop,
            _ => Cause::Term,
        }
    }
}

const PROCESSES: [Victim; 5] = [
    Victim::Leader,
    Victim::Controller,
    Victim::OutsideWarden,
    Victim::InsideWarden,
    Victim::Sandbox,
];

/// The victims that there are in this sandbox.
pub(crate) fn victims(sandbox: &str) -> impl Iterator<Item = Victim> {
    let confined = sandbox != "none";
    PROCESSES
        .into_iter()
        .filter(move |it| confined || *it != Victim::Sandbox)
}

fn kind(process: &Process) -> Option<Victim> {
    let args = process.args();
    let program = args.first()?.rsplit('/').next()?;
    match (program, args.get(1).map_or("", String::as_str)) {
        ("bwrap" | "firejail", _) => Some(Victim::Sandbox),
        (_, "--warden-outside") => Some(Victim::OutsideWarden),
        (_, "--warden-inside") => Some(Victim::InsideWarden),
        (_, "standin") if args.get(2)? != "--standin-grandchild" => Some(Victim::Leader),
        _ if program.starts_with("python") => Some(Victim::Controller),
        _ => None,
    }
}

/// Strikes now and then: first everybody in every way, then by chance, one for two sessions.
#[derive(Debug)]
pub(crate) struct Reaper {
    sandbox: &'static str,
    dice: Dice,
    owed: Vec<(Victim, Cause)>,
    struck: usize,
}

impl Reaper {
    pub(crate) fn new(sandbox: &'static str, dice: Dice) -> Self {
        let causes = [Cause::Kill, Cause::Stop, Cause::Term];
        let of_each = |cause| victims(sandbox).map(move |victim| (victim, cause));
        Self {
            sandbox,
            dice,
            owed: causes.into_iter().flat_map(of_each).collect(),
            struck: 0,
        }
    }

    /// Works while there is a server. Never ends.
    pub(crate) async fn work(mut self, stage: &Stage, deaths: &Tally<Death>) {
        loop {
            sleep(self.dice.millis(20, 120)).await;
            let Some(server) = stage.server() else {
                continue;
            };
            let all = procs::all();
            bury(server, &all);
            if self.owed.is_empty() && self.struck > stage.finished() / 2 {
                continue;
            }
            if let Some((victim, cause)) = self.strike(server, &all) {
                self.struck += 1;
                deaths.count((self.sandbox, victim, cause));
                self.owed.retain(|it| *it != (victim, cause));
                stage.everybody_was_struck(self.owed.is_empty());
            }
        }
    }

    fn strike(&mut self, server: i32, all: &[Process]) -> Option<(Victim, Cause)> {
        let there = living(server, all);
        let of_kind = |kind| there.iter().filter(move |it| it.0 == kind).map(|it| it.1);
        let is_there = |victim| of_kind(victim).next().is_some();
        let mut owed = self.owed.clone();
        owed.retain(|(victim, _)| is_there(*victim));
        let (victim, cause) = if owed.is_empty() {
            (self.dice.one(&PROCESSES), self.dice.cause())
        } else {
            self.dice.one(&owed)
        };
        let pids: Vec<i32> = of_kind(victim).collect();
        if pids.is_empty() {
            return None;
        }
        let pid = self.dice.one(&pids);
        send(server, pid, victim, cause.signal()).then_some((victim, cause))
    }
}

/// Those of the server's processes that can be struck.
fn living(server: i32, all: &[Process]) -> Vec<(Victim, i32)> {
    let there = procs::below(server, all);
    let alive = there.iter().filter(|it| !it.is_zombie());
    alive.filter_map(|it| Some((kind(it)?, it.pid))).collect()
}

/// A pid may be given to a stranger at any time: held first, looked at again then.
fn send(server: i32, pid: i32, victim: Victim, signal: Signal) -> bool {
    let target = Pid::from_raw(pid).expect("a pid");
    let Ok(held) = pidfd_open(target, PidfdFlags::empty()) else {
        return false;
    };
    let is_still = Process::read(pid).is_some_and(|it| kind(&it) == Some(victim));
    is_still && procs::is_below(server, pid) && pidfd_send_signal(&held, signal).is_ok()
}

/// This process is a subreaper, so that no orphan escapes it; as init would, it waits for them. The
/// server itself is waited for by who started it.
pub(crate) fn bury(server: i32, all: &[Process]) {
    let own = std::process::id().cast_signed();
    for dead in all {
        if dead.parent == own && dead.is_zombie() && dead.pid != server {
            let pid = Pid::from_raw(dead.pid).expect("a pid");
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}
