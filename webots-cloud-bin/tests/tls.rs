//! The servers with TLS of their own: `sslKey` and `sslCertificate` (contract, 1 and 2).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::simulation::{READY, Simulation, folder_with_projects};
use common::{SESSION_SERVER, SOON, Server, until_answered};
use futures_util::{SinkExt, StreamExt};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Writes a fresh key and certificate for `localhost`.
fn make_certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    CertificateDer::from(made.cert)
}

/// The modern dialect: the stand-in has no TLS of its own, which the legacy one asks for.
fn tls_files(folder: &Path) -> Value {
    json!({"webotsVersion": "R2025a", "sslKey": folder.join("key.pem"), "sslCertificate": folder.join("cert.pem")})
}

/// A connection that trusts this certificate only.
async fn connect(
    port: u16,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(("localhost", port)).await?;
    connector
        .connect(ServerName::try_from("localhost").unwrap(), stream)
        .await
}

/// The body of a GET.
async fn get(port: u16, path: &str, trusted: &CertificateDer<'static>) -> String {
    let mut stream = connect(port, trusted).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

async fn open(port: u16, path: &str, trusted: &CertificateDer<'static>) -> Socket {
    let stream = connect(port, trusted).await.unwrap();
    let url = format!("wss://localhost:{port}{path}");
    client_async(url, stream).await.unwrap().0
}

/// The next text frame.
async fn next(socket: &mut Socket) -> String {
    loop {
        let message = tokio::time::timeout(READY, socket.next()).await.unwrap();
        if let Message::Text(text) = message.unwrap().unwrap() {
            return text.to_string();
        }
    }
}

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
    let file = common::session::config(&simulation.folder, std::slice::from_ref(&address), tls);
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
