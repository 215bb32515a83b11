//! What the tests of notifiers share.
#![allow(dead_code, unreachable_pub)]

#[path = "../website_parts/site.rs"]
pub mod site;
pub mod smtp;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use webots_cloud::adapters::http_probe::Trust;
use webots_cloud::adapters::notifier::{DampingRules, MailConfig, QueueRules};
use webots_cloud_core::config::Mail;
use webots_cloud_core::load::Load;
use webots_cloud_core::ports::{Notice, Notifier};
use webots_cloud_core::secret::Secret;

/// For what takes milliseconds, on a machine that is busy with something else.
pub const SOON: Duration = Duration::from_secs(60);

pub const MONITOR: &str = "http://localhost:1999/monitor";
pub const PASSWORD: &str = "hunter2-is-secret";

/// A certificate for `localhost`, as files and as the one that is trusted.
pub struct Certificate {
    pub key: std::path::PathBuf,
    pub cert: std::path::PathBuf,
    pub trust: Trust,
    pub acceptor: TlsAcceptor,
}

pub fn certificate(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let (key, cert) = (folder.join("key.pem"), folder.join("cert.pem"));
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    std::fs::write(&cert, made.cert.pem()).expect("written");
    let der = CertificateDer::from(made.cert);
    let private = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], private)
        .expect("a certificate");
    Certificate {
        key,
        cert,
        trust: Trust::only([der]).expect("a root"),
        acceptor: TlsAcceptor::from(Arc::new(server)),
    }
}

pub fn mail(port: u16, password: &str) -> Mail {
    Mail {
        administrator: "admin@example.org".to_owned(),
        server: "localhost".to_owned(),
        port: Some(port),
        sender: "cloud@example.org".to_owned(),
        user: None,
        password: Secret::new(password),
    }
}

/// With short pauses.
pub fn config(mail: Mail) -> MailConfig {
    MailConfig {
        queue: quick(),
        ..MailConfig::new(mail, MONITOR.to_owned(), "localhost".to_owned())
    }
}

pub fn quick() -> QueueRules {
    QueueRules {
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(200),
        at_end: Duration::from_secs(30),
        ..QueueRules::default()
    }
}

pub fn short_damping(window: Duration) -> DampingRules {
    DampingRules {
        window,
        longest: window * 4,
    }
}

pub fn silent(server: &str) -> Notice {
    Notice::ServerSilent {
        server: server.to_owned(),
        reason: "connection refused".to_owned(),
    }
}

pub fn back(server: &str, load: f64) -> Notice {
    Notice::ServerBack {
        server: server.to_owned(),
        load: Load::from_percent(load).expect("a load"),
    }
}

pub fn full(server: &str, load: f64) -> Notice {
    Notice::ServerFull {
        server: server.to_owned(),
        load: Load::from_percent(load).expect("a load"),
    }
}

pub fn free(server: &str, load: f64) -> Notice {
    Notice::ServerFree {
        server: server.to_owned(),
        load: Load::from_percent(load).expect("a load"),
    }
}

/// Tells it, which must be over at once: the first poll has to do.
pub fn tell(notifier: &dyn Notifier, notice: Notice) {
    let told = futures_util::FutureExt::now_or_never(notifier.notify(notice));
    told.expect("at once").expect("taken");
}
