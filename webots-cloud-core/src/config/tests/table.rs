//! The table of keys says what the code does.

use serde_json::Value;

use super::FakeSurroundings;
use crate::config::*;

fn defaults_of(server: Server) -> Value {
    let machine = FakeSurroundings::with_webots();
    match server {
        Server::Session => {
            let checked = session(NO_FILE, &machine).expect("defaults");
            effective(Config::Session(&checked.config))
        }
        Server::Simulation => {
            let checked = simulation(NO_FILE, &machine).expect("defaults");
            effective(Config::Simulation(&checked.config))
        }
        Server::Website => {
            let checked = website(NO_FILE, &machine).expect("defaults");
            effective(Config::Website(&checked.config))
        }
    }
}

#[test]
fn every_key_has_the_default_that_the_table_names() {
    for server in [Server::Session, Server::Simulation, Server::Website] {
        let shown = defaults_of(server);
        let mut counted = 0;
        for key in KEYS
            .iter()
            .filter(|key| key.used && key.servers.contains(&server))
        {
            let pointer = format!("/{}", key.name.replace('.', "/"));
            let value = shown
                .pointer(&pointer)
                .unwrap_or_else(|| panic!("{} is not shown", key.name));
            // Words stand for what depends on something.
            if let Ok(default) = serde_json::from_str::<Value>(key.default) {
                assert_eq!(*value, default, "{} of the {}", key.name, server.name());
            }
            counted += usize::from(!key.name.contains('.'));
        }
        assert_eq!(
            shown.as_object().map(serde_json::Map::len),
            Some(counted),
            "{server:?}"
        );
    }
}

#[test]
fn no_key_is_there_twice_and_all_are_described() {
    for (at, key) in KEYS.iter().enumerate() {
        assert!(
            !key.doc.is_empty() && !key.servers.is_empty(),
            "{}",
            key.name
        );
        assert_eq!(key.used, !key.allowed.is_empty(), "{}", key.name);
        for other in KEYS
            .iter()
            .skip(at + 1)
            .filter(|other| other.name == key.name)
        {
            for server in key.servers {
                assert!(
                    !other.servers.contains(server),
                    "{} of the {server:?}",
                    key.name
                );
            }
        }
    }
}
