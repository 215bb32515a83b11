use std::fmt;
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Whose certificates count. Clones share the same roots: make one for all who ask.
#[derive(Clone)]
pub struct Trust {
    connector: TlsConnector,
    roots: Arc<[CertificateDer<'static>]>,
}

/// Why nobody can be trusted.
#[derive(Debug, Error)]
pub enum TrustError {
    /// The machine has no root certificate, as small containers have none.
    #[error(
        "no root certificates found on this machine: install the package `ca-certificates` or set \
         SSL_CERT_FILE"
    )]
    NoRoots,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// The roots that this machine trusts. Reads files: do it once, at the start.
    ///
    /// # Errors
    /// There are none.
    pub fn of_the_system() -> Result<Self, TrustError> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "root certificates");
        }
        Self::only(found.certs)
    }

    /// These roots and no others. A certificate that cannot be understood is left out, as old
    /// machines have such among their roots.
    ///
    /// # Errors
    /// None is left.
    pub fn only(
        roots: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, TrustError> {
        let mut store = RootCertStore::empty();
        let understood = |root: &CertificateDer<'static>| store.add(root.clone()).is_ok();
        let roots: Arc<[_]> = roots.into_iter().filter(understood).collect();
        if roots.is_empty() {
            return Err(TrustError::NoRoots);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            roots,
        })
    }

    pub(in crate::adapters) fn connector(&self) -> TlsConnector {
        self.connector.clone()
    }

    /// The roots, for those who make connections of their own.
    pub(in crate::adapters) fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }
}
