//! Time that passes from deadline to deadline.

use std::time::Duration;

use crate::machine::{DeadlineReached, Machine};
use crate::time::Timestamp;

/// More deadlines than any honest machine has in one [`pass`].
const FUEL: u32 = 200_000;

/// Lets `duration` pass: wakes the machine at each deadline, and has `drain` carry out its effects.
///
/// # Panics
/// When a deadline that fired does not move, or there is no end of deadlines.
pub(super) fn pass<W, M: Machine>(
    world: &mut W,
    now: impl Fn(&mut W) -> &mut Timestamp,
    machine: impl Fn(&mut W) -> &mut M,
    drain: impl Fn(&mut W),
    duration: Duration,
) {
    let end = now(world).after(duration);
    for _ in 0..FUEL {
        drain(world);
        let deadline = machine(world).next_deadline();
        let Some(deadline) = deadline.filter(|deadline| deadline.at <= end) else {
            *now(world) = end;
            return;
        };
        let at = deadline.at.max(*now(world));
        *now(world) = at;
        machine(world).handle(at, DeadlineReached.into());
        let next = machine(world).next_deadline();
        assert!(
            next.is_none_or(|next| next.at > deadline.at),
            "the deadline for \"{}\" at {} fired and did not move: {next:?}",
            deadline.why,
            deadline.at,
        );
    }
    panic!("the machine wanted to be woken {FUEL} times within {duration:?}");
}
