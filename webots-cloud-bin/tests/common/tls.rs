//! Servers with TLS, and clients that trust one certificate only.

use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::client::READY;

/// Writes a fresh key and certificate for `localhost`.
pub fn make_certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    CertificateDer::from(made.cert)
}

/// The modern dialect: the stand-in has no TLS of its own, which the legacy one asks for.
pub fn tls_files(folder: &Path) -> Value {
    json!({"webotsVersion": "R2025a", "sslKey": folder.join("key.pem"), "sslCertificate": folder.join("cert.pem")})
}

/// A connection that trusts this certificate only.
pub async fn connect(
    port: u16,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_by(ALL_VERSIONS, port, trusted).await
}

/// The same by these versions of TLS.
pub async fn connect_by(
    versions: &[&'static SupportedProtocolVersion],
    port: u16,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(("localhost", port)).await?;
    connector
        .connect(ServerName::try_from("localhost").unwrap(), stream)
        .await
}

/// The answer to a GET: its head and its body.
pub async fn ask(port: u16, path: &str, trusted: &CertificateDer<'static>) -> (String, String) {
    let mut stream = connect(port, trusted).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The body of a GET.
pub async fn get(port: u16, path: &str, trusted: &CertificateDer<'static>) -> String {
    let (head, body) = ask(port, path, trusted).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body
}

pub type Socket = WebSocketStream<TlsStream<TcpStream>>;

pub async fn open(port: u16, path: &str, trusted: &CertificateDer<'static>) -> Socket {
    let stream = connect(port, trusted).await.unwrap();
    let url = format!("wss://localhost:{port}{path}");
    client_async(url, stream).await.unwrap().0
}

/// The next text frame.
pub async fn next(socket: &mut Socket) -> String {
    loop {
        let message = tokio::time::timeout(READY, socket.next()).await.unwrap();
        if let Message::Text(text) = message.unwrap().unwrap() {
            return text.to_string();
        }
    }
}

/// Writes a certificate for `localhost` that this key signs itself.
pub fn certify(
    folder: &Path,
    key: &KeyPair,
    change: impl FnOnce(&mut CertificateParams),
) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    let made = params.self_signed(key).unwrap();
    std::fs::write(folder.join("cert.pem"), made.pem()).unwrap();
    CertificateDer::from(made)
}

/// The key that is there.
pub fn own_key(folder: &Path) -> KeyPair {
    KeyPair::from_pem(&std::fs::read_to_string(folder.join("key.pem")).unwrap()).unwrap()
}

pub fn expire(folder: &Path, key: &KeyPair) {
    certify(folder, key, |params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 3, 4);
    });
}
