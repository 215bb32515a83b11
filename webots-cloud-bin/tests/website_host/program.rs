//! The program: arguments, exit codes, signals, logs.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::client::LIMIT;
use super::rig::{Folders, Host, KEY, PASSWORD, PROGRAM, hash};

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn check_shows_what_is_in_effect_without_secrets() {
    let folders = Folders::make();
    let config = folders.configured(&folders.config());
    let output = run(&[config.to_str().expect("a path"), "--check", "--port", "81"]);
    assert_eq!(output.status.code(), Some(0));
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&shown["port"], &shown["quota"]),
        (&81.into(), &10_000_000.into())
    );
    assert_eq!(shown["key"], "********");
    assert!(!text(&output.stdout).contains(KEY) && !text(&output.stderr).contains(KEY));
}

#[test]
fn what_is_wrong_is_said_with_its_code() {
    let folders = Folders::make();
    let start = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut config = folders.config();
        change(&mut config);
        let config = folders.configured(&config);
        let output = run(&[config.to_str().expect("a path")]);
        (output.status.code(), text(&output.stderr))
    };
    let taken = std::net::TcpListener::bind("[::]:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let (code, said) = start(&|config| config["port"] = port.into());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&port.to_string()), "{said}");
    for (key, value, word) in [
        (
            "usersDir",
            folders.path("site/user"),
            "in the folder of the site",
        ),
        ("projectsDir", folders.path("nowhere"), "does not exist"),
        ("usersDir", folders.path("broken"), "users.json"),
        (
            "keyFile",
            folders.path("empty"),
            "the first line of the file is empty",
        ),
    ] {
        folders.write("broken/users.json", b"[]");
        folders.write("empty", b"\n");
        let (code, said) = start(&|config| {
            if key == "keyFile" {
                config["key"] = serde_json::Value::Null;
            }
            config[key] = value.to_str().into();
        });
        assert_eq!(code, Some(78), "{said}");
        assert!(said.contains(key) && said.contains(word), "{said}");
    }
    assert_eq!(run(&["--nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_password_is_hashed() {
    let mut child = Command::new(PROGRAM)
        .arg("--hash-password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(b"bob's\n").expect("written");
    drop(input);
    let output = child.wait_with_output().expect("done");
    let hash = text(&output.stdout);
    let folders = Folders::make();
    let users =
        serde_json::json!({"users": [{"id": "bob", "email": "b", "password": hash.trim()}]});
    let host = Host::start(&folders);
    // The file is read again when it changes.
    folders.write("user/users.json", users.to_string().as_bytes());
    assert!(host.project("sample", "bob", "bob's").whole);
    let text = host.project("sample", "1", PASSWORD).text();
    assert_eq!(text, "Error: Wrong user1Authentication.");
}

#[test]
fn signals() {
    let folders = Folders::make();
    folders.write("key.txt", b"first-key\n");
    let mut config = folders.config();
    config["key"] = serde_json::Value::Null;
    config["keyFile"] = folders.path("key.txt").to_str().into();
    let mut host = Host::with(&folders, &config);
    let fields = |key| {
        [
            ("user1Id", ""),
            ("user1Authentication", ""),
            ("key", key),
            ("project", "sample"),
        ]
    };
    assert!(host.download(&fields("first-key")).text().starts_with("PK"));
    folders.write("key.txt", b"second-key\n");
    host.signal(Signal::HUP);
    let start = Instant::now();
    while host.download(&fields("first-key")).text().starts_with("PK") {
        assert!(start.elapsed() < LIMIT, "the key is still the old one");
    }
    assert!(
        host.download(&fields("second-key"))
            .text()
            .starts_with("PK")
    );
    host.signal(Signal::TERM);
    let start = Instant::now();
    assert_eq!(host.child.wait().expect("ended").code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(15));
}

#[test]
fn secrets_are_in_no_log() {
    let folders = Folders::make();
    let host = Host::start(&folders);
    assert_eq!(host.upload("p", "f", "x").text(), "OK");
    for (user, authentication) in [("1", PASSWORD), ("1", hash()), ("1", "not-the-password")] {
        host.project("sample", user, authentication);
    }
    let mut fields = vec![
        ("user1Id", ""),
        ("user1Authentication", ""),
        ("project", "sample"),
    ];
    fields.push(("key", "not-the-key"));
    assert_eq!(host.download(&fields).text(), "Error: Wrong key.");
    folders.write(
        "user/users.json",
        b"{\"users\": [{\"id\": 1, \"email\": \"e\", \"password\": \"in-the-clear\"}]}",
    );
    assert_eq!(host.upload("p", "f", "y").text(), "OK");
    let log = text(&folders.read("stderr").expect("a log"));
    assert!(
        log.contains("wrong key") && log.contains("not an Argon2 hash"),
        "{log}"
    );
    let hash = hash().rsplit('$').next().expect("a hash");
    for secret in [
        KEY,
        PASSWORD,
        "pass%20word",
        hash,
        "not-the",
        "in-the-clear",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
