//! Many short sessions at a time, while instances, controllers, wardens, sandboxes, clients and the
//! server itself die at random: at the end nothing is left of them.
//!
//! `WEBOTS_CLOUD_CHAOS=1000` is the long form; the default is 200 sessions. They are shared among
//! the sandboxes that there are. `WEBOTS_CLOUD_CHAOS_SEED=N` repeats the plans of an earlier run,
//! though not its timing.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod chaos_parts;
mod common;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chaos_parts::dice::Dice;
use chaos_parts::house::House;
use chaos_parts::reaper::{Cause, Death, Reaper, Victim, victims};
use chaos_parts::session::{Leave, Moment, Outcome};
use chaos_parts::stage::Stage;
use chaos_parts::tally::Tally;
use rustix::process::{getpid, set_child_subreaper};
use tokio::task::JoinSet;

const AT_A_TIME: usize = 32;
const ALL: [&str; 3] = ["none", "bubblewrap", "firejail"];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_among_random_deaths_leave_nothing() {
    let sessions = number("WEBOTS_CLOUD_CHAOS").unwrap_or(200);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("WEBOTS_CLOUD_CHAOS_SEED").unwrap_or(time.as_secs());
    println!("{sessions} sessions, {AT_A_TIME} at a time; WEBOTS_CLOUD_CHAOS_SEED={seed}");
    // No orphan of any server escapes to init.
    set_child_subreaper(Some(getpid())).unwrap();
    // Three minutes for the default.
    let limit = Duration::from_millis(900 * sessions.max(200));
    let whole = chaos(usize::try_from(sessions).unwrap(), Dice::new(seed));
    tokio::time::timeout(limit, whole).await.unwrap();
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

async fn chaos(sessions: usize, dice: Dice) {
    let begun = Instant::now();
    let (outcomes, deaths) = (Arc::new(Tally::new()), Tally::new());
    let mut sandboxes = Vec::new();
    let kills = if sessions >= 1000 { 20 } else { 4 };
    // A Webots of this era tells that it is ready by its first heartbeat, after 5 s.
    let modern = dice.clone().below(ALL.len());
    for (number, sandbox) in ALL.into_iter().enumerate() {
        let version = if number == modern { "R2025a" } else { "R2021b" };
        println!("{sandbox}, Webots {version}");
        let house = match House::open(sandbox, version).await {
            Ok(house) => house,
            Err(why) => {
                assert_ne!(sandbox, "none", "{why}");
                println!("  skipped: {sandbox} cannot be used here: {why}");
                continue;
            }
        };
        sandboxes.push(sandbox);
        // The first gets what is left over.
        let part = |of: usize| of / ALL.len() + usize::from(number < of % ALL.len());
        let dice = dice.split(number as u64);
        let stage = Stage::new(&house, part(sessions), dice.clone(), &outcomes);
        let reaper = Reaper::new(sandbox, dice.split(u64::MAX));
        let gap = part(sessions) / part(kills) / 2;
        play(house, Arc::new(stage), reaper, (part(kills), gap), &deaths).await;
    }
    println!("after {:?}:", begun.elapsed());
    outcomes.print("sessions");
    deaths.print("deaths");
    judge(&sandboxes, &outcomes, &deaths);
}

/// All sessions in one sandbox.
async fn play(
    mut house: House,
    stage: Arc<Stage>,
    reaper: Reaper,
    (kills, gap): (usize, usize),
    deaths: &Tally<Death>,
) {
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let stage = Arc::clone(&stage);
        clients.spawn(async move { stage.play().await });
    }
    let all = async {
        // Within the first half of the sessions: the last server lives through the other.
        for _ in 0..kills {
            stage.more(gap).await;
            stage.set_server(None);
            house.kill_and_start_again().await;
            deaths.count((house.sandbox(), Victim::Server, Cause::Kill));
            stage.set_server(Some(house.server()));
        }
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
    };
    tokio::select! {
        () = all => {}
        () = reaper.work(&stage, deaths) => {}
    }
    println!("  {} sessions in {:?}", stage.finished(), begun.elapsed());
    house.close().await;
}

/// The run was one, and nobody was treated badly.
fn judge(sandboxes: &[&'static str], outcomes: &Tally<Outcome>, deaths: &Tally<Death>) {
    for bad in [Outcome::Speechless, Outcome::Cut, Outcome::Unanswered] {
        assert_eq!(outcomes.sum(|it| *it == bad), 0, "{bad:?}");
    }
    let left = |fits: &dyn Fn(Moment, Leave) -> bool| {
        outcomes.sum(|it| matches!(it, Outcome::Left(moment, leave) if fits(*moment, *leave)))
    };
    for wanted in [
        Moment::BeforeTheStart,
        Moment::WhileLoading,
        Moment::WhileRunning,
    ] {
        assert!(left(&|moment, _| moment == wanted) > 0, "none {wanted:?}");
    }
    for wanted in [Leave::Close, Leave::Reset, Leave::Silence] {
        assert!(left(&|_, leave| leave == wanted) > 0, "none {wanted:?}");
    }
    for sandbox in sandboxes {
        for victim in victims(sandbox).chain([Victim::Server]) {
            let death = (*sandbox, victim, Cause::Kill);
            assert!(deaths.sum(|it| *it == death) > 0, "none {death:?}");
        }
    }
    for cause in [Cause::Stop, Cause::Term] {
        assert!(deaths.sum(|(_, _, it)| *it == cause) > 0, "none {cause:?}");
    }
}
