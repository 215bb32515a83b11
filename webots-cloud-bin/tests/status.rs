//! `webots-cloud status`: a table of servers, loads, sessions; exit 1 if one does not answer (contract, 1).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use common::fake::{FakeSimulation, Load, dead_port};
use common::session::Session;
use common::simulation::{Simulation, folder_with_projects};
use common::{SESSION_SERVER, Server, WEBOTS_CLOUD, WEBSITE_HOST, text, until_answered};
use serde_json::json;

/// For what is not measured, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(60);

async fn status_in(folder: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Output {
    let command = tokio::process::Command::new(WEBOTS_CLOUD)
        .arg("status")
        .args(arguments)
        .current_dir(folder)
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(SOON, command)
        .await
        .expect("an end")
        .unwrap()
}

/// The exit code, and the rows below the head, in words.
async fn status(urls: &[&str]) -> (i32, Vec<Vec<String>>) {
    let folder = common::folder();
    rows(&status_in(folder.path(), urls, &[]).await)
}

fn rows(output: &Output) -> (i32, Vec<Vec<String>>) {
    let said = text(&output.stdout);
    let mut rows = said.lines().map(words);
    let head = ["SERVER", "KIND", "LOAD", "SESSIONS", "STATE"];
    assert_eq!(rows.next().unwrap(), head, "{}", text(&output.stderr));
    (output.status.code().unwrap(), rows.collect())
}

/// The columns, which two spaces or more are between.
fn words(line: &str) -> Vec<String> {
    let words = line.trim().split("  ").map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_simulation_server_has_its_load_and_its_sessions() {
    let simulation = Simulation::start().await;
    let url = simulation.server.http("");
    let (code, rows) = status(&[&url]).await;
    assert_eq!((code, rows.len()), (0, 1));
    assert_eq!([&rows[0][0], &rows[0][1]], [&url, "simulation"]);
    assert!(rows[0][2].strip_suffix('%').unwrap().parse::<f64>().is_ok());
    assert_eq!(rows[0][3..], ["0 of 4", "free"]);

    let _client = simulation.running().await;
    // Also without a scheme, and as session servers give it out.
    let port = simulation.server.port;
    for form in [
        format!("localhost:{port}"),
        format!("ws://localhost:{port}"),
    ] {
        let (code, rows) = status(&[&form]).await;
        assert_eq!(code, 0);
        assert_eq!(rows[0][3], "1 of 4");
    }
}

#[tokio::test]
async fn a_session_server_also_tells_of_the_servers_that_it_knows() {
    let busy = FakeSimulation::with_load(12.25).await;
    let silent = format!("127.0.0.1:{}", dead_port().await);
    let session = Session::of(&[busy.address(), silent.clone()]).await;
    let url = session.server.http("");
    let (code, rows) = status(&[&url]).await;
    assert_eq!(code, 1, "one is silent");
    assert_eq!(rows[0], [&url, "session", "12.2%", "-", "room"]);
    let mut known = [
        [&busy.address(), "simulation", "12.2%", "-", "answers"].map(str::to_owned),
        [&silent, "simulation", "-", "-", "silent"].map(str::to_owned),
    ];
    known.sort();
    assert_eq!(rows[1..], known);

    // A server that is asked itself is there once.
    let session = Session::of(&[busy.address()]).await;
    let (code, rows) = status(&[&session.server.http(""), &busy.address()]).await;
    assert_eq!((code, rows.len()), (0, 2));

    busy.set(100.0);
    until_answered("no room", SOON, || async {
        session.server.text("/").await == "0"
    })
    .await;
    let (code, rows) = status(&[&session.server.http("")]).await;
    assert_eq!(code, 0, "all answer");
    assert_eq!(rows[0][4], "no room");
}

#[tokio::test]
async fn a_server_like_the_python_ones_has_its_load_only() {
    for (load, shown) in [
        ("0", "0.0%"),
        ("14.5", "14.5%"),
        ("11.583333333333334\n", "11.6%"),
        ("-1", "-"),
    ] {
        let fake = FakeSimulation::start(Load::Is(load.to_owned())).await;
        let (code, rows) = status(&[&fake.address()]).await;
        let url = format!("http://{}", fake.address());
        assert_eq!(
            (code, &rows[0][..]),
            (
                0,
                &[&url, "-", shown, "-", "answers"].map(str::to_owned)[..]
            )
        );
    }
}

#[tokio::test]
async fn one_that_does_not_answer_makes_the_exit_code_1_and_holds_nobody_up() {
    let good = FakeSimulation::with_load(5.0).await;
    let hangs = FakeSimulation::start(Load::Hangs).await;
    let drips = FakeSimulation::start(Load::Drips).await;
    let closes = FakeSimulation::start(Load::Closes).await;
    let gateway = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    let gateway = FakeSimulation::start(Load::Bytes(gateway.to_vec())).await;
    let garbage = FakeSimulation::start(Load::Bytes(b"\0\0\0".to_vec())).await;
    let dead = format!("127.0.0.1:{}", dead_port().await);
    let bad = [&hangs, &drips, &closes, &gateway, &garbage].map(FakeSimulation::address);
    let good = good.address();
    let mut urls: Vec<&str> = bad.iter().map(String::as_str).collect();
    urls.extend([dead.as_str(), good.as_str()]);
    let start = Instant::now();
    let (code, rows) = status(&urls).await;
    let took = start.elapsed();
    println!("seven servers, six of them bad: {took:?}");
    // Each has 2 s, all at the same time.
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(code, 1);
    for row in &rows[..6] {
        assert!(row[4].starts_with("does not answer: "), "{row:?}");
    }
    let reasons: Vec<&str> = rows[..6].iter().map(|row| row[4].as_str()).collect();
    assert!(reasons[0].ends_with("no answer within 2 s"), "{reasons:?}");
    assert!(reasons[3].ends_with("HTTP 502"), "{reasons:?}");
    assert!(reasons[5].ends_with("connection refused"), "{reasons:?}");
    assert_eq!(rows[6][4], "answers");
}

#[tokio::test]
async fn over_tls_too() {
    let folder = folder_with_projects();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (key, certificate) = (
        folder.path().join("key.pem"),
        folder.path().join("cert.pem"),
    );
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    fs::write(&certificate, made.cert.pem()).unwrap();
    let tls = json!({"webotsVersion": "R2025a", "sslKey": key, "sslCertificate": certificate});
    let simulation = Simulation::in_folder(folder, tls).await;
    let url = format!("https://localhost:{}", simulation.server.port);
    let trust = [("SSL_CERT_FILE", certificate.to_str().unwrap())];
    let output = status_in(simulation.folder.path(), &[&url], &trust).await;
    let (code, rows) = rows(&output);
    assert_eq!((code, rows[0][1].as_str()), (0, "simulation"));
    // A certificate that nobody vouches for is no answer.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = simulation.folder.path().join("other.pem");
    fs::write(&file, other.cert.pem()).unwrap();
    let trust = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let output = status_in(simulation.folder.path(), &[&url], &trust).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("does not answer: TLS: "));
}

#[tokio::test]
async fn without_urls_those_of_the_configuration_files_are_asked() {
    let fake = FakeSimulation::with_load(7.0).await;
    let folder = folder_with_projects();
    let config = |path: &str, content: serde_json::Value| {
        let file = folder.path().join("config").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content.to_string()).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let port = common::simulation::free_ports(1);
    let content = json!({"port": port, "simulationServers": [fake.address()]});
    let session = config("session/school.json", content);
    let content = json!({"port": port + 1, "key": "k", "projectsDir": "../../projects"});
    let website = config("website/school.json", content);
    let _session = Server::start(SESSION_SERVER, &[&session]).await;
    let _website = Server::start(WEBSITE_HOST, &[&website]).await;
    let output = status_in(folder.path(), &["--name", "school"], &[]).await;
    let (code, rows) = rows(&output);
    assert_eq!(code, 0, "{rows:?}");
    let shown: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row[0], row[1]))
        .collect();
    let expected = [
        format!("http://localhost:{port} session"),
        format!("http://{} -", fake.address()),
        format!("http://localhost:{} website", port + 1),
    ];
    assert_eq!(shown, expected);
    // A name that there is nothing of means the usual ports, whoever is there.
    let output = status_in(folder.path(), &["--name", "nobody"], &[]).await;
    let said = text(&output.stdout);
    assert!(
        said.contains("http://localhost:2000 ") && said.contains("http://localhost:1999 "),
        "{said}"
    );
}

#[tokio::test]
async fn wrong_addresses_and_configurations_have_their_exit_codes() {
    let folder = common::folder();
    for url in [
        "ftp://localhost",
        "a b",
        "http://",
        "http://user:secret@localhost",
    ] {
        let output = status_in(folder.path(), &[url], &[]).await;
        assert_eq!(output.status.code(), Some(2), "{url}");
    }
    fs::create_dir_all(folder.path().join("config/session")).unwrap();
    fs::write(folder.path().join("config/session/local.json"), "{").unwrap();
    let output = status_in(folder.path(), &[], &[]).await;
    assert_eq!(output.status.code(), Some(78));
}

#[tokio::test]
async fn a_server_that_says_much_is_understood_soon() {
    use std::fmt::Write as _;
    let mut page = "webots_cloud_available 1\n".to_owned();
    for number in 0..40_000 {
        writeln!(page, "webots_cloud_server_up{{server=\"s:{number}\"}} 1").unwrap();
    }
    let fake = FakeSimulation::start(Load::Is(page)).await;
    let (code, rows) = status(&[&fake.address()]).await;
    assert_eq!((code, rows.len()), (0, 40_001));
    // And no more than that is taken.
    fake.becomes(Load::Is("x".repeat(5 << 20)));
    assert_eq!(status(&[&fake.address()]).await.0, 1);
}

#[tokio::test]
async fn what_a_server_says_cannot_move_the_terminals_cursor() {
    let body = "webots_cloud_available 1\nwebots_cloud_server_up{server=\"\u{1b}[2Jx\"} 1\n";
    let fake = FakeSimulation::start(Load::Is(body.to_owned())).await;
    let folder = common::folder();
    let output = status_in(folder.path(), &[&fake.address()], &[]).await;
    let said = text(&output.stdout);
    assert!(
        said.contains("[2Jx") && !said.contains('\u{1b}'),
        "{said:?}"
    );
}
