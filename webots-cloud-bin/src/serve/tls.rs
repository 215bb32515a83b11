//! TLS with rustls, on ring and given explicitly, so that no other provider can slip in.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use webots_cloud_core::config::TlsFiles;

/// Accepts TLS connections with one certificate, which can be read again.
#[derive(Clone)]
pub struct TlsAcceptor {
    files: TlsFiles,
    current: Arc<Mutex<tokio_rustls::TlsAcceptor>>,
}

impl fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

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
    /// The private key cannot be read.
    #[error("sslKey {path}: cannot be read as a PEM private key")]
    Key {
        /// The file.
        path: String,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The two do not belong together, or are of no use.
    #[error("sslKey and sslCertificate cannot be used together")]
    Pair(#[from] rustls::Error),
}

impl TlsAcceptor {
    /// An acceptor for these files, if there are any.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not belong together.
    pub fn of(files: Option<&TlsFiles>) -> Result<Option<Self>, TlsError> {
        files.cloned().map(Self::new).transpose()
    }

    /// Reads a PEM private key and a PEM certificate chain.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not belong together.
    pub fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let current = Arc::new(Mutex::new(read(&files)?));
        Ok(Self { files, current })
    }

    /// Reads the files again. Open connections keep what they have.
    ///
    /// # Errors
    /// The files cannot be used: the old ones stay in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = read(&self.files)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        acceptor.accept(stream).await
    }
}

fn read(TlsFiles { key, certificate }: &TlsFiles) -> Result<tokio_rustls::TlsAcceptor, TlsError> {
    let path = || certificate.display().to_string();
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| TlsError::Certificate {
            path: path(),
            source,
        })?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: path() });
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::Key {
        path: key.display().to_string(),
        source,
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
}
