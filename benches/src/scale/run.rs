//! One scenario, played.

use super::outcome::Outcome;
use super::random::Random;
use super::world::World;
use super::{Arrivals, Fleet, Way};

/// The session servers have had three rounds of samples before anybody comes.
const ROUNDS_BEFORE: u32 = 3;

/// How long after the last arrival the loads are looked at: everybody has come.
const SETTLED: u64 = 2000;

/// Between looks, where a run is long.
const LOOK_EVERY: u64 = 600_000;

/// Plays `runs` times with different seeds.
pub(super) fn play(fleet: Fleet, arrivals: Arrivals, way: Way, runs: u64) -> Outcome {
    (0..runs)
        .map(|run| once(fleet, arrivals, way, run))
        .fold(Outcome::default(), Outcome::and)
}

fn once(fleet: Fleet, arrivals: Arrivals, way: Way, run: u64) -> Outcome {
    // The same people come whatever the way.
    let mut people = Random::seeded(run.wrapping_mul(0x5851_f42d_4c95_7f2d) + 1);
    let mut world = World::new(fleet, way, run * 7919 + 17);
    let begin = way.refresh.as_millis() as u64 * u64::from(ROUNDS_BEFORE);
    for moment in arrivals.moments(&mut people) {
        world.asks_at(begin + moment);
    }
    let end = begin + arrivals.end() + SETTLED;
    for look in 1..(arrivals.end() / LOOK_EVERY) {
        world.looks_at(begin + look * LOOK_EVERY);
    }
    world.looks_at(end);
    world.run(end)
}
