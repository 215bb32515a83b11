//! Rules for tests.

use std::time::Duration;

use crate::limits::Limits;
use crate::protocol::admission::Repositories;
use crate::protocol::instance::Dialect;
use crate::protocol::instance_url::PublicAddress;
use crate::simulation::{SimulationRules, Webots};

/// Rules for tests: this many slots from port 2001 on, the legacy dialect, and short time-outs.
pub fn rules(slots: u16) -> SimulationRules {
    SimulationRules {
        port: 2000,
        slots,
        webots: Webots {
            command: vec!["webots".to_owned()],
            dialect: Dialect::Legacy,
            environment: Vec::new(),
            tls: false,
            multimedia_server: None,
            multimedia_stream: None,
        },
        address: PublicAddress::default(),
        fetch_timeout: Duration::from_secs(20),
        start_timeout: Duration::from_secs(10),
        run_timeout: Duration::from_secs(7200),
        limits: Limits::default(),
        repositories: Repositories::default(),
    }
}
