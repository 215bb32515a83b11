//! Random interleavings of clients and of servers that work, hang, lie, and come back.

use std::time::Duration;

use proptest::prelude::*;
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::session::{SessionRules, Standing};
use webots_cloud_core::testing::{Answers, SessionWorld};

#[derive(Clone, Debug)]
enum Step {
    Comes,
    Asks,
    Server(usize, Answers),
    AnswerLate,
    Pass(u64),
    ShutDown,
}

fn sample() -> impl Strategy<Value = LoadSample> {
    (0.0..150.0, proptest::option::of(1u32..50)).prop_map(|(percent, slots)| LoadSample {
        slots,
        ..LoadSample::of(Load::from_percent(percent).unwrap())
    })
}

fn answers() -> impl Strategy<Value = Answers> {
    prop_oneof![
        4 => sample().prop_map(Answers::With),
        1 => Just(Answers::Never),
        1 => Just(Answers::Nonsense),
        1 => sample().prop_map(Answers::Late),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => Just(Step::Comes),
        60 => Just(Step::Asks),
        40 => (0usize..4, answers()).prop_map(|(server, answers)| Step::Server(server, answers)),
        10 => Just(Step::AnswerLate),
        60 => (0u64..12_000).prop_map(Step::Pass),
        1 => Just(Step::ShutDown),
    ]
}

/// The index of free servers says what a look at all of them would: before it was chosen, no free
/// server's expected load was less, and no earlier one's the same.
fn is_least(world: &SessionWorld, chosen: usize) {
    let expected = |server: usize, reservations: u32| {
        let peer = &world.machine().peers()[server];
        let sample = peer
            .sample()
            .filter(|_| peer.standing() == Standing::Free)?;
        let cost = sample.slots.map_or(5.0, |slots| 100.0 / f64::from(slots));
        Some(sample.load.percent() + cost * f64::from(reservations))
    };
    let peers = world.machine().peers();
    let least = expected(chosen, peers[chosen].reservations() - 1).expect("a free server");
    for (server, peer) in peers.iter().enumerate() {
        if server != chosen
            && let Some(other) = expected(server, peer.reservations())
        {
            let after = other > least || (other == least && server > chosen);
            assert!(
                after,
                "{chosen} is taken at {least}, but {server} is at {other}"
            );
        }
    }
}

fn play(servers: &[Answers], steps: &[Step]) -> SessionWorld {
    // The world itself asserts that nobody is told the same twice, that nothing is answered twice,
    // that no offered server is at the threshold, and that every deadline moves.
    let mut world = SessionWorld::new(SessionRules::default(), servers.to_vec());
    for step in steps {
        match step {
            Step::Comes => {
                let client = world.client_comes();
                assert_eq!(world.told(client), [world.machine().available()]);
            }
            Step::Asks => {
                let available = world.machine().available();
                let offer = world.session();
                assert_eq!(
                    offer.is_some(),
                    available,
                    "an offer exactly while there is room"
                );
                if let Some(server) = offer {
                    is_least(&world, server);
                }
            }
            Step::Server(server, answers) => {
                if *server < servers.len() {
                    world.server_answers(*server, answers.clone());
                }
            }
            Step::AnswerLate => world.answer_late(),
            Step::Pass(millis) => world.pass(Duration::from_millis(*millis)),
            Step::ShutDown => world.shut_down(),
        }
        let free = |peer: &webots_cloud_core::session::Peer| peer.standing() == Standing::Free;
        let any_free = world.machine().peers().iter().any(free);
        let stopping = world.machine().is_stopping();
        assert_eq!(world.machine().available(), any_free && !stopping);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases()))]

    #[test]
    fn the_promises_hold_whatever_servers_and_clients_do(
        servers in proptest::collection::vec(answers(), 0..4),
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let first = play(&servers, &steps);
        let second = play(&servers, &steps);
        prop_assert_eq!(first.trace(), second.trace(), "same inputs, same trace");
    }

    #[test]
    fn whatever_happened_healthy_servers_are_offered_again(
        servers in proptest::collection::vec(answers(), 1..4),
        steps in proptest::collection::vec(
            step().prop_filter("no shutdown", |step| !matches!(step, Step::ShutDown)), 0..40),
    ) {
        let mut world = play(&servers, &steps);
        for server in 0..servers.len() {
            world.server_answers(server, Answers::load(1.0));
        }
        world.pass(Duration::from_secs(30));
        prop_assert!(world.machine().available());
        prop_assert_eq!(world.session(), Some(0), "all are equal, the reservations are gone");
    }
}
