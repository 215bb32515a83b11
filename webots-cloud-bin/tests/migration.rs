//! Configuration files as the Python servers ship with are accepted, and mean what they meant (W1.8,
//! W2.18); the samples of our own are good. The guide for operators is `docs/src/migrate.md`.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{SESSION_SERVER, SIMULATION_SERVER, WEBOTS_CLOUD, run, text};
use serde_json::{Value, json};
use webots_cloud_core::config::{self, Config, KEYS, NO_FILE, PathKind, Surroundings, effective};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn sample(path: &str) -> PathBuf {
    Path::new(REPOSITORY).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(sample(path)).expect(path)
}

/// A machine on which every file and folder is there that a configuration names.
#[derive(Debug)]
struct Complete;

impl Surroundings for Complete {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/webots".to_owned())
    }

    fn home(&self) -> Option<PathBuf> {
        Some("/home/webots".into())
    }

    fn folder(&self) -> PathBuf {
        "/srv/config".into()
    }

    fn temporary(&self) -> PathBuf {
        "/tmp".into()
    }

    fn kind(&self, path: &Path) -> PathKind {
        let name = path.file_name().unwrap_or_default();
        let file = path.extension().is_some() || name == "webots" || name == "nul";
        let home = path == Path::new("/usr/local/webots");
        if file && !home {
            PathKind::File
        } else {
            PathKind::Folder
        }
    }
}

/// What is in effect, and the warnings.
fn in_effect(server: &str, content: &str) -> (Value, Vec<String>) {
    match server {
        "session" => {
            let checked = config::session(content, &Complete).expect("accepted");
            (
                effective(Config::Session(&checked.config)),
                checked.warnings,
            )
        }
        "simulation" => {
            let checked = config::simulation(content, &Complete).expect("accepted");
            (
                effective(Config::Simulation(&checked.config)),
                checked.warnings,
            )
        }
        _ => {
            let checked = config::website(content, &Complete).expect("accepted");
            (
                effective(Config::Website(&checked.config)),
                checked.warnings,
            )
        }
    }
}

/// What a file of the Python servers means: what is in effect other than by default, and what is warned of.
fn means(path: &str) -> (Value, Vec<String>) {
    let server = if path.contains("/session/") {
        "session"
    } else {
        "simulation"
    };
    let content = read(&format!("examples/config/python/{path}"));
    let (mut meant, warnings) = in_effect(server, &content);
    let (usual, _) = in_effect(server, NO_FILE);
    let different = |key: &String, value: &mut Value| usual[key] != *value;
    meant.as_object_mut().unwrap().retain(different);
    (meant, warnings)
}

#[test]
fn of_2018() {
    let (meant, warnings) = means("2018/session/default.json");
    assert_eq!(
        (meant, warnings.len()),
        (json!({}), 0),
        "these are the defaults"
    );
    let (meant, warnings) = means("2018/simulation/cyberbotics1.json");
    let expected = json!({
        "sslKey": "/etc/ssl/private/privkey.pem",
        "sslCertificate": "/etc/ssl/certs/cert.pem",
        "ssl": true,
        "projectsDir": "/home/cyberbotics/streaming_projects",
    });
    assert_eq!((meant, warnings.len()), (expected, 0));
}

#[test]
fn of_2019() {
    let (meant, warnings) = means("2019/session/cyberbotics1.json");
    let expected = json!({
        "port": 443,
        "server": "cyberbotics1.example.org",
        "sslKey": "/home/webots/ssl/privkey.pem",
        "sslCertificate": "/home/webots/ssl/cert.pem",
        "ssl": true,
        "simulationServers": ["cyberbotics2.example.org:2000", "cyberbotics3.example.org:2000"],
        "administrator": "admin@example.org",
        "mailServer": "mail.example.org",
        "mailServerPort": 587,
        "mailSender": "cyberbotics1@example.org",
        "mailSenderUser": "cyberbotics1",
        "mailSenderPassword": "********",
    });
    assert_eq!((meant, warnings.len()), (expected, 0));
    let (meant, warnings) = means("2019/simulation/default.json");
    let expected = json!({
        "multimediaServer": "media.example.org:8088",
        "multimediaStream": "1",
    });
    assert_eq!(
        (meant, warnings.len()),
        (expected, 0),
        "the rest are the defaults"
    );
}

#[test]
fn of_2020_behind_a_proxy() {
    let (meant, warnings) = means("2020/session/proxy.json");
    let expected = json!({
        "server": "cloud.example.org",
        "portRewrite": true,
        "simulationServers": ["cloud.example.org/2000"],
        "logDir": "/home/webots/log",
    });
    assert_eq!(meant, expected);
    // wss was meant wherever a proxy was; here it is to be said.
    assert!(
        warnings.len() == 1 && warnings[0].contains("set `ssl` to true"),
        "{warnings:?}"
    );
    let (meant, warnings) = means("2020/simulation/proxy.json");
    let expected = json!({
        "fullyQualifiedDomainName": "cloud.example.org",
        "portRewrite": true,
        "projectsDir": "/home/webots/projects",
        "maxConnections": 50,
        "logDir": "/home/webots/log",
    });
    assert_eq!(meant, expected);
    assert!(
        warnings.len() == 1 && warnings[0].contains("set `ssl` to true"),
        "{warnings:?}"
    );
}

#[test]
fn of_2022() {
    let (meant, warnings) = means("2022/session/local.json");
    assert_eq!((meant, warnings.len()), (json!({"debug": true}), 0));
    let (meant, warnings) = means("2022/simulation/local.json");
    let expected = json!({
        "server": "localhost",
        "debug": true,
        "allowedRepositories": ["https://github.com/cyberbotics"],
    });
    assert_eq!((meant, warnings.len()), (expected, 0));
    let (meant, warnings) = means("2022/session/cloud.json");
    let expected = json!({
        "server": "cloud.example.org",
        "simulationServers": ["cloud.example.org/2000", "cloud.example.org/3000"],
    });
    assert_eq!((meant, warnings.len()), (expected, 0));
    let (meant, warnings) = means("2022/simulation/cloud.json");
    let expected = json!({
        "server": "cloud.example.org",
        "allowedRepositories": ["https://github.com/cyberbotics", "https://github.com/school/projects"],
        "blockedRepositories": ["https://github.com/miner"],
        "shareIdleTime": 50,
        "notify": ["https://cloud.example.org/ajax/server/setup.php"],
        // It was 7200 for the Python server, as everything below 360.
        "timeout": 300,
        "title": "School",
        "description": "The robots of our school",
    });
    assert_eq!(meant, expected);
    let about: Vec<bool> = ["`docker`", "`persistantDockerImages`", "`publicPort`"]
        .iter()
        .map(|key| warnings.iter().any(|warning| warning.contains(key)))
        .collect();
    assert_eq!((about, warnings.len()), (vec![true; 3], 3), "{warnings:?}");
}

/// The programs themselves take them, on a machine where what they name is there.
#[tokio::test]
async fn the_programs_take_them() {
    let folder = common::folder();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (path, content) in [
        ("privkey.pem", made.signing_key.serialize_pem()),
        ("cert.pem", made.cert.pem()),
        ("webots", String::new()),
    ] {
        fs::write(folder.path().join(path), content).unwrap();
    }
    let here = folder.path().to_str().unwrap();
    let mut count = 0;
    for (server, program) in [
        ("session", SESSION_SERVER),
        ("simulation", SIMULATION_SERVER),
    ] {
        for year in ["2018", "2019", "2020", "2022"] {
            let samples = sample(&format!("examples/config/python/{year}/{server}"));
            for name in common::listing(&samples) {
                let content = fs::read_to_string(samples.join(&name)).unwrap();
                let mut config: Value = serde_json::from_str(&content).unwrap();
                for (key, there) in [
                    ("keyDir", here.to_owned()),
                    ("sslKey", format!("{here}/privkey.pem")),
                    ("sslCertificate", format!("{here}/cert.pem")),
                    ("projectsDir", here.to_owned()),
                    ("webotsHome", here.to_owned()),
                ] {
                    if server == "simulation" && key == "projectsDir" || config.get(key).is_some() {
                        config[key] = there.into();
                    }
                }
                let file = folder.path().join(&name);
                fs::write(&file, config.to_string()).unwrap();
                let output = run(program, &["--check", file.to_str().unwrap()]).await;
                let said = text(&output.stderr);
                assert_eq!(
                    output.status.code(),
                    Some(0),
                    "{year} {server} {name}: {said}"
                );
                count += 1;
            }
        }
    }
    assert_eq!(count, 10);
}

#[tokio::test]
async fn the_samples_of_our_own_are_good() {
    let files = ["simulation", "session", "website"];
    let files = files.map(|server| sample(&format!("examples/config/{server}/local.json")));
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    let output = run(WEBOTS_CLOUD, &["check", files[0], files[1], files[2]]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for server in ["simulation", "session", "website"] {
        let (_, warnings) = in_effect(server, &read(&format!("packaging/config/{server}.json")));
        assert_eq!(warnings, Vec::<String>::new(), "{server}");
    }
}

#[test]
fn the_guide_names_every_key_of_the_python_servers() {
    let guide = read("docs/src/migrate.md");
    let python = [
        "port",
        "server",
        "simulationServers",
        "sslKey",
        "sslCertificate",
        "ssl",
        "portRewrite",
        "administrator",
        "mailServer",
        "mailServerPort",
        "mailSender",
        "mailSenderUser",
        "mailSenderPassword",
        "logDir",
        "debug",
        "fullyQualifiedDomainName",
        "projectsDir",
        "keyDir",
        "webotsHome",
        "maxConnections",
        "monitorLogEnabled",
        "multimediaServer",
        "multimediaStream",
        "docker",
        "allowedRepositories",
        "blockedRepositories",
        "shareIdleTime",
        "notify",
        "timeout",
        "persistantDockerImages",
        "title",
        "description",
    ];
    let without_effect = KEYS.iter().filter(|key| !key.used).map(|key| key.name);
    for key in python.into_iter().chain(without_effect) {
        assert!(guide.contains(&format!("`{key}`")), "{key}");
        assert!(KEYS.iter().any(|known| known.name == key), "{key}");
    }
}
