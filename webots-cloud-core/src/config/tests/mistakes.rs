//! What is wrong is all said at once.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::FakeSurroundings;
use crate::config::*;

#[test]
fn ten_mistakes_are_ten_problems() {
    let text = r#"{"port": "2000", "ssl": "yes", "maxConnections": 0, "timeout": -1, "sandbox": "docker",
        "limits": {"memory": "much"}, "download": 5, "sslKey": "/missing.pem",
        "allowedRepositories": ["github.com/a", "https://"], "fullyQualifiedDomainName": "https://x"}"#;
    let machine = FakeSurroundings::with_webots().with_files(&["/missing.pem"]);
    let errors = simulation(text, &machine)
        .expect_err("ten mistakes")
        .in_file("sim.json");
    let mut keys: Vec<&str> = errors
        .problems
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    keys.sort_unstable();
    let expected = [
        "allowedRepositories",
        "download",
        "fullyQualifiedDomainName",
        "limits.memory",
        "maxConnections",
        "port",
        "sandbox",
        "ssl",
        "sslCertificate",
        "timeout",
    ];
    assert_eq!(keys, expected);
    let text = errors.to_string();
    assert_eq!(text.lines().count(), 10);
    let line =
        "sim.json: `port`: is \"2000\"; allowed: a whole number from 0 (a free port) to 65535";
    assert!(text.lines().any(|found| found == line), "{text}");
    for problem in &errors.problems {
        assert!(
            !problem.wrong.is_empty() && !problem.allowed.is_empty(),
            "{problem:?}"
        );
    }
}

#[test]
fn a_wrong_webhook_is_not_shown() {
    let machine = FakeSurroundings::with_webots();
    for wrong in [
        json!("ftp://hooks.example.org/T0KEN"),
        json!("https://me:T0KEN@hooks.example.org"),
        json!("T0KEN"),
        json!(["https://hooks.example.org/T0KEN"]),
    ] {
        let text = json!({ "webhook": wrong }).to_string();
        for errors in [
            session(&text, &machine).expect_err("wrong"),
            simulation(&text, &machine).expect_err("wrong"),
        ] {
            assert_eq!(errors.problems.len(), 1, "{errors:?}");
            assert_eq!(errors.problems[0].key, "webhook");
            assert!(!format!("{errors:?}").contains("T0KEN"), "{errors:?}");
        }
    }
}

#[test]
fn who_announces_itself_should_have_a_name() {
    let machine = FakeSurroundings::with_webots();
    let nameless = r#"{"notify": "https://example.org/setup"}"#;
    let warnings = simulation(nameless, &machine).expect("valid").warnings;
    assert!(
        warnings.len() == 1 && warnings[0].contains("`server`"),
        "{warnings:?}"
    );
    let named = r#"{"notify": "https://example.org/setup", "server": "example.org"}"#;
    assert_eq!(
        simulation(named, &machine).expect("valid").warnings,
        Vec::<String>::new()
    );
}

#[test]
fn a_misspelt_key_is_named_beside_the_mistakes() {
    let machine = FakeSurroundings::with_webots();
    let errors = session(r#"{"loadTreshold": 1, "ssl": 5}"#, &machine).expect_err("a mistake");
    let text = errors.in_file("s.json").to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("s.json: `ssl`: "), "{text}");
    assert!(lines[1].starts_with("s.json: warning: "), "{text}");
    assert!(lines[1].contains("did you mean `loadThreshold`?"), "{text}");
}

#[test]
fn single_mistakes() {
    let machine = FakeSurroundings::with_webots()
        .with_files(&["/file"])
        .with_folders(&["/folder"]);
    let cases = [
        (Server::Session, json!({"port": 65536}), "port", "65536"),
        (Server::Session, json!({"port": 1.5}), "port", "1.5"),
        (
            Server::Session,
            json!({"loadThreshold": 0}),
            "loadThreshold",
            "is 0",
        ),
        (
            Server::Session,
            json!({"loadTimeout": "2"}),
            "loadTimeout",
            "\"2\"",
        ),
        (
            Server::Session,
            json!({"simulationServers": ["h:1", "H:1"]}),
            "simulationServers",
            "twice",
        ),
        (
            Server::Session,
            json!({"simulationServers": ["h"]}),
            "simulationServers",
            "\"h\"",
        ),
        (
            Server::Session,
            json!({"simulationServers": 5}),
            "simulationServers",
            "is 5",
        ),
        (Server::Session, json!({"server": "h:1"}), "server", "h:1"),
        (
            Server::Session,
            json!({"logDir": "$NOWHERE"}),
            "logDir",
            "NOWHERE",
        ),
        (
            Server::Session,
            json!({"administrator": "a\r\nb@c"}),
            "administrator",
            "is ",
        ),
        (
            Server::Session,
            json!({"mailSenderPassword": 31337}),
            "mailSenderPassword",
            "not a text",
        ),
        (
            Server::Session,
            json!({"sslKey": "/folder", "sslCertificate": "/file"}),
            "sslKey",
            "is a folder",
        ),
        (
            Server::Simulation,
            json!({"port": 65500}),
            "maxConnections",
            "beyond 65535",
        ),
        (
            Server::Simulation,
            json!({"webotsHome": "/folder"}),
            "webotsHome",
            "no Webots in `/folder`",
        ),
        (
            Server::Simulation,
            json!({"webotsHome": 5}),
            "webotsHome",
            "is 5",
        ),
        (Server::Simulation, json!({"webots": []}), "webots", "is []"),
        (
            Server::Simulation,
            json!({"webots": "./standin"}),
            "webots",
            "does not exist",
        ),
        (
            Server::Simulation,
            json!({"webotsVersion": "2023b"}),
            "webotsVersion",
            "2023b",
        ),
        (
            Server::Simulation,
            json!({"projectsDir": "/file"}),
            "projectsDir",
            "is a file",
        ),
        (
            Server::Simulation,
            json!({"multimediaServer": "a;ssl"}),
            "multimediaServer",
            "a;ssl",
        ),
        (
            Server::Simulation,
            json!({"notify": ["ftp://x"]}),
            "notify",
            "ftp://x",
        ),
        (
            Server::Simulation,
            json!({"limits": {"processes": "1 KiB"}}),
            "limits.processes",
            "1 KiB",
        ),
        (
            Server::Simulation,
            json!({"limits": {"openFiles": 1}}),
            "limits.openFiles",
            "is 1",
        ),
        (
            Server::Simulation,
            json!({"maxClientMessage": "1 B"}),
            "maxClientMessage",
            "1 B",
        ),
        (
            Server::Website,
            json!({"key": "a", "keyFile": "/file"}),
            "keyFile",
            "as well as",
        ),
        (
            Server::Simulation,
            json!({"sandbox": "none", "network": "private"}),
            "network",
            "takes a sandbox",
        ),
        (Server::Website, json!({"key": ""}), "key", "is empty"),
        (Server::Website, json!({"quota": "lots"}), "quota", "lots"),
        (
            Server::Website,
            json!({"site": "/nowhere"}),
            "site",
            "does not exist",
        ),
    ];
    for (server, value, key, wrong) in cases {
        let errors = check(server, &value.to_string(), &machine).expect_err("a mistake");
        assert_eq!(errors.problems.len(), 1, "{errors}");
        let problem = &errors.problems[0];
        assert_eq!(problem.key, key, "{value}");
        assert!(problem.wrong.contains(wrong), "{problem}");
        assert!(!errors.to_string().contains("31337"), "{errors}");
    }
}

#[test]
fn broken_json_names_its_place() {
    let machine = FakeSurroundings::with_webots();
    let errors = session("{\n  \"port\": 1999,\n}", &machine).expect_err("a comma too many");
    assert!(errors.to_string().contains("line 3 column 1"), "{errors}");
    assert!(session("[]", &machine).is_err());
    assert!(session("\u{feff}{}", &machine).is_ok());
}

#[test]
fn unknown_keys_are_warnings_with_the_nearest_known_one() {
    let machine = FakeSurroundings::with_webots();
    let text =
        r#"{"simulationServer": ["h:1"], "loadTreshold": 5, "colour": "red", "maxConnections": 5}"#;
    let mut warnings = session(text, &machine).expect("warnings only").warnings;
    warnings.sort_unstable();
    assert_eq!(
        warnings,
        [
            "`maxConnections` is a key of the simulation server, and has no effect on the session server",
            "unknown key `colour` is ignored",
            "unknown key `loadTreshold` is ignored: did you mean `loadThreshold`?",
            "unknown key `simulationServer` is ignored: did you mean `simulationServers`?",
        ]
    );
    let text = r#"{"limits": {"memroy": 1}, "bannedRepositories": []}"#;
    let warnings = simulation(text, &machine).expect("warnings only").warnings;
    assert!(
        warnings.contains(
            &"unknown key `limits.memroy` is ignored: did you mean `limits.memory`?".into()
        )
    );
    assert!(warnings.contains(
        &"`bannedRepositories` has no effect here: the key is `blockedRepositories`".into()
    ));
}

#[test]
fn half_a_mail_is_a_warning() {
    let text = r#"{"administrator": "a@b.org", "mailServer": "mail.b.org"}"#;
    let checked = session(text, &FakeSurroundings::new()).expect("a warning only");
    assert_eq!(checked.config.mail, None);
    assert!(checked.warnings[0].contains("without `mailSender`"));
}

fn check(server: Server, text: &str, machine: &FakeSurroundings) -> Result<(), ConfigErrors> {
    match server {
        Server::Session => session(text, machine).map(drop),
        Server::Simulation => simulation(text, machine).map(drop),
        Server::Website => website(text, machine).map(drop),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[~$/{}a-z:.0-9 MGiB]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,9}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    prop_oneof![4 => prop::sample::select(known).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn no_configuration_panics(
        values in prop::collection::btree_map(any_key(), any_json(), 0..6),
        text in any::<String>(),
    ) {
        let machine = FakeSurroundings::with_webots();
        let object = json!(values).to_string();
        for server in [Server::Session, Server::Simulation, Server::Website] {
            let _ = check(server, &text, &machine);
            if let Err(errors) = check(server, &object, &machine) {
                prop_assert!(!errors.problems.is_empty());
            }
        }
    }
}
