//! A private key and its certificate, out of their files, and what may be wrong with them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::DateTime;
use thiserror::Error;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, CertificateError, InconsistentKeys, RootCertStore, ServerConfig};
use webots_cloud_core::config::TlsFiles;

/// Why a key and a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The certificate chain cannot be read.
    #[error("sslCertificate {path}: cannot be read as a PEM certificate chain")]
    Certificate {
        /// The file.
        path: String,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The file holds no certificate.
    #[error("sslCertificate {path}: holds no certificate; it should be the fullchain.pem")]
    NoCertificate {
        /// The file.
        path: String,
    },
    /// The certificate is no longer valid.
    #[error("sslCertificate {path}: expired on {since}")]
    Expired {
        /// The file.
        path: String,
        /// When, UTC.
        since: String,
    },
    /// The certificate is not valid yet.
    #[error("sslCertificate {path}: is not valid before {from}; is this machine's clock right?")]
    NotYetValid {
        /// The file.
        path: String,
        /// When it will be, UTC.
        from: String,
    },
    /// The private key cannot be read.
    #[error("sslKey {path}: cannot be read as a PEM private key without a passphrase")]
    Key {
        /// The file.
        path: String,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The private key is of a kind that is not served.
    #[error(
        "sslKey {path}: is not of a kind that can be used: RSA from 2048 bits, EC P-256 and P-384, \
         Ed25519"
    )]
    KeyKind {
        /// The file.
        path: String,
        /// Why.
        source: rustls::Error,
    },
    /// The two do not belong together.
    #[error(
        "sslKey {key} does not belong to the first certificate in sslCertificate {certificate}"
    )]
    Mismatch {
        /// The file of the key.
        key: String,
        /// The file of the certificate.
        certificate: String,
    },
    /// The two are of no use.
    #[error("sslKey and sslCertificate cannot be used together")]
    Pair(#[from] rustls::Error),
}

/// Reads both files, for TLS 1.2 and 1.3.
pub(super) fn read(files: &TlsFiles) -> Result<tokio_rustls::TlsAcceptor, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = chain(files, &provider)?;
    let key = key(files, &provider)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| {
            if error != rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
                return error.into();
            }
            TlsError::Mismatch {
                key: files.key.display().to_string(),
                certificate: files.certificate.display().to_string(),
            }
        })?;
    Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
}

fn key(files: &TlsFiles, provider: &CryptoProvider) -> Result<PrivateKeyDer<'static>, TlsError> {
    let path = || files.key.display().to_string();
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::Key {
        path: path(),
        source,
    })?;
    let usable = provider.key_provider.load_private_key(key.clone_key());
    usable.map_err(|source| TlsError::KeyKind {
        path: path(),
        source,
    })?;
    Ok(key)
}

fn chain(
    files: &TlsFiles,
    provider: &Arc<CryptoProvider>,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let path = || files.certificate.display().to_string();
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| TlsError::Certificate {
            path: path(),
            source,
        })?;
    let first = chain
        .first()
        .ok_or_else(|| TlsError::NoCertificate { path: path() })?;
    match out_of_time(first, provider) {
        Some(CertificateError::ExpiredContext { not_after, .. }) => Err(TlsError::Expired {
            path: path(),
            since: date(not_after),
        }),
        Some(CertificateError::NotValidYetContext { not_before, .. }) => {
            Err(TlsError::NotYetValid {
                path: path(),
                from: date(not_before),
            })
        }
        Some(_) | None => Ok(chain),
    }
}

/// What a client that trusts the certificate itself would say against it. Its time is looked at
/// before everything else.
fn out_of_time(
    certificate: &CertificateDer<'static>,
    provider: &Arc<CryptoProvider>,
) -> Option<CertificateError> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).ok()?;
    let client = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
    let name = ServerName::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let verdict =
        client
            .build()
            .ok()?
            .verify_server_cert(certificate, &[], &name, &[], UnixTime::now());
    match verdict {
        Err(rustls::Error::InvalidCertificate(why)) => Some(why),
        Err(_) | Ok(_) => None,
    }
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let date = DateTime::from_timestamp(seconds, 0);
    date.map_or_else(String::new, |it| {
        it.format("%Y-%m-%d %H:%M UTC").to_string()
    })
}
