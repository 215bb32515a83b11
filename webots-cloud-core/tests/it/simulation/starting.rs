//! How instances start and run.

use std::time::Duration;
use webots_cloud_core::load::Load;
use webots_cloud_core::ports::{Listening, PortError};
use webots_cloud_core::protocol::client::{ClientMessage, ControllerFile};
use webots_cloud_core::protocol::instance::Dialect;
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::simulation::{Stage, TAKEN_PORT_PAUSE};
use webots_cloud_core::testing::{SimulationWorld, rules};

use super::{FIRST, file_start, running, stage, world};

#[test]
fn a_client_gets_its_address_once_the_instance_is_ready_and_its_port_is_open() {
    let mut world = world(2);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    assert_eq!(world.client(client).frames, [], "it runs, but is not ready");
    world.line(FIRST, "open");
    assert_eq!(
        world.client(client).frames,
        [],
        "it says it is ready, but its port is not open"
    );
    world.port_checked(FIRST, Listening::Nobody);
    world.pass(Duration::from_secs(1));
    world.port_checked(FIRST, Listening::Instance);
    let address = ServerMessage::Webots("ws://localhost:2001".to_owned());
    assert_eq!(world.client(client).frames, [address]);
}

#[test]
fn a_client_of_the_start_dialect_hears_of_each_stage() {
    let mut world = world(2);
    let client = world.connect();
    world.send(client, file_start());
    world.input(webots_cloud_core::simulation::Input::FetchProgressed {
        instance: FIRST,
        bytes: 1_250_000,
        of: Some(3_000_000),
    });
    world.settle();
    assert_eq!(
        world.client(client).frames,
        [
            ServerMessage::Loading("fetching the project".to_owned()),
            ServerMessage::Loading("fetching the project: 1.2 of 3.0 MB".to_owned()),
            ServerMessage::Loading("starting the simulation".to_owned()),
            ServerMessage::ShutdownTimeout(Duration::from_secs(7200)),
            ServerMessage::Loading("loading the world".to_owned()),
            ServerMessage::Webots("ws://localhost:2001".to_owned()),
        ]
    );
}

#[test]
fn the_modern_dialect_is_ready_with_its_first_heartbeat_and_heartbeats_are_relayed() {
    let mut rules = rules(1);
    rules.webots.dialect = Dialect::Modern;
    let mut world = SimulationWorld::new(rules);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    world.line(FIRST, "open");
    assert_eq!(
        stage(&world, FIRST),
        Some(Stage::Loading { says_ready: false })
    );
    world.line(FIRST, ".");
    world.port_checked(FIRST, Listening::Instance);
    world.line(FIRST, ".");
    let address = ServerMessage::Webots("ws://localhost:2001".to_owned());
    assert_eq!(
        world.client(client).frames,
        [address, ServerMessage::Heartbeat]
    );
    assert!(
        world.command(FIRST).contains(&"--port=2001".to_owned()),
        "{:?}",
        world.command(FIRST)
    );
}

#[test]
fn a_line_that_overtakes_the_launchers_answer_counts() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.line(FIRST, "open");
    world.launched(FIRST, Ok(()));
    world.port_checked(FIRST, Listening::Instance);
    assert_eq!(world.client(client).addresses(), ["ws://localhost:2001"]);
}

#[test]
fn at_the_limit_a_client_is_refused_with_a_reason_and_nothing_is_started() {
    let mut world = world(1);
    world.start();
    assert_eq!(world.machine().load(), Load::FULL, "no slot is free");
    let second = world.start();
    let text = "all 1 simulations of this server are in use; please try again later";
    assert_eq!(world.client(second).errors(), [text]);
    assert_eq!(world.client(second).closed, Some(1013));
    assert_eq!(world.fetching(), [FIRST]);
}

#[test]
fn a_second_start_gets_an_error_and_the_first_goes_on() {
    let (mut world, client) = running();
    world.send(client, file_start());
    assert_eq!(world.client(client).errors().len(), 1);
    assert_eq!(world.client(client).closed, None);
    assert_eq!(stage(&world, FIRST), Some(Stage::Running));
}

#[test]
fn a_port_that_a_stranger_uses_is_left_alone_and_the_next_is_taken() {
    let mut world = world(2);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    let taken = PortError::new(webots_cloud_core::ports::ErrorKind::PortTaken, "in use");
    world.launched(FIRST, Err(taken));
    world.settle();
    assert_eq!(world.client(client).addresses(), ["ws://localhost:2002"]);
    assert_eq!(world.machine().free_slots(), 0);
    world.pass(TAKEN_PORT_PAUSE);
    assert_eq!(world.machine().free_slots(), 1);
}

#[test]
fn a_stranger_who_takes_the_port_while_the_instance_starts_is_never_handed_out() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    world.line(FIRST, "open");
    world.port_checked(FIRST, Listening::Stranger);
    assert_eq!(world.client(client).addresses(), [""; 0]);
    assert_eq!(world.client(client).closed, Some(1011));
}

#[test]
fn reset_controller_is_answered_once_the_file_is_back() {
    let (mut world, client) = running();
    let file = ControllerFile {
        directory: "robot".into(),
        file: "robot.py".into(),
    };
    world.send(client, ClientMessage::ResetController(file.clone()));
    let reset = ServerMessage::ControllerReset(file);
    assert_eq!(world.client(client).frames.last(), Some(&reset));
}

#[test]
fn running_and_idle_are_counted_for_the_monitor() {
    let (mut world, client) = running();
    world.pass(Duration::from_secs(1));
    let last = *world.machine().history().last().unwrap();
    assert_eq!((last.running, last.idle), (0, 1));
    world.line(FIRST, "real-time");
    world.pass(Duration::from_secs(1));
    let last = *world.machine().history().last().unwrap();
    assert_eq!((last.running, last.idle), (1, 0));
    world.leave(client);
    world.pass(Duration::from_secs(1));
    let last = *world.machine().history().last().unwrap();
    assert_eq!((last.running, last.idle), (0, 0));
}

#[test]
fn the_load_is_the_mean_of_five_samples() {
    let mut world = world(1);
    world.set_load(100.0);
    world.pass(Duration::from_secs(2));
    assert_eq!(world.machine().load().percent(), 200.0 / 3.0);
    world.pass(Duration::from_secs(5));
    assert_eq!(world.machine().load(), Load::FULL);
    world.set_load(0.0);
    for left in [80.0, 60.0, 40.0, 20.0, 0.0, 0.0] {
        world.pass(Duration::from_secs(1));
        assert_eq!(world.machine().load().percent().round(), left);
    }
}
