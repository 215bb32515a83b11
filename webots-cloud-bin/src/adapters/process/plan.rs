//! What the server tells the warden outside when it starts it: one argument, as JSON.

use std::ffi::OsStr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use webots_cloud_core::ports::{Network, PortError, StopPlan};

use super::cgroup::Cgroup;
use super::limit::Bounds;

/// How to watch over one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Whom to ask first when it is to end.
    pub(crate) ask: Ask,
    /// The port on which browsers reach an instance with a network of its own; `None` where it has
    /// none, or listens on none.
    pub(crate) port: Option<u16>,
    /// What it may use as a whole.
    pub(crate) limits: Bounds,
    /// Where what it stores is counted.
    pub(crate) workspace: PathBuf,
    /// The cgroup that it joins, which also enforces some of the limits.
    pub(crate) cgroup: Option<Cgroup>,
}

/// Whom to ask first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    /// Nobody: a warden inside the sandbox sees the same lifeline and asks.
    Nobody,
    /// The leader.
    Leader,
    /// Every process.
    Everyone,
}

impl Plan {
    pub(crate) fn argument(&self) -> std::io::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    pub(crate) fn read(argument: &OsStr) -> Option<Self> {
        serde_json::from_str(argument.to_str()?).ok()
    }
}

/// Whom to ask, and which port is carried out of its network, for an instance with or without a
/// warden `inside`.
///
/// # Errors
/// A private network without one: nobody could carry its port out.
pub(crate) fn carried(
    stop: StopPlan,
    network: Network,
    inside: bool,
    port: u16,
) -> Result<(Ask, Option<u16>), PortError> {
    let ask = match stop {
        _ if inside => Ask::Nobody,
        StopPlan::SignalLeader => Ask::Leader,
        StopPlan::SignalTree => Ask::Everyone,
    };
    let port = match network {
        Network::Host => None,
        Network::Private if inside => Some(port).filter(|port| *port != 0),
        Network::Private => {
            let why = "a private network takes a warden inside: `guard` was not used";
            let error = PortError::permanent("the simulation could not be started");
            return Err(error.because(why));
        }
    };
    Ok((ask, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_carried_out_of_private_networks_only() {
        let of = |network, inside, port| carried(StopPlan::SignalTree, network, inside, port);
        let port = |way: Result<(Ask, _), PortError>| way.expect("a way").1;
        assert_eq!(port(of(Network::Host, true, 2001)), None);
        assert_eq!(port(of(Network::Host, false, 2001)), None);
        assert_eq!(port(of(Network::Private, true, 2001)), Some(2001));
        assert_eq!(port(of(Network::Private, true, 0)), None);
        assert!(of(Network::Private, false, 2001).is_err());
    }
}
