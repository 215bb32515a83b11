//! Carries the connections of browsers in to an instance with a private network: a thread of the
//! warden outside.
//!
//! It takes the port at once, but opens it only when the instance accepts connections: until then
//! it asks over the [link](super::link) for one, again and again. Then each browser gets a connection of its
//! own, and bytes go back and forth in bounded buffers: who is too fast waits, as with TCP itself.
//! Nothing waits for anything that the instance could withhold. What one relay may use is bounded by
//! [`MOST`] connections with two buffers each.

mod door;
mod flow;
mod pump;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, Result};
use rustix::process::{Signal, getpid, kill_process};

use self::door::Door;
use self::pump::{Connecting, Pump};
use super::link::{Answer, Outer};

/// So many connections at a time, those that are being made included; others are closed at once.
pub(crate) const MOST: usize = 64;
/// How long a connection to the instance may take.
const CONNECT: Duration = Duration::from_secs(10);
/// Between two looks whether the instance listens: an eighth of the time that it has had, between
/// these. So looking makes no start much longer, nor costs much.
const SOON: Duration = Duration::from_millis(1);
const LATER: Duration = Duration::from_millis(100);
/// Where no browser can be accepted, as without free descriptors, it is tried again after this.
const PAUSE: Duration = Duration::from_millis(100);
/// What is still on its way when the one inside has ended gets this long.
const LAST: Duration = Duration::from_secs(1);
/// So many answers or browsers are taken before it is the turn of others.
const TURNS: usize = 16;

/// The browsers of one instance.
#[derive(Debug)]
pub(crate) struct Relay {
    port: u16,
    door: Option<Door>,
    /// Without it nobody is inside any more, and the door is closed.
    link: Option<Outer>,
    /// Until then, what was sent before is carried.
    until: Option<Instant>,
    /// Answers that have yet to come.
    asked: usize,
    since: Instant,
    next_look: Instant,
    pause: Option<Instant>,
    waiting: VecDeque<(OwnedFd, Instant)>,
    /// With whom it is for; nobody: only a look.
    connecting: Vec<(Option<OwnedFd>, Connecting)>,
    pumps: Vec<Pump>,
}

/// What `poll` found.
#[derive(Debug, Default)]
struct Ready {
    link: bool,
    door: bool,
    connecting: Vec<bool>,
    pumps: Vec<[PollFlags; 2]>,
}

impl Relay {
    /// Takes the port. Nobody is let in yet.
    pub(crate) fn new(port: u16, link: Outer) -> Result<Self> {
        Ok(Self {
            port,
            door: Some(Door::take(port)?),
            link: Some(link),
            until: None,
            asked: 0,
            since: Instant::now(),
            next_look: Instant::now(),
            pause: None,
            waiting: VecDeque::new(),
            connecting: Vec::new(),
            pumps: Vec::new(),
        })
    }

    /// Works in a thread of its own, which ends with the link or this process. Where there can be no
    /// thread the link closes, and so the instance ends.
    pub(crate) fn spawn(self) {
        let carry = || {
            self.run();
            // Nobody sensible is inside any more: the order to end, as other signals give it.
            let _ = kill_process(getpid(), Signal::TERM);
        };
        let thread = thread::Builder::new().name("relay".to_owned());
        let _ = thread.spawn(carry);
    }

    fn run(mut self) {
        loop {
            let now = Instant::now();
            let is_over = self.pumps.is_empty() || self.until.is_some_and(|until| until <= now);
            if self.link.is_none() && is_over {
                return;
            }
            self.pause = self.pause.filter(|until| *until > now);
            self.waiting.retain(|(_, until)| *until > now);
            self.connecting.retain(|(_, it)| it.until() > now);
            if self.is_looking() && self.next_look <= now {
                self.look(now);
            }
            match self.wait(now) {
                Ok(ready) => self.work(&ready),
                Err(Errno::INTR) => {}
                // Out of memory, say: it must not spin.
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    /// Whether it has yet to be seen that the instance listens.
    fn is_looking(&self) -> bool {
        self.door.as_ref().is_some_and(|door| !door.is_open())
    }

    fn shut(&mut self) {
        (self.link, self.door) = (None, None);
        self.until = Some(Instant::now() + LAST);
        self.waiting.clear();
    }

    /// Asks for a connection that is for nobody.
    fn look(&mut self, now: Instant) {
        let had = now.saturating_duration_since(self.since);
        self.next_look = now + (had / 8).clamp(SOON, LATER);
        if self.asked == 0 && self.connecting.is_empty() {
            self.ask();
        }
    }

    fn ask(&mut self) -> bool {
        match self.link.as_ref().map(|link| link.ask(self.port)) {
            Some(Ok(())) => {
                self.asked += 1;
                true
            }
            // The one inside is stopped, and does not answer.
            Some(Err(Errno::AGAIN)) | None => false,
            Some(Err(_)) => {
                self.shut();
                false
            }
        }
    }

    fn wait(&self, now: Instant) -> Result<Ready> {
        let mut fds = Vec::new();
        if let Some(link) = &self.link {
            fds.push(PollFd::new(link, PollFlags::IN));
        }
        let door = self
            .door
            .as_ref()
            .filter(|door| door.is_open() && self.pause.is_none());
        fds.extend(door.map(Door::poll_fd));
        fds.extend(self.connecting.iter().map(|(_, it)| it.poll_fd()));
        let pumps: Vec<_> = self.pumps.iter().map(Pump::poll_fds).collect();
        fds.extend(pumps.iter().flatten().flatten().cloned());
        let limit = self.next_deadline();
        let limit = limit.map(|at| at.saturating_duration_since(now));
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        poll(&mut fds, limit.as_ref())?;
        let mut found = fds.iter().map(PollFd::revents);
        let mut next = |is_there: bool| match is_there {
            true => found.next().unwrap_or(PollFlags::empty()),
            false => PollFlags::empty(),
        };
        Ok(Ready {
            link: !next(self.link.is_some()).is_empty(),
            door: !next(door.is_some()).is_empty(),
            connecting: self
                .connecting
                .iter()
                .map(|_| !next(true).is_empty())
                .collect(),
            pumps: pumps
                .iter()
                .map(|[browser, instance]| [next(browser.is_some()), next(instance.is_some())])
                .collect(),
        })
    }

    fn next_deadline(&self) -> Option<Instant> {
        let look = self.is_looking().then_some(self.next_look);
        let waiting = self.waiting.front().map(|(_, until)| *until);
        let connecting = self.connecting.iter().map(|(_, it)| it.until());
        [look, waiting, self.pause, self.until]
            .into_iter()
            .flatten()
            .chain(connecting)
            .min()
    }

    fn work(&mut self, ready: &Ready) {
        // In this order: what is made here was not polled.
        let mut happened = ready.pumps.iter();
        self.pumps.retain_mut(|pump| {
            happened
                .next()
                .is_none_or(|it| is_quiet(it) || pump.step(*it))
        });
        self.connect(&ready.connecting);
        if ready.link {
            self.hear();
        }
        if ready.door {
            self.accept();
        }
    }

    /// Those that are through carry bytes from now on; the first opens the door.
    fn connect(&mut self, ready: &[bool]) {
        let mut ready = ready.iter();
        let mut is_ready = || ready.next().copied().unwrap_or(false);
        let done = self.connecting.extract_if(.., |_| is_ready());
        let through: Vec<_> = done.filter(|(_, it)| it.is_through()).collect();
        for (browser, connected) in through {
            match browser {
                Some(browser) => self.pumps.push(Pump::new(browser, connected)),
                // Fails while somebody else has the port; whoever asks is told who it is.
                None => {
                    let _ = self.door.as_mut().map(Door::open);
                }
            }
        }
    }

    fn hear(&mut self) {
        for _ in 0..TURNS {
            let Some(link) = &self.link else {
                return;
            };
            let answer = match link.answer() {
                Ok(Some(answer)) if self.asked > 0 => answer,
                Ok(None) => return,
                // Closed; or somebody inside sends what nobody asked for, and might go on so.
                Ok(Some(_)) | Err(_) => return self.shut(),
            };
            self.asked -= 1;
            let browser = self.waiting.pop_front().map(|(browser, _)| browser);
            let until = Instant::now() + CONNECT;
            if let Answer::Connecting(socket) = answer
                && let Some(connecting) = Connecting::from_inside(socket, until)
                && (browser.is_some() || self.is_looking())
            {
                self.connecting.push((browser, connecting));
            }
        }
    }

    fn accept(&mut self) {
        for _ in 0..TURNS {
            match self.door.as_ref().map(Door::accept) {
                Some(Ok(Some(browser))) => {
                    let all = self.pumps.len() + self.connecting.len() + self.waiting.len();
                    if all < MOST && self.ask() {
                        self.waiting.push_back((browser, Instant::now() + CONNECT));
                    }
                }
                Some(Ok(None)) | None => return,
                Some(Err(_)) => {
                    self.pause = Some(Instant::now() + PAUSE);
                    return;
                }
            }
        }
    }
}

fn is_quiet(happened: &[PollFlags; 2]) -> bool {
    happened.iter().all(|flags| flags.is_empty())
}
