//! What the session machine and the simulation machine have in common.

use crate::time::Timestamp;

/// A state machine without I/O: facts in, orders out, and the time as a value.
///
/// Drive it like this:
/// 1. [`handle`](Self::handle) an input with the current time;
/// 2. take effects with [`poll_effect`](Self::poll_effect) until there is none, and carry each out
///    in that order (work that takes time goes on beside, its answer comes back as an input);
/// 3. sleep until [`next_deadline`](Self::next_deadline) or until there is another input;
/// 4. at the deadline, handle [`DeadlineReached`] and begin again.
///
/// Late draining is harmless, and so is an early or superfluous [`DeadlineReached`].
pub trait Machine {
    /// A fact from outside.
    type Input: From<DeadlineReached>;
    /// An order to the outside.
    type Effect;

    /// Takes one fact. Never fails, never blocks, reads no clock; time that goes back is taken as
    /// standing still.
    fn handle(&mut self, now: Timestamp, input: Self::Input);

    /// The next order, in the order in which they were given.
    fn poll_effect(&mut self) -> Option<Self::Effect>;

    /// The earliest moment at which the machine wants to be woken, and why.
    fn next_deadline(&self) -> Option<Deadline>;
}

/// The input that says: the moment named by [`Machine::next_deadline`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlineReached;

/// A moment at which a machine wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub at: Timestamp,
    /// What it is for, in a word or two for traces.
    pub why: &'static str,
}
