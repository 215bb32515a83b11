//! The servers with TLS of their own: `sslKey` and `sslCertificate` (contract, 1 and 2).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::session::busy_or_not;
use common::simulation::{Simulation, folder_with_projects};
use common::tls::{connect, get, make_certificate, next, open, tls_files};
use common::{SESSION_SERVER, SOON, Server, until_answered};
use futures_util::SinkExt;
use rustix::process::Signal;
use serde_json::json;

#[tokio::test]
async fn a_simulation_server_with_tls_serves_https_and_wss() {
    let folder = folder_with_projects();
    let trusted = make_certificate(folder.path());
    let tls = tls_files(folder.path());
    let simulation = Simulation::in_folder(folder, tls).await;
    let port = simulation.server.port;
    let line = format!("Simulation server running on port {port} (SSL)");
    assert_eq!(simulation.server.stdout(), [line]);
    assert!(get(port, "/load", &trusted).await.parse::<f64>().is_ok());

    let mut client = open(port, "/client", &trusted).await;
    let init = json!({"init": ["https://localhost", "simple", "simple.wbt"]});
    client.send(init.to_string().into()).await.unwrap();
    let webots = format!("webots:wss://localhost:{}", port + 1);
    assert_eq!(next(&mut client).await, webots);
}

#[tokio::test]
async fn a_session_server_with_tls_sends_clients_to_wss_and_asks_over_https() {
    let folder = folder_with_projects();
    let trusted = make_certificate(folder.path());
    let tls = tls_files(folder.path());
    let certificate = folder.path().join("cert.pem").display().to_string();
    let simulation = Simulation::in_folder(folder, tls.clone()).await;
    let address = format!("localhost:{}", simulation.server.port);
    let file = common::session::config(
        &simulation.folder,
        std::slice::from_ref(&address),
        busy_or_not(tls),
    );
    let trust = [("SSL_CERT_FILE", certificate.as_str())];
    let session = Server::start_with(SESSION_SERVER, &[file.to_str().unwrap()], &trust).await;
    let line = format!("Session server running on port {} (SSL)", session.port);
    assert_eq!(session.stdout(), [line]);

    let load: f64 = get(session.port, "/load", &trusted).await.parse().unwrap();
    assert!(load >= 0.0, "{load}");
    until_answered("room", common::SHUTDOWN, || async {
        get(session.port, "/session", &trusted).await == format!("wss://{address}")
    })
    .await;
    let mut availability = open(session.port, "/", &trusted).await;
    assert_eq!(next(&mut availability).await, "1");
}

#[tokio::test]
async fn sighup_reads_the_certificate_again_and_drops_no_connection() {
    let folder = folder_with_projects();
    let old = make_certificate(folder.path());
    let tls = tls_files(folder.path());
    let simulation = Simulation::in_folder(folder, tls).await;
    let port = simulation.server.port;
    let mut client = open(port, "/client", &old).await;

    let new = make_certificate(simulation.folder.path());
    assert!(connect(port, &new).await.is_err(), "not yet");
    simulation.server.signal(Signal::HUP);
    until_answered("the new certificate", SOON, || async {
        connect(port, &new).await.is_ok()
    })
    .await;
    assert!(connect(port, &old).await.is_err(), "no longer");

    let init = json!({"init": ["https://localhost", "simple", "simple.wbt"]});
    client.send(init.to_string().into()).await.unwrap();
    assert!(next(&mut client).await.starts_with("webots:wss://"));
}

#[tokio::test]
async fn a_certificate_that_became_unreadable_leaves_the_old_one_in_force() {
    let folder = folder_with_projects();
    let trusted = make_certificate(folder.path());
    let tls = tls_files(folder.path());
    let simulation = Simulation::in_folder(folder, tls).await;
    std::fs::write(simulation.folder.path().join("cert.pem"), "nothing").unwrap();
    simulation.server.signal(Signal::HUP);
    common::until_so("the complaint", SOON, || {
        simulation
            .server
            .stderr()
            .join("\n")
            .contains("the old TLS files stay in force")
    })
    .await;
    get(simulation.server.port, "/healthz", &trusted).await;
}

#[tokio::test]
async fn plain_http_on_a_tls_port_harms_nobody() {
    let folder = folder_with_projects();
    let trusted = make_certificate(folder.path());
    let tls = tls_files(folder.path());
    let simulation = Simulation::in_folder(folder, tls).await;
    let url = simulation.server.http("/load");
    assert!(webots_cloud::client::get(&url).await.is_err());
    get(simulation.server.port, "/healthz", &trusted).await;
}
