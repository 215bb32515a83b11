//! Scenarios of the simulation machine.

mod ending;
mod starting;
mod usage;

use webots_cloud_core::id::{ClientId, InstanceId};
use webots_cloud_core::protocol::client::{ClientMessage, Start, ViewMode};
use webots_cloud_core::protocol::start_url::{FileWorld, StartUrl};
use webots_cloud_core::simulation::Stage;
use webots_cloud_core::testing::{SimulationWorld, rules};

pub(super) const FIRST: InstanceId = InstanceId(1);

pub(super) fn world(slots: u16) -> SimulationWorld {
    SimulationWorld::new(rules(slots))
}

/// A world with one running instance.
pub(super) fn running() -> (SimulationWorld, ClientId) {
    let mut world = world(2);
    let client = world.start();
    world.settle();
    assert_eq!(stage(&world, FIRST), Some(Stage::Running));
    (world, client)
}

pub(super) fn stage(world: &SimulationWorld, instance: InstanceId) -> Option<Stage> {
    world
        .machine()
        .instances()
        .find(|there| there.id() == instance)
        .map(|there| there.stage())
}

pub(super) fn assert_nothing_left(world: &SimulationWorld) {
    assert_eq!(world.processes(), [], "processes");
    assert_eq!(world.workspaces(), [], "workspaces");
    assert_eq!(world.machine().instances().len(), 0, "instances");
    assert_eq!(
        world.machine().free_slots(),
        usize::from(world.machine().slots()),
        "slots"
    );
}

pub(super) fn file_start() -> ClientMessage {
    let url = StartUrl::File(FileWorld {
        project: "/p/simple".into(),
        world: "w.wbt".into(),
    });
    ClientMessage::Start(Start {
        url,
        mode: ViewMode::Scene,
    })
}
