//! As in earnest: `https`, a certificate, an address that is looked up.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use webots_cloud::adapters::git_fetcher::{GitFetcher, GitFetcherConfig};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{PortError, ProjectFetcher, Workspace};

use crate::rig::{Progress, config, request, standard, world};
use crate::server::Server;

/// A certificate as git reads it.
fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("-----BEGIN CERTIFICATE-----");
    for (number, three) in der.chunks(3).enumerate() {
        if number % 16 == 0 {
            text.push('\n');
        }
        let bytes = [
            three[0],
            *three.get(1).unwrap_or(&0),
            *three.get(2).unwrap_or(&0),
        ];
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() {
                '='
            } else {
                digit.into()
            });
        }
    }
    text + "\n-----END CERTIFICATE-----\n"
}

struct Secure {
    folder: TempDir,
    server: Server,
}

impl Secure {
    async fn new() -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        fs::write(folder.path().join("ca.pem"), pem(made.cert.der())).expect("written");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("they fit");
        let tls = TlsAcceptor::from(Arc::new(tls));
        let server = Server::start_as(&folder.path().join("bare"), Some(tls)).await?;
        standard(folder.path());
        Some(Self { folder, server })
    }

    /// Everything as by default but for the limits, and that this machine may be asked.
    fn config(&self) -> GitFetcherConfig {
        let mut config = GitFetcherConfig {
            private_hosts: vec!["localhost".to_owned()],
            ..GitFetcherConfig::new(config(&self.server).download)
        };
        config.environment.retain(|name, _| name == "PATH");
        config
    }

    async fn fetch(&self, config: GitFetcherConfig) -> Result<String, PortError> {
        let fetcher = GitFetcher::new(config, None).expect("git is there");
        let path = format!("{}o/r/blob/main/worlds/root.wbt", self.server.base);
        let workspace = TempDir::new_in(self.folder.path()).expect("a folder");
        let place = Workspace {
            path: workspace.path().to_owned(),
        };
        let request = request(InstanceId(1), world(&path));
        let work = fetcher.fetch(request, place, Arc::<Progress>::default());
        tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .expect("in time")?;
        let file = workspace.path().join("worlds/root.wbt");
        Ok(fs::read_to_string(file).expect("there"))
    }
}

#[tokio::test]
async fn a_host_is_believed_only_with_a_certificate() {
    let Some(rig) = Secure::new().await else {
        return;
    };
    let mut config = rig.config();
    let error = rig.fetch(config.clone()).await.expect_err("unknown");
    let host = rig.server.base.trim_start_matches("https://");
    let text = format!("{} cannot be reached", host.trim_end_matches('/'));
    assert_eq!(error.message(), text);
    assert_eq!(rig.server.requests(), 0);
    let trusted = rig.folder.path().join("ca.pem");
    config
        .environment
        .insert("GIT_SSL_CAINFO".into(), trusted.into());
    let fetched = rig.fetch(config.clone()).await;
    assert_eq!(fetched.expect("fetched"), "root 2");
    config.private_hosts.clear();
    let error = rig.fetch(config).await.expect_err("this machine");
    assert!(error.message().contains("private network"), "{error}");
}
