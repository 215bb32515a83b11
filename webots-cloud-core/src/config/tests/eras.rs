//! The files of all eras mean what they meant.

use std::path::Path;
use std::time::Duration;

use super::FakeSurroundings;
use crate::config::*;
use crate::load::Load;
use crate::protocol::instance::Dialect;

fn none() -> Vec<String> {
    Vec::new()
}

#[test]
fn no_file_at_all() {
    let machine = FakeSurroundings::with_webots();
    let Checked { config, warnings } = session(NO_FILE, &machine).expect("defaults");
    assert_eq!(warnings, none());
    assert_eq!(config.port, 1999);
    assert_eq!(
        config.example_reply().as_deref(),
        Some("ws://localhost:2000")
    );
    assert_eq!(config.log_dir, Path::new("/etc/webots/log"));
    assert_eq!(config.tls, Tls::default());
    assert_eq!(
        config.load_threshold,
        Load::from_percent(95.0).expect("a load")
    );
    let Checked { config, warnings } = simulation(NO_FILE, &machine).expect("defaults");
    assert_eq!(warnings, none());
    assert_eq!((config.port, config.max_connections), (2000, 100));
    assert_eq!(config.timeout, Duration::from_secs(7200));
    assert_eq!(config.webots.command, ["/usr/local/webots/webots"]);
    assert_eq!(
        config.instances_dir,
        Path::new("/tmp/webots-cloud/instances")
    );
    assert_eq!(config.example_url(), "ws://example.org:2001");
    let Checked { config, warnings } = website(NO_FILE, &machine).expect("defaults");
    assert_eq!((config.port, config.quota), (8080, 10_000_000));
    assert!(
        warnings.len() == 1 && warnings[0].contains("keyFile"),
        "{warnings:?}"
    );
}

#[test]
fn a_machine_without_webots_is_a_warning_and_a_wrong_home_a_problem() {
    let machine = FakeSurroundings::new();
    let checked = simulation(NO_FILE, &machine).expect("a warning only");
    assert!(checked.warnings[0].contains("there is no Webots in `/usr/local/webots`"));
    let wrong = machine.with_variable("WEBOTS_HOME", "/opt/webots");
    let errors = simulation(NO_FILE, &wrong).expect_err("WEBOTS_HOME is wrong");
    assert!(
        errors.to_string().contains("named by WEBOTS_HOME"),
        "{errors}"
    );
    let right = wrong.with_files(&["/opt/webots/webots"]);
    let config = simulation(NO_FILE, &right).expect("WEBOTS_HOME").config;
    assert_eq!(config.webots.command, ["/opt/webots/webots"]);
    assert_eq!(
        config.webots.version_file(),
        Path::new("/opt/webots/resources/version.txt")
    );
    let projects = "/opt/webots/projects/samples/robotbenchmark";
    assert_eq!(config.projects_dir, Path::new(projects));
}

#[test]
fn session_a0_default() {
    let text = r#"{"port": 1999, "server": "localhost", "simulationServers": ["localhost:2000"]}"#;
    let checked = session(text, &FakeSurroundings::new()).expect("A0 default.json");
    assert_eq!(
        checked,
        session(NO_FILE, &FakeSurroundings::new()).expect("defaults")
    );
}

#[test]
fn session_d_local() {
    let text = r#"{"port": 1999, "server": "localhost", "portRewrite": false, "ssl": false,
        "simulationServers": ["localhost:2000"], "debug": true}"#;
    let Checked { config, warnings } = session(text, &FakeSurroundings::new()).expect("D");
    assert_eq!(warnings, none());
    assert!(config.debug && !config.tls.ssl && !config.tls.port_rewrite);
}

#[test]
fn session_with_everything() {
    let text = r#"{"port": 443, "server": "cyberbotics1.com", "sslKey": "~/ssl/key.pem",
        "sslCertificate": "$SSL/cert.pem", "simulationServers": ["a.org:2000", "b.org/2001"],
        "administrator": "admin@example.org", "mailServer": "mail.example.org", "mailServerPort": 587,
        "mailSender": "server@example.org", "mailSenderUser": "server", "mailSenderPassword": "hunter2",
        "webhook": "https://hooks.example.org/T0KEN",
        "logDir": "$LOGS", "loadRefresh": 0.5, "sessionCost": 2.5}"#;
    let machine = FakeSurroundings::new()
        .with_variable("SSL", "/ssl")
        .with_variable("LOGS", "/var/log/webots")
        .with_files(&["/home/operator/ssl/key.pem", "/ssl/cert.pem"]);
    let Checked { config, warnings } = session(text, &machine).expect("valid");
    assert_eq!(warnings, none());
    assert!(config.tls.ssl);
    assert_eq!(config.example_reply().as_deref(), Some("wss://a.org:2000"));
    assert_eq!(config.load_refresh, Duration::from_millis(500));
    assert_eq!(config.log_dir, Path::new("/var/log/webots"));
    let mail = config.mail.as_ref().expect("mail");
    assert_eq!((mail.port, mail.password.expose()), (Some(587), "hunter2"));
    let shown = effective(Config::Session(&config));
    assert_eq!(shown["mailSenderPassword"], "********");
    let webhook = config.webhook.as_ref().expect("a webhook");
    assert_eq!(webhook.expose(), "https://hooks.example.org/T0KEN");
    assert_eq!(shown["webhook"], "********");
    assert!(!format!("{shown} {config:?}").contains("T0KEN"));
    assert_eq!(shown["sslKey"], "/home/operator/ssl/key.pem");
    assert!(!format!("{shown} {config:?}").contains("hunter2"));
}

#[test]
fn simulation_a0_cyberbotics1() {
    let text = r#"{"port": 2000, "sslKey": "/etc/ssl/privkey.pem", "sslCertificate": "/etc/ssl/cert.pem",
        "projectsDir": "/home/cyberbotics/streaming_projects"}"#;
    let machine = FakeSurroundings::with_webots()
        .with_files(&["/etc/ssl/privkey.pem", "/etc/ssl/cert.pem"])
        .with_folders(&["/home/cyberbotics/streaming_projects"]);
    let Checked { config, warnings } = simulation(text, &machine).expect("A0");
    assert_eq!(warnings, none());
    assert_eq!(config.example_url(), "wss://example.org:2001");
    assert_eq!(
        config.projects_dir,
        Path::new("/home/cyberbotics/streaming_projects")
    );
}

#[test]
fn simulation_b_behind_a_proxy() {
    let text = r#"{"port": 2000, "fullyQualifiedDomainName": "cyberbotics1.com", "portRewrite": true,
        "server": "inside", "keyDir": "key", "multimediaServer": "m.org:8088", "webotsVersion": "R2021b",
        "publicPort": 443}"#;
    let machine = FakeSurroundings::with_webots().with_folders(&["/etc/webots/key"]);
    let Checked { config, warnings } = simulation(text, &machine).expect("B");
    assert_eq!(config.example_url(), "ws://cyberbotics1.com/2001");
    assert_eq!(config.webots.dialect, Some(Dialect::Legacy));
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("`portRewrite`")),
        "{warnings:?}"
    );
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("`publicPort` has no effect"))
    );
    assert_eq!(warnings.len(), 2);
}

#[test]
fn simulation_d_local() {
    let text = r#"{"port": 2000, "server": "localhost", "ssl": false, "portRewrite": false, "debug": true,
        "docker": false, "webotsHome": "/usr/local/webots", "notify": [], "timeout": 60,
        "allowedRepositories": ["https://github.com/cyberbotics"], "shareIdleTime": 50,
        "persistantDockerImages": ["webots"]}"#;
    let Checked { config, warnings } =
        simulation(text, &FakeSurroundings::with_webots()).expect("D local.json");
    assert_eq!(config.example_url(), "ws://localhost:2001");
    // Not 7200, as a value below 360 was in the Python server.
    assert_eq!(config.timeout, Duration::from_secs(60));
    assert_eq!(config.repositories.allowed.len(), 1);
    assert_eq!(config.repositories.share_idle_time.percent(), 50.0);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn simulation_with_everything_new() {
    let text = r#"{"webots": ["~/standin", "--fast", "$literal"], "sandbox": "bubblewrap",
        "notify": "https://example.org/setup", "server": "example.org", "maxClientMessage": "64 KiB", "networkCapacity": 12.5,
        "limits": {"memory": "1.5 GiB", "processes": null, "cpuSeconds": 600},
        "download": {"maxBytes": "10 MB", "maxFiles": 10, "timeout": 2.5},
        "allowPrivateHosts": ["Git.Lab", "10.0.0.1"], "instancesDir": "i", "webotsHome": "/none"}"#;
    let machine = FakeSurroundings::new().with_files(&["/home/operator/standin"]);
    let Checked { config, warnings } = simulation(text, &machine).expect("valid");
    assert_eq!(warnings, none());
    assert_eq!(
        config.webots.command,
        ["/home/operator/standin", "--fast", "$literal"]
    );
    assert_eq!(config.sandbox, SandboxChoice::Bubblewrap);
    assert_eq!(config.limits.memory, Some(3 << 29));
    assert_eq!(config.limits.processes, None);
    assert_eq!(config.limits.open_files, defaults::LIMITS.open_files);
    assert_eq!(config.limits.cpu, Some(Duration::from_secs(600)));
    assert_eq!(config.download.max_bytes, 10_000_000);
    assert_eq!(config.download.timeout, Duration::from_millis(2500));
    assert_eq!(config.allow_private_hosts, ["git.lab", "10.0.0.1"]);
    assert_eq!(config.instances_dir, Path::new("/etc/webots/i"));
    // Said again, it means the same.
    let again = effective(Config::Simulation(&config)).to_string();
    let machine =
        machine.with_folders(&["/none/projects/samples/robotbenchmark", "/etc/webots/key"]);
    assert_eq!(simulation(&again, &machine).expect("again").config, config);
}
