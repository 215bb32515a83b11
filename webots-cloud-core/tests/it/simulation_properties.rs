//! Random interleavings of clients that come, leave and talk nonsense, of projects and launches
//! that succeed, fail and answer late, of instances that die at any moment, and of shutdown.

use std::time::Duration;

use proptest::prelude::*;
use webots_cloud_core::id::{ClientId, InstanceId};
use webots_cloud_core::ports::{ErrorKind, Exit, Listening, PortError};
use webots_cloud_core::protocol::client::{ClientMessage, ControllerFile, decode};
use webots_cloud_core::simulation::{Input, Reached, Reason};
use webots_cloud_core::testing::{SimulationWorld, rules};

#[derive(Clone, Debug)]
enum Step {
    Connect,
    Start,
    StartAgain(usize),
    Nonsense(usize, bool),
    Reset(usize),
    Leave(usize),
    Fetched(usize, bool),
    Launched(usize, Launch),
    Line(usize, &'static str),
    PortChecked(usize, Listening),
    End(usize),
    Gone(usize),
    Cleared(usize, bool),
    Pass(u64),
    ShutDown,
    /// Answers to orders that were never given, or long ago.
    Unasked(u64),
}

#[derive(Clone, Copy, Debug)]
enum Launch {
    Runs,
    Fails,
    PortTaken,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0usize..6;
    let lines = prop::sample::select(vec!["open", ".", "pause", "real-time", "step", "fast", "?"]);
    prop_oneof![
        20 => Just(Step::Start),
        3 => Just(Step::Connect),
        3 => which.clone().prop_map(Step::StartAgain),
        3 => (which.clone(), any::<bool>()).prop_map(|(which, json)| Step::Nonsense(which, json)),
        3 => which.clone().prop_map(Step::Reset),
        12 => which.clone().prop_map(Step::Leave),
        20 => (which.clone(), prop::bool::weighted(0.8)).prop_map(|(w, ok)| Step::Fetched(w, ok)),
        20 => (which.clone(), prop_oneof![
            6 => Just(Launch::Runs), 1 => Just(Launch::Fails), 1 => Just(Launch::PortTaken),
        ]).prop_map(|(which, launch)| Step::Launched(which, launch)),
        30 => (which.clone(), lines).prop_map(|(which, line)| Step::Line(which, line)),
        20 => (which.clone(), prop_oneof![
            4 => Just(Listening::Instance),
            2 => Just(Listening::Nobody),
            1 => Just(Listening::Stranger),
        ]).prop_map(|(which, listening)| Step::PortChecked(which, listening)),
        5 => which.clone().prop_map(Step::End),
        12 => which.clone().prop_map(Step::Gone),
        10 => (which, prop::bool::weighted(0.9)).prop_map(|(which, ok)| Step::Cleared(which, ok)),
        10 => (0u64..15_000).prop_map(Step::Pass),
        1 => Just(Step::ShutDown),
        5 => (0u64..12).prop_map(Step::Unasked),
    ]
}

fn pick<T: Copy>(from: &[T], which: usize) -> Option<T> {
    (!from.is_empty()).then(|| from[which % from.len()])
}

fn open_clients(world: &SimulationWorld) -> Vec<ClientId> {
    world
        .clients()
        .filter(|(_, view)| view.is_open())
        .map(|(id, _)| id)
        .collect()
}

/// Plays the steps. The world asserts on the way: no two processes on one port, nothing stopped
/// before it was launched, no workspace used by two or removed twice, nothing sent after a close,
/// one address at most, and that every deadline moves.
fn play(slots: u16, steps: &[Step]) -> (SimulationWorld, Vec<ClientId>) {
    let mut world = SimulationWorld::new(rules(slots));
    let mut started = Vec::new();
    let mut spoke_early: Vec<InstanceId> = Vec::new();
    for step in steps {
        match step {
            Step::Connect => {
                world.connect();
            }
            Step::Start => started.push(world.start()),
            Step::StartAgain(which) => {
                if let Some(client) = pick(&started, *which) {
                    let again = decode(r#"{"init":["http://h","p","w.wbt"]}"#).unwrap();
                    world.send(client, again);
                }
            }
            Step::Nonsense(which, json) => {
                if let Some(client) = pick(&open_clients(&world), *which) {
                    let message = decode(if *json { "[]" } else { "nonsense" });
                    world.input(Input::ClientSent { client, message });
                }
            }
            Step::Reset(which) => {
                if let Some(client) = pick(&open_clients(&world), *which) {
                    let file = ControllerFile {
                        directory: "a".into(),
                        file: "a.py".into(),
                    };
                    world.send(client, ClientMessage::ResetController(file));
                }
            }
            Step::Leave(which) => {
                if let Some(client) = pick(&open_clients(&world), *which) {
                    world.leave(client);
                }
            }
            Step::Fetched(which, ok) => {
                if let Some(instance) = pick(&world.fetching(), *which) {
                    let failed = PortError::bad_request("no such project");
                    world.fetched(instance, if *ok { Ok(()) } else { Err(failed) });
                }
            }
            Step::Launched(which, launch) => {
                if let Some(instance) = pick(&world.launching(), *which) {
                    // What was heard of runs: only a launch that started nothing may fail.
                    let result = match launch {
                        Launch::Fails if !spoke_early.contains(&instance) => {
                            Err(PortError::permanent("cannot start"))
                        }
                        Launch::PortTaken if !spoke_early.contains(&instance) => {
                            Err(PortError::new(ErrorKind::PortTaken, "in use"))
                        }
                        Launch::Runs | Launch::Fails | Launch::PortTaken => Ok(()),
                    };
                    world.launched(instance, result);
                }
            }
            Step::Line(which, line) => {
                let speakers = [world.launching(), world.processes()].concat();
                if let Some(instance) = pick(&speakers, *which) {
                    spoke_early.push(instance);
                    world.line(instance, line);
                }
            }
            Step::PortChecked(which, listening) => {
                if let Some(instance) = pick(&world.checking(), *which) {
                    world.port_checked(instance, *listening);
                }
            }
            Step::End(which) => {
                let mortal = [world.launching(), world.processes()].concat();
                if let Some(instance) = pick(&mortal, *which) {
                    spoke_early.push(instance);
                    world.end(instance, Exit::Code(1));
                }
            }
            Step::Gone(which) => {
                if let Some(instance) = pick(&world.processes(), *which) {
                    world.gone(instance);
                }
            }
            Step::Cleared(which, ok) => {
                if let Some(instance) = pick(&world.clearing(), *which) {
                    let failed = PortError::retry("busy");
                    world.cleared(instance, if *ok { Ok(()) } else { Err(failed) });
                }
            }
            Step::Pass(millis) => world.pass(Duration::from_millis(*millis)),
            Step::ShutDown => world.shut_down(),
            Step::Unasked(number) => unasked(&mut world, *number),
        }
    }
    (world, started)
}

/// Answers that nobody waits for change nothing.
fn unasked(world: &mut SimulationWorld, number: u64) {
    let instance = InstanceId(number + 1000);
    let before = world.trace().len();
    let failed = PortError::permanent("late");
    world.input(Input::Launched {
        instance,
        result: Ok(()),
    });
    world.input(Input::ProjectFetched {
        instance,
        workspace: None,
        result: Err(failed),
    });
    world.input(Input::PortChecked {
        instance,
        result: Ok(Listening::Instance),
    });
    world.input(Input::WorkspaceCleared {
        instance,
        result: Ok(()),
    });
    world.input(Input::ClientLeft {
        client: ClientId(number + 1000),
    });
    assert_eq!(world.trace().len(), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(super::cases()))]

    #[test]
    fn nothing_outlives_its_client(
        slots in 1u16..5,
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let (mut world, _) = play(slots, &steps);
        for client in open_clients(&world) {
            world.leave(client);
        }
        world.settle();
        world.pass(Duration::from_secs(120));
        world.settle();
        prop_assert_eq!(world.processes(), vec![], "processes");
        prop_assert_eq!(world.workspaces(), vec![], "workspaces");
        prop_assert_eq!(world.machine().instances().len(), 0, "instances");
        prop_assert_eq!(world.machine().clients(), 0, "clients");
        prop_assert_eq!(world.machine().taken_slots(), 0, "slots");
        let (figures, totals) = (world.machine().figures(), world.machine().totals());
        let outcomes: u64 = figures.outcomes().map(|(_, _, count)| count).sum();
        prop_assert_eq!(outcomes, totals.starts, "each start has one outcome");
        let ran = |it: &(Reached, Reason, u64)| it.0 == Reached::Running;
        let ran: u64 = figures.outcomes().filter(ran).map(|(_, _, count)| count).sum();
        prop_assert_eq!(ran, totals.ready, "each that was ready ran");
        prop_assert_eq!(figures.start.count(), totals.ready);
        if !world.machine().is_stopping() {
            prop_assert_eq!(world.machine().free_slots(), usize::from(slots), "slots");
        }
        prop_assert!(world.is_finished() == world.machine().is_stopping());
    }

    #[test]
    fn every_start_is_answered_by_one_address_or_by_one_error_instead(
        slots in 1u16..5,
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let (mut world, started) = play(slots, &steps);
        world.settle();
        world.pass(Duration::from_secs(120));
        world.settle();
        for client in started {
            let view = world.client(client);
            if view.left {
                continue;
            }
            let addresses = view.addresses().len();
            prop_assert!(addresses <= 1);
            // Whoever has no address was closed, and the frame before the close says why.
            if addresses == 0 {
                prop_assert!(view.closed.is_some(), "{client} waits for ever: {view:?}");
            }
            if view.closed.is_some() {
                let last = view.frames.last().map(|frame| frame.encode()).unwrap_or_default();
                prop_assert!(last.starts_with("error: "), "{client} was not told why: {view:?}");
            }
        }
    }

    #[test]
    fn after_a_shutdown_the_end_comes_whenever_it_was_asked_for(
        slots in 1u16..5,
        steps in proptest::collection::vec(step(), 0..60),
        more in proptest::collection::vec(step(), 0..20),
    ) {
        let steps = [steps, vec![Step::ShutDown], more].concat();
        let (mut world, _) = play(slots, &steps);
        world.settle();
        world.pass(Duration::from_secs(60));
        world.settle();
        prop_assert!(world.is_finished());
        prop_assert_eq!((world.processes(), world.workspaces()), (vec![], vec![]));
    }

    #[test]
    fn same_inputs_same_trace(steps in proptest::collection::vec(step(), 0..60)) {
        let (first, _) = play(3, &steps);
        let (second, _) = play(3, &steps);
        prop_assert_eq!(first.trace(), second.trace());
    }
}
