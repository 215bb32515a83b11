//! The files of `sslKey` and `sslCertificate`: which may be used, and what is wrong with the others.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::simulation::{Simulation, config, folder_with_projects};
use common::tls::{certify, connect, connect_by, expire, make_certificate, own_key, tls_files};
use common::website::{WEBSITE_HOST, website, website_host};
use common::{SESSION_SERVER, SIMULATION_SERVER, SOON, WEBOTS_CLOUD, run, text};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version::{TLS12, TLS13};

/// Why it does not start.
async fn refusal(folder: &Path) -> String {
    let file = website(folder);
    let output = run(WEBSITE_HOST, &[file.to_str().unwrap()]).await;
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{said}");
    said
}

/// Runs OpenSSL in a folder; `false` where there is none.
fn openssl(folder: &Path, arguments: &str) -> bool {
    let ran = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output();
    match ran {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{arguments}: {}",
                text(&output.stderr)
            );
            true
        }
        Err(error) => {
            println!("skipped: openssl cannot be run: {error}");
            false
        }
    }
}

#[tokio::test]
async fn every_usual_kind_of_key_serves() {
    for (kind, first_line, made_by) in [
        (
            "RSA, PKCS#8",
            "PRIVATE",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem",
        ),
        (
            "RSA, PKCS#1",
            "RSA PRIVATE",
            "genrsa -traditional -out key.pem 3072",
        ),
        (
            "P-256, PKCS#8",
            "PRIVATE",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        ),
        (
            "P-256, SEC1",
            "EC PRIVATE",
            "ecparam -name prime256v1 -genkey -noout -out key.pem",
        ),
        (
            "P-256, SEC1 with parameters before it",
            "EC PARAMETERS",
            "ecparam -name prime256v1 -genkey -out key.pem",
        ),
        (
            "P-384, SEC1",
            "EC PRIVATE",
            "ecparam -name secp384r1 -genkey -noout -out key.pem",
        ),
        (
            "P-384, PKCS#8",
            "PRIVATE",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem",
        ),
        (
            "Ed25519, PKCS#8",
            "PRIVATE",
            "genpkey -algorithm ED25519 -out key.pem",
        ),
    ] {
        let folder = common::folder();
        if !openssl(folder.path(), made_by) {
            return;
        }
        let key = fs::read_to_string(folder.path().join("key.pem")).unwrap();
        assert!(
            key.starts_with(&format!("-----BEGIN {first_line}")),
            "{kind}: {key}"
        );
        // rcgen reads PKCS#8 only.
        openssl(
            folder.path(),
            "pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem",
        );
        let pkcs8 = fs::read_to_string(folder.path().join("pkcs8.pem")).unwrap();
        let trusted = certify(folder.path(), &KeyPair::from_pem(&pkcs8).unwrap(), |_| {});
        let server = website_host(&folder).await;
        for version in [&TLS12, &TLS13] {
            let connected = connect_by(&[version], server.port, &trusted).await;
            assert!(connected.is_ok(), "{kind}, {version:?}: {connected:?}");
        }
    }
}

#[tokio::test]
async fn a_chain_is_sent_as_it_is_so_that_who_trusts_its_root_trusts_the_server() {
    let folder = common::folder();
    let authority = |name: &str| {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let keys: [KeyPair; 3] = std::array::from_fn(|_| KeyPair::generate().unwrap());
    let [root_key, middle_key, key] = keys;
    let root = authority("root").self_signed(&root_key).unwrap();
    let root_issuer = Issuer::new(authority("root"), root_key);
    let middle = authority("middle")
        .signed_by(&middle_key, &root_issuer)
        .unwrap();
    let middle_issuer = Issuer::new(authority("middle"), middle_key);
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &middle_issuer).unwrap();
    fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    fs::write(folder.path().join("cert.pem"), leaf.pem() + &middle.pem()).unwrap();
    let server = website_host(&folder).await;
    connect(server.port, &CertificateDer::from(root))
        .await
        .unwrap();
}

/// The start of a handshake whose client knows nothing newer than this version.
fn hello(version: u8) -> Vec<u8> {
    // A suite of TLS 1.2 and an older one, without a session and compression.
    let suites = [0xc0, 0x2b, 0xc0, 0x09];
    let groups = [0, 10, 0, 4, 0, 2, 0x00, 0x17];
    let points = [0, 11, 0, 2, 1, 0];
    let signatures = [0, 13, 0, 4, 0, 2, 0x04, 0x03];
    let mut body = vec![3, version];
    body.extend([7; 32]);
    body.extend([0, 0, 4]);
    body.extend(suites);
    body.extend([1, 0, 0, 22]);
    body.extend([&groups[..], &points, &signatures].concat());
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], &body[..]].concat()
}

#[tokio::test]
async fn what_is_older_than_tls_1_2_is_refused_as_such() {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    const PROTOCOL_VERSION: u8 = 70;
    let folder = common::folder();
    make_certificate(folder.path());
    let server = website_host(&folder).await;
    let port = server.port;
    let greet = |version| async move {
        let stream = TcpStream::connect(("localhost", port)).await;
        let mut stream = stream.unwrap();
        stream.write_all(&hello(version)).await.unwrap();
        stream
    };
    for (name, version) in [("SSL 3", 0), ("TLS 1.0", 1), ("TLS 1.1", 2)] {
        let mut stream = greet(version).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(SOON, stream.read_to_end(&mut answer));
        read.await.expect("an end").unwrap();
        assert_eq!(
            (answer[0], answer[6]),
            (ALERT, PROTOCOL_VERSION),
            "{name}: {answer:?}"
        );
    }
    // The same greeting is good enough for TLS 1.2.
    assert_eq!(greet(3).await.read_u8().await.unwrap(), HANDSHAKE);
}

#[tokio::test]
async fn a_pair_that_cannot_serve_is_refused_at_the_start_and_it_is_said_why() {
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil); 7] = [
        (
            "sslKey KEY does not belong to the first certificate in sslCertificate CERT",
            |folder| {
                let other = KeyPair::generate().unwrap();
                fs::write(folder.join("key.pem"), other.serialize_pem()).unwrap();
            },
        ),
        (
            "sslCertificate CERT: expired on 2021-03-04 00:00 UTC",
            |folder| {
                expire(folder, &own_key(folder));
            },
        ),
        (
            "sslCertificate CERT: is not valid before 2120-01-01 00:00 UTC",
            |folder| {
                certify(folder, &own_key(folder), |params| {
                    params.not_before = rcgen::date_time_ymd(2120, 1, 1);
                });
            },
        ),
        (
            "sslCertificate CERT: holds no certificate; it should be the fullchain.pem",
            |folder| {
                fs::copy(folder.join("key.pem"), folder.join("cert.pem")).unwrap();
            },
        ),
        (
            "sslKey KEY: cannot be read as a PEM private key",
            |folder| {
                fs::copy(folder.join("cert.pem"), folder.join("key.pem")).unwrap();
            },
        ),
        (
            "sslKey KEY: cannot be read as a PEM private key without a passphrase",
            |folder| {
                openssl(
                    folder,
                    "genpkey -algorithm ED25519 -aes256 -pass pass:secret -out key.pem",
                );
            },
        ),
        (
            "sslKey KEY: is not of a kind that can be used: RSA from 2048 bits",
            |folder| {
                openssl(
                    folder,
                    "ecparam -name secp521r1 -genkey -noout -out key.pem",
                );
            },
        ),
    ];
    if !openssl(&std::env::temp_dir(), "version") {
        return;
    }
    for (wanted, spoil) in cases {
        let folder = common::folder();
        make_certificate(folder.path());
        spoil(folder.path());
        let path = |name: &str| folder.path().join(name).display().to_string();
        let wanted = wanted
            .replace("KEY", &path("key.pem"))
            .replace("CERT", &path("cert.pem"));
        let said = refusal(folder.path()).await;
        assert!(said.contains(&wanted), "{said}");
    }
}

#[tokio::test]
async fn all_three_servers_refuse_the_same_and_so_does_check() {
    let folder = folder_with_projects();
    make_certificate(folder.path());
    expire(folder.path(), &own_key(folder.path()));
    let tls = tls_files(folder.path());
    let session = common::session::config(&folder, &[], tls.clone());
    let simulation = config(folder.path(), tls);
    let website = website(folder.path());
    for (server, file) in [
        (SESSION_SERVER, session),
        (SIMULATION_SERVER, simulation),
        (WEBSITE_HOST, website),
    ] {
        let file = file.to_str().unwrap();
        for (program, arguments) in [
            (server, vec![file, "--port", "0"]),
            (server, vec!["--check", file]),
            (WEBOTS_CLOUD, vec!["check", file]),
        ] {
            let output = run(program, &arguments).await;
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(78), "{arguments:?}: {said}");
            assert!(said.contains("cert.pem: expired on 2021-03-04"), "{said}");
            assert!(said.contains(&format!("{file}: sslCertificate")), "{said}");
        }
    }
}

#[tokio::test]
async fn a_webots_that_speaks_tls_itself_must_have_a_certificate() {
    let folder = folder_with_projects();
    make_certificate(folder.path());
    let mut different = tls_files(folder.path());
    different["webotsVersion"] = json!("R2021b");
    different["webotsHome"] = json!(folder.path());
    let file = config(folder.path(), different.clone());
    let output = run(SIMULATION_SERVER, &[file.to_str().unwrap(), "--port", "0"]).await;
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{said}");
    let ssl = folder.path().join("resources/web/server/ssl");
    for part in [
        "webotsHome: ",
        "privkey.pem and cert.pem in ",
        ssl.to_str().unwrap(),
    ] {
        assert!(said.contains(part), "{said}");
    }

    fs::create_dir_all(&ssl).unwrap();
    fs::copy(folder.path().join("key.pem"), ssl.join("privkey.pem")).unwrap();
    fs::copy(folder.path().join("cert.pem"), ssl.join("cert.pem")).unwrap();
    Simulation::in_folder(folder, different).await;
}
