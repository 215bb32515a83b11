use std::time::Duration;

use webots_cloud_core::id::{RequestId, ServerId};
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::machine::Machine;
use webots_cloud_core::ports::Notice;
use webots_cloud_core::session::{
    Effect, FreeServers, Input, Placement, SETTLING, SessionMachine, SessionRules, Standing, Work,
};
use webots_cloud_core::testing::{Answers, SessionWorld};
use webots_cloud_core::time::Timestamp;

fn world(servers: Vec<Answers>) -> SessionWorld {
    SessionWorld::new(SessionRules::default(), servers)
}

fn load(percent: f64) -> Load {
    Load::from_percent(percent).unwrap()
}

const A_ROUND: Duration = Duration::from_secs(5);

#[test]
fn a_client_is_told_at_once_whether_there_is_room_and_then_only_changes() {
    let mut world = world(vec![Answers::load(10.0)]);
    let client = world.client_comes();
    assert_eq!(world.told(client), [true]);
    world.pass(A_ROUND * 3);
    assert_eq!(world.told(client), [true]);
    world.server_answers(0, Answers::load(95.0));
    world.pass(A_ROUND * 3);
    world.server_answers(0, Answers::load(94.9));
    world.pass(A_ROUND * 3);
    assert_eq!(world.told(client), [true, false, true]);
}

#[test]
fn with_no_servers_there_is_never_room() {
    let mut world = world(vec![]);
    assert_eq!(world.opened_at(), Some(Timestamp::START));
    assert_eq!(
        (world.machine().available(), world.session()),
        (false, None)
    );
    assert_eq!(world.machine().load(), None);
}

#[test]
fn the_least_loaded_server_is_chosen_and_the_earlier_of_two_equals() {
    let mut world = world(vec![
        Answers::load(50.0),
        Answers::load(20.0),
        Answers::load(20.0),
    ]);
    assert_eq!(world.session(), Some(1));
    assert_eq!(
        world.session(),
        Some(2),
        "the first was just given a session"
    );
    assert_eq!(world.session(), Some(1));
}

#[test]
fn thirty_sessions_in_a_second_are_spread_over_three_idle_servers() {
    let mut world = world(vec![
        Answers::load(0.0),
        Answers::load(0.0),
        Answers::load(0.0),
    ]);
    let mut count = [0; 3];
    for _ in 0..30 {
        count[world.session().unwrap()] += 1;
        world.pass(Duration::from_millis(33));
    }
    assert_eq!(count, [10, 10, 10]);
}

#[test]
fn a_server_with_more_slots_gets_more_of_a_burst() {
    let with_slots = |slots| {
        Answers::With(LoadSample {
            slots: Some(slots),
            ..LoadSample::of(Load::IDLE)
        })
    };
    let mut world = world(vec![with_slots(10), with_slots(40)]);
    let mut count = [0; 2];
    for _ in 0..25 {
        count[world.session().unwrap()] += 1;
    }
    assert_eq!(count, [5, 20]);
}

#[test]
fn a_reservation_expires_by_itself() {
    let mut world = world(vec![Answers::load(10.0), Answers::load(12.0)]);
    assert_eq!([world.session(), world.session()], [Some(0), Some(1)]);
    // The servers still answer the old load: nobody came.
    world.pass(SETTLING + A_ROUND * 2);
    assert_eq!(world.session(), Some(0));
}

#[test]
fn reservations_never_make_a_server_unavailable() {
    let mut world = world(vec![Answers::load(0.0)]);
    let client = world.client_comes();
    for _ in 0..1000 {
        assert_eq!(world.session(), Some(0));
    }
    assert_eq!(world.told(client), [true]);
}

#[test]
fn a_full_server_is_not_offered() {
    let mut world = world(vec![Answers::load(95.0), Answers::load(94.0)]);
    for _ in 0..10 {
        assert_eq!(world.session(), Some(1));
    }
}

#[test]
fn a_silent_server_is_given_up_after_the_timeout_and_announced_once() {
    let mut world = world(vec![Answers::Never]);
    assert_eq!(world.opened_at(), None, "the first round has not ended");
    world.pass(Duration::from_secs(2));
    assert_eq!(
        world.opened_at(),
        Some(Timestamp::from_start(Duration::from_secs(2)))
    );
    world.pass(A_ROUND * 10);
    let reason = "no answer within 2 s".to_owned();
    let server = "host-0:2000".to_owned();
    assert_eq!(
        world.take_notices(),
        [Notice::ServerSilent {
            server: server.clone(),
            reason
        }]
    );
    assert_eq!(world.session(), None);

    world.server_answers(0, Answers::load(3.0));
    world.pass(A_ROUND * 2);
    assert_eq!(
        world.take_notices(),
        [Notice::ServerBack {
            server,
            load: load(3.0)
        }]
    );
    assert_eq!(world.session(), Some(0));
}

#[test]
fn a_server_that_answers_nonsense_is_a_silent_one() {
    let mut world = world(vec![Answers::Nonsense, Answers::load(40.0)]);
    assert_eq!(world.machine().peers()[0].standing(), Standing::Silent);
    assert_eq!(world.session(), Some(1));
    assert_eq!(
        world.machine().load(),
        Some(load(40.0)),
        "only those that answer count"
    );
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let mut world = world(vec![Answers::Late(LoadSample::of(load(1.0)))]);
    world.pass(Duration::from_secs(3));
    world.answer_late();
    assert_eq!(world.machine().peers()[0].standing(), Standing::Silent);
    assert_eq!(world.session(), None);
}

#[test]
fn the_administrator_hears_one_notice_for_a_change() {
    let mut world = world(vec![Answers::load(10.0)]);
    assert_eq!(world.take_notices(), [], "a healthy start is no news");
    let server = "host-0:2000".to_owned();
    world.server_answers(0, Answers::load(97.0));
    world.pass(A_ROUND * 4);
    let full = Notice::ServerFull {
        server: server.clone(),
        load: load(97.0),
    };
    assert_eq!(world.take_notices(), [full]);
    world.server_answers(0, Answers::load(50.0));
    world.pass(A_ROUND * 4);
    assert_eq!(
        world.take_notices(),
        [Notice::ServerFree {
            server,
            load: load(50.0)
        }]
    );
}

#[test]
fn one_silent_server_delays_neither_the_samples_nor_the_sessions_of_others() {
    let mut world = world(vec![Answers::Never, Answers::load(10.0)]);
    assert_eq!(
        world.session(),
        Some(1),
        "even before the silent one is given up"
    );
    let before = world.machine().totals().samples;
    world.pass(A_ROUND * 10);
    assert_eq!(world.machine().totals().samples - before, 10);
}

#[test]
fn at_shutdown_there_is_no_room_any_more() {
    let mut world = world(vec![Answers::load(10.0)]);
    let client = world.client_comes();
    world.shut_down();
    world.shut_down();
    assert_eq!(world.session(), None);
    assert_eq!(world.told(client), [true, false]);
    world.pass(A_ROUND * 10);
    assert_eq!(world.told(client), [true, false]);
}

/// Always the same, and sometimes nobody.
#[derive(Debug)]
struct Always(Option<ServerId>);

impl Placement for Always {
    fn choose(&mut self, _: &FreeServers) -> Option<ServerId> {
        self.0
    }
}

/// Whom a machine with this placement offers, of three servers with the loads 30, 20 and 99.
fn offered(placement: Always) -> Option<ServerId> {
    let addresses = (0..3).map(|number| format!("host-{number}:2000"));
    let mut machine =
        SessionMachine::with_placement(SessionRules::default(), addresses, Box::new(placement));
    let mut loads = [30.0, 20.0, 99.0].into_iter();
    while let Some(effect) = machine.poll_effect() {
        if let Effect::Work(Work::SampleLoad { server, probe }) = effect {
            let result = Ok(LoadSample::of(load(loads.next().unwrap())));
            let sampled = Input::LoadSampled {
                server,
                probe,
                result,
            };
            machine.handle(Timestamp::START, sampled);
        }
    }
    let request = RequestId(1);
    machine.handle(Timestamp::START, Input::SessionRequested { request });
    match machine.poll_effect() {
        Some(Effect::Offer { server, .. }) => server,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_placement_of_ones_own_chooses_among_the_free_servers_only() {
    assert_eq!(offered(Always(Some(ServerId(0)))), Some(ServerId(0)));
    let full_or_unknown = [Some(ServerId(2)), Some(ServerId(7)), None];
    for choice in full_or_unknown {
        assert_eq!(offered(Always(choice)), Some(ServerId(1)), "{choice:?}");
    }
}
