//! What instances may reach and use.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::FakeSurroundings;
use crate::config::*;

fn machine() -> FakeSurroundings {
    FakeSurroundings::with_webots()
        .with_files(&["/file"])
        .with_folders(&["/sys/fs/cgroup/w", "/etc/webots/none", "/etc/webots/auto"])
}

fn read(value: &Value) -> SimulationConfig {
    let checked = simulation(&value.to_string(), &machine()).expect("valid");
    assert_eq!(checked.warnings, [""; 0]);
    checked.config
}

/// The key that is wrong, and what is said of it.
fn mistake(value: &Value) -> (String, String) {
    let errors = simulation(&value.to_string(), &machine()).expect_err("a mistake");
    assert_eq!(errors.problems.len(), 1, "{errors}");
    let problem = &errors.problems[0];
    (problem.key.clone(), problem.wrong.clone())
}

/// What is said to be in effect means the same when it is read again.
fn shown(config: &SimulationConfig) -> Value {
    let value = effective(Config::Simulation(config));
    let machine = machine().with_folders(&[
        "/usr/local/webots/projects/samples/robotbenchmark",
        "/etc/webots/key",
    ]);
    let again = simulation(&value.to_string(), &machine).expect("valid");
    assert_eq!(again.config, *config);
    value
}

#[test]
fn networks() {
    for (given, choice) in [
        (json!("auto"), NetworkChoice::Auto),
        (json!("private"), NetworkChoice::Private),
        (json!("host"), NetworkChoice::Host),
        (Value::Null, NetworkChoice::Auto),
    ] {
        let config = read(&json!({"network": given}));
        assert_eq!(config.network, choice);
        let said = if given.is_null() {
            json!("auto")
        } else {
            given
        };
        assert_eq!(shown(&config)["network"], said);
    }
    for wrong in [
        json!("none"),
        json!("Private"),
        json!(true),
        json!(["host"]),
    ] {
        assert_eq!(mistake(&json!({"network": wrong})).0, "network", "{wrong}");
    }
}

#[test]
fn devices() {
    let given = json!({"devices": ["/dev/dri", "/dev/nvidia0"]});
    let config = read(&given);
    let paths = ["/dev/dri", "/dev/nvidia0"].map(PathBuf::from);
    assert_eq!(config.devices.as_deref(), Some(&paths[..]));
    assert_eq!(shown(&config)["devices"], given["devices"]);
    // None at all is not what is taken where nothing is said.
    assert_eq!(read(&json!({"devices": []})).devices, Some(Vec::new()));
    assert_eq!(shown(&read(&json!({"devices": []})))["devices"], json!([]));
    assert_eq!(read(&json!({})).devices, None);
    let one = read(&json!({"devices": "/dev/dri"})).devices;
    assert_eq!(one.map(|all| all.len()), Some(1));
    for wrong in ["/dev", "/dev/../etc", "/etc", "dri", "/devices/x", ""] {
        let (key, text) = mistake(&json!({"devices": [wrong]}));
        assert_eq!(key, "devices");
        assert!(text.contains(&format!("{wrong:?}")), "{text}");
    }
    assert_eq!(mistake(&json!({"devices": 5})).0, "devices");
}

#[test]
fn cgroups() {
    for (given, choice, said) in [
        (json!("auto"), CgroupChoice::Auto, "auto"),
        (Value::Null, CgroupChoice::Auto, "auto"),
        (json!("none"), CgroupChoice::None, "none"),
        (
            json!("/sys/fs/cgroup/w"),
            CgroupChoice::Folder("/sys/fs/cgroup/w".into()),
            "/sys/fs/cgroup/w",
        ),
        // Folders of these names can still be meant.
        (
            json!("./none"),
            CgroupChoice::Folder("/etc/webots/none".into()),
            "/etc/webots/./none",
        ),
    ] {
        let config = read(&json!({"cgroup": given}));
        assert_eq!(config.cgroup, choice, "{given}");
        assert_eq!(shown(&config)["cgroup"], said);
    }
    for (wrong, what) in [
        (json!("/sys/fs/cgroup/x"), "does not exist"),
        (json!("/file"), "is a file"),
        (json!("on"), "does not exist"),
        (json!(true), "true"),
    ] {
        let (key, text) = mistake(&json!({"cgroup": wrong}));
        assert_eq!(key, "cgroup");
        assert!(text.contains(what), "{text}");
    }
}

#[test]
fn numbers_of_files() {
    assert_eq!(read(&json!({})).limits.files, defaults::LIMITS.files);
    let config = read(&json!({"limits": {"files": 7}}));
    assert_eq!(config.limits.files, Some(7));
    assert_eq!(shown(&config)["limits"]["files"], 7);
    let config = read(&json!({"limits": {"files": null}}));
    assert_eq!(config.limits.files, None);
    assert_eq!(shown(&config)["limits"]["files"], Value::Null);
    for wrong in [json!(0), json!(-1), json!(1.5), json!("7"), json!("1 KiB")] {
        let (key, _) = mistake(&json!({"limits": {"files": wrong}}));
        assert_eq!(key, "limits.files", "{wrong}");
    }
}
