//! `packaging/`: systemd's units and the Containerfile fit the programs.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{SESSION_SERVER, SHUTDOWN, SIMULATION_SERVER, WEBOTS_CLOUD, WEBSITE_HOST, text};

const PROGRAMS: [&str; 3] = [SIMULATION_SERVER, SESSION_SERVER, WEBSITE_HOST];

fn packaging(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../packaging")
        .join(path)
}

fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap()
}

/// The unit of a program.
fn unit(program: &str) -> String {
    let file = packaging(&format!("systemd/{}.service", name(program)));
    fs::read_to_string(file).unwrap()
}

/// The value of a key that is there once.
fn value<'a>(unit: &'a str, key: &str) -> &'a str {
    let mut values = unit
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let value = values.next().expect(key);
    assert_eq!(values.next(), None, "{key} is there twice");
    value
}

/// Runs a tool; `None`, and a printed reason, if it is not there.
fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: {tool}: {error}");
            None
        }
    }
}

#[test]
fn systemd_understands_every_line_of_the_units() {
    let folder = common::folder();
    for program in PROGRAMS {
        // The programs are not where a package puts them.
        let installed = format!("/usr/local/bin/{}", name(program));
        let unit = unit(program);
        assert!(unit.contains(&installed));
        let file = folder.path().join(format!("{}.service", name(program)));
        fs::write(&file, unit.replace(&installed, program)).unwrap();
        let arguments = ["verify", "--man=no", file.to_str().unwrap()];
        let Some(output) = run("systemd-analyze", &arguments) else {
            return;
        };
        // What it says of the machine's other units is not about ours.
        let said = text(&output.stderr);
        let ours: Vec<&str> = said
            .lines()
            .filter(|line| line.contains(name(program)))
            .collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn systemd_makes_the_user_that_the_units_name() {
    let root = common::folder();
    let file = packaging("systemd/webots-cloud.sysusers.conf")
        .canonicalize()
        .unwrap();
    let root = format!("--root={}", root.path().display());
    let Some(output) = run(
        "systemd-sysusers",
        &["--dry-run", &root, file.to_str().unwrap()],
    ) else {
        return;
    };
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    for program in PROGRAMS {
        let user = value(&unit(program), "User").to_owned();
        assert!(said.contains(&format!("Creating user '{user}'")), "{said}");
    }
}

#[test]
fn units_fit_what_the_programs_do() {
    for program in PROGRAMS {
        let unit = unit(program);
        assert_eq!(value(&unit, "Type"), "notify");
        assert_eq!(value(&unit, "NotifyAccess"), "main");
        assert!(value(&unit, "ExecReload").contains("-HUP"));
        assert_eq!(value(&unit, "Restart"), "on-failure");
        // Exit codes that trying again does not help.
        assert_eq!(value(&unit, "RestartPreventExitStatus"), "2 78");
        // The server alone is asked to end, and wardens are not killed before it had its time.
        assert_eq!(value(&unit, "KillMode"), "mixed");
        let seconds: u64 = value(&unit, "TimeoutStopSec").parse().unwrap();
        assert!(seconds > SHUTDOWN.as_secs());
        let seconds: u64 = value(&unit, "WatchdogSec").parse().unwrap();
        assert!(seconds >= 10);
        assert_eq!(value(&unit, "NoNewPrivileges"), "yes");
        assert_eq!(value(&unit, "ProtectSystem"), "strict");
        // Where it writes is a folder of its own: that of the packaged configuration.
        let file = value(&unit, "ExecStart").rsplit('/').next().unwrap();
        let config = fs::read_to_string(packaging(&format!("config/{file}"))).unwrap();
        let logs = value(&unit, "LogsDirectory");
        assert!(config.contains(&format!("\"/var/log/{logs}\"")), "{config}");
        if config.contains("\"/var/lib/") {
            let state = value(&unit, "StateDirectory");
            assert!(config.contains(&format!("\"/var/lib/{state}/")), "{config}");
        }
    }
    let simulation = unit(SIMULATION_SERVER);
    assert_eq!(value(&simulation, "Delegate"), "yes");
    // Sandboxes need namespaces, and a /proc that nothing of is hidden.
    let set: Vec<&str> = simulation
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    for breaks in [
        "ProtectKernelTunables",
        "ProtectProc",
        "RestrictNamespaces",
        "PrivateDevices",
    ] {
        assert!(!set.iter().any(|line| line.starts_with(breaks)), "{breaks}");
    }
}

/// The instructions of a Containerfile, lines that go on put together.
fn instructions(content: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = content
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let whole = lines.join("\n").replace("\\\n", " ");
    let lines = whole.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').expect(line);
            (
                word.to_owned(),
                rest.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        })
        .collect()
}

#[test]
fn the_containerfile_takes_along_every_program_and_runs_as_nobody_special() {
    let content = fs::read_to_string(packaging("Containerfile")).unwrap();
    let instructions = instructions(&content);
    let of = |word: &str| -> Vec<&str> {
        let all = instructions.iter().filter(|(it, _)| it == word);
        all.map(|(_, rest)| rest.as_str()).collect()
    };
    let known = [
        "ARG",
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "ENV",
        "HEALTHCHECK",
        "STOPSIGNAL",
        "CMD",
    ];
    assert!(
        instructions
            .iter()
            .all(|(word, _)| known.contains(&word.as_str()))
    );
    // No registry is named, so that any that has the usual images will do.
    assert!(
        of("ARG")
            .iter()
            .all(|image| image.contains('=') && !image.contains('/'))
    );
    assert_eq!(of("FROM"), ["${RUST} AS build", "${DEBIAN}"]);
    let copied = of("COPY")[1];
    for program in PROGRAMS.iter().chain(&[WEBOTS_CLOUD]) {
        assert!(
            copied.contains(&format!("/release/{} ", name(program))),
            "{copied}"
        );
    }
    assert_eq!(of("USER"), ["webots-cloud"]);
    assert_eq!(of("STOPSIGNAL"), ["SIGTERM"]);
    assert!(of("HEALTHCHECK")[0].contains("webots-cloud status"));
}
