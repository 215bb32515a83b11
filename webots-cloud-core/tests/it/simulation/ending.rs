//! How instances end.

use std::time::Duration;
use webots_cloud_core::load::Load;
use webots_cloud_core::ports::{Exit, Notice, PortError, Stop};
use webots_cloud_core::protocol::client::decode;

use super::{FIRST, assert_nothing_left, running, world};

#[test]
fn when_the_client_leaves_its_instance_is_ended_and_the_slot_is_free_when_it_is_gone() {
    let (mut world, client) = running();
    world.leave(client);
    assert_eq!(world.asked_to_stop(FIRST), Some(Stop::Terminate));
    assert_eq!(world.machine().free_slots(), 1, "asked to stop is not gone");
    world.gone(FIRST);
    assert_eq!(world.machine().free_slots(), 2);
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn an_instance_that_ignores_the_polite_order_is_killed() {
    let (mut world, client) = running();
    world.leave(client);
    world.pass(Duration::from_secs(6));
    assert_eq!(world.asked_to_stop(FIRST), Some(Stop::Kill));
    assert_eq!(world.take_notices(), []);
    world.pass(Duration::from_secs(60));
    assert_eq!(
        world.take_notices(),
        [Notice::InstanceStuck { instance: FIRST }]
    );
    assert_eq!(world.machine().free_slots(), 1, "the slot stays taken");
    world.gone(FIRST);
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn when_webots_quits_the_client_is_told_and_its_socket_closed_at_once() {
    let (mut world, client) = running();
    world.line(FIRST, "INFO: bye");
    world.end(FIRST, Exit::Code(0));
    let view = world.client(client);
    assert_eq!(
        view.errors(),
        ["the simulation ended (exit code 0). Its last output: INFO: bye"]
    );
    assert_eq!(view.closed, Some(1000));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn an_instance_that_reached_a_limit_says_which() {
    let limit = || Exit::Limit("it used more than its 8 GiB of memory".to_owned());
    let (mut world, client) = running();
    world.line(FIRST, "INFO: large");
    world.end(FIRST, limit());
    let view = world.client(client);
    assert_eq!(
        view.errors(),
        [
            "the simulation ended: it used more than its 8 GiB of memory. Its last output: INFO: large"
        ]
    );
    assert_eq!(view.closed, Some(1011));
    world.settle();
    assert_nothing_left(&world);

    let mut world = super::world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    world.end(FIRST, limit());
    assert_eq!(
        world.client(client).errors(),
        ["the simulation ended before it was ready: it used more than its 8 GiB of memory"]
    );
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn an_instance_that_dies_before_it_is_ready_shows_its_last_words() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    for number in 1..20 {
        world.line(FIRST, &format!("line {number}"));
    }
    world.gone(FIRST);
    let view = world.client(client);
    assert_eq!(view.closed, Some(1011));
    let error = view.errors()[0];
    assert!(
        error.starts_with("the simulation ended before it was ready (signal 9)"),
        "{error}"
    );
    assert!(
        error.contains("line 12") && error.ends_with("line 19"),
        "{error}"
    );
    assert!(!error.contains("line 11"), "{error}");
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn an_instance_that_never_gets_ready_is_given_up() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    world.pass(Duration::from_secs(11));
    assert_eq!(
        world.client(client).errors(),
        ["the simulation was not ready within 10 s"]
    );
    assert_eq!(world.client(client).closed, Some(1011));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn a_project_that_cannot_be_fetched_is_told_and_leaves_nothing() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(
        FIRST,
        Err(PortError::bad_request("there is no such project")),
    );
    assert_eq!(world.client(client).errors(), ["there is no such project"]);
    assert_eq!(world.client(client).closed, Some(1008));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn a_project_that_never_comes_is_given_up_and_its_fetch_abandoned() {
    let mut world = world(1);
    let client = world.start();
    world.pass(Duration::from_secs(21));
    assert_eq!(
        world.client(client).errors(),
        ["the project could not be fetched within 20 s"]
    );
    assert!(world.is_abandoned(FIRST));
    world.fetched(FIRST, Ok(()));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn a_client_that_leaves_during_the_fetch_starts_nothing() {
    let mut world = world(1);
    let client = world.start();
    world.leave(client);
    assert!(world.is_abandoned(FIRST));
    world.fetched(FIRST, Ok(()));
    assert_eq!(world.launching(), []);
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn a_client_that_leaves_during_the_launch_ends_what_was_launched() {
    let mut world = world(1);
    let client = world.start();
    world.fetched(FIRST, Ok(()));
    world.leave(client);
    assert_eq!(
        world.asked_to_stop(FIRST),
        None,
        "no stop before the launch is answered"
    );
    world.launched(FIRST, Ok(()));
    assert_eq!(world.asked_to_stop(FIRST), Some(Stop::Terminate));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn a_frame_that_means_nothing_is_answered_and_ends_the_session() {
    for (frame, code) in [
        ("not json", 1007),
        ("5", 1008),
        ("{}", 1008),
        ("{\"init\":[]}", 1008),
    ] {
        let (mut world, client) = running();
        let message = decode(frame);
        world.input(webots_cloud_core::simulation::Input::ClientSent { client, message });
        assert_eq!(world.client(client).errors().len(), 1, "{frame}");
        assert_eq!(world.client(client).closed, Some(code), "{frame}");
        world.settle();
        assert_nothing_left(&world);
    }
}

#[test]
fn a_client_that_says_nothing_is_sent_away() {
    let mut world = world(1);
    let client = world.connect();
    world.pass(Duration::from_secs(61));
    assert_eq!(
        world.client(client).errors(),
        ["nothing was started within 60 s"]
    );
    assert_eq!(world.client(client).closed, Some(1008));
}

#[test]
fn the_run_time_limit_is_told_and_ends_the_instance() {
    let (mut world, client) = running();
    world.pass(Duration::from_secs(7201));
    assert_eq!(
        world.client(client).errors(),
        ["the time limit of 7200 s is reached"]
    );
    assert_eq!(world.client(client).closed, Some(1000));
    world.settle();
    assert_nothing_left(&world);
}

#[test]
fn at_shutdown_every_client_is_told_and_the_end_is_said_when_nothing_is_left() {
    let mut world = world(3);
    let clients = [world.start(), world.start(), world.connect()];
    world.fetched(FIRST, Ok(()));
    world.launched(FIRST, Ok(()));
    world.shut_down();
    for client in clients {
        assert_eq!(
            world.client(client).errors(),
            ["the simulation server is shutting down"]
        );
        assert_eq!(world.client(client).closed, Some(1013));
    }
    assert!(!world.is_finished());
    let late = world.connect();
    assert_eq!(world.client(late).closed, Some(1013));
    world.settle();
    assert!(world.is_finished());
    assert_nothing_left(&world);
    assert_eq!(world.machine().load(), Load::FULL);
}
