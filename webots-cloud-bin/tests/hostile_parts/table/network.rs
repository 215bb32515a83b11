use super::super::attack::Outcome::Reached;
use super::super::attack::{Attack, Then};

const OWN: &str = "its network is its own";

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::program("session_server", "talks to the session server")
        .confined(OWN)
        .none(Reached("")),
    Attack::program(
        "simulation_server",
        "talks to the simulation server, which would start more for it",
    )
    .confined(OWN)
    .none(Reached("")),
    Attack::program("other_instance", "connects to its neighbour's simulation")
        .confined(OWN)
        .none(Reached("")),
    Attack::outside("listen", "listens on another port than its own")
        .then(Then::Connects)
        .confined("nobody can reach it there: its network is its own")
        .none(Reached("")),
    Attack::program(
        "abstract_sockets",
        "connects to an abstract socket of the machine",
    )
    .confined(OWN)
    .none(Reached("")),
    Attack::program(
        "service_sockets",
        "connects to the sockets of services: D-Bus, Docker, X, one of the test's",
    )
    .confined("they are not there")
    .none(Reached("")),
];
