//! The sequence diagram of the specification ("Web simulation protocol"), step by step.

use std::time::Duration;

use webots_cloud_core::load::LoadSample;
use webots_cloud_core::ports::Exit;
use webots_cloud_core::session::SessionRules;
use webots_cloud_core::testing::{Answers, SessionWorld, SimulationWorld, rules};

#[test]
fn the_sequence_of_the_specification() {
    let mut host = SimulationWorld::new(rules(2));
    let load_of = |host: &SimulationWorld| Answers::With(LoadSample::of(host.machine().load()));

    // Check server availability.
    let mut front = SessionWorld::new(SessionRules::default(), vec![load_of(&host)]);
    let page = front.client_comes();
    assert_eq!(front.told(page), [true]);

    // Open simulation session: the URL of the simulation server comes back.
    assert_eq!(front.session(), Some(0));

    // Start simulation: the project is fetched, Webots started, its address returned.
    let browser = host.start();
    host.settle();
    assert_eq!(host.client(browser).addresses(), ["ws://localhost:2001"]);
    assert_eq!(host.processes().len(), 1);

    // The machine fills up, and the session server notices by itself.
    let other = host.start();
    host.settle();
    front.server_answers(0, load_of(&host));
    front.pass(Duration::from_secs(5));
    assert_eq!(front.told(page), [true, false]);
    assert_eq!(front.session(), None);

    // Client disconnected: its Webots is ended, and there is room again.
    host.leave(browser);
    host.settle();
    assert_eq!(host.processes().len(), 1);
    front.server_answers(0, load_of(&host));
    front.pass(Duration::from_secs(5));
    assert_eq!(front.told(page), [true, false, true]);

    // Webots quits: the client is notified and the connection closed.
    let instance = host.processes()[0];
    host.end(instance, Exit::Code(0));
    assert_eq!(host.client(other).closed, Some(1000));
    host.settle();
    assert_eq!((host.processes(), host.workspaces()), (vec![], vec![]));
}
