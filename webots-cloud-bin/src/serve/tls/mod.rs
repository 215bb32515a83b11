//! TLS with rustls: the files of `sslKey` and `sslCertificate`, read again when they change.

mod pair;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use webots_cloud_core::config::TlsFiles;

pub use pair::TlsError;

/// How often it is looked whether the files changed. Two looks have to say the same: whoever renews a
/// certificate writes the two files one after the other.
const LOOK_PERIOD: Duration = Duration::from_secs(2);

/// Accepts TLS connections with one certificate, which can be read again.
#[derive(Clone)]
pub struct TlsAcceptor {
    files: TlsFiles,
    current: Arc<Mutex<Current>>,
}

/// What is in force.
struct Current {
    acceptor: tokio_rustls::TlsAcceptor,
    /// Of the files that were read last, whatever came of it.
    stamp: Stamp,
}

impl fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

impl TlsAcceptor {
    /// An acceptor for these files, if there are any.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub fn of(files: Option<&TlsFiles>) -> Result<Option<Self>, TlsError> {
        files.cloned().map(Self::new).transpose()
    }

    /// Reads a PEM private key and a PEM certificate chain.
    ///
    /// # Errors
    /// A file cannot be read, the two do not belong together, or the certificate is not valid now.
    pub fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let stamp = Stamp::of(&files);
        let acceptor = pair::read(&files)?;
        let current = Arc::new(Mutex::new(Current { acceptor, stamp }));
        Ok(Self { files, current })
    }

    /// Reads the files again. Open connections keep what they have.
    ///
    /// # Errors
    /// The files cannot be used: the old ones stay in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        let stamp = Stamp::of(&self.files);
        let fresh = pair::read(&self.files);
        let mut current = self.current();
        current.stamp = stamp;
        current.acceptor = fresh?;
        Ok(())
    }

    /// Reads the files again whenever they have changed, until `stop` is cancelled.
    pub(super) async fn follow(self, stop: CancellationToken) {
        let mut seen = None;
        let pause = || tokio::time::sleep(LOOK_PERIOD);
        while stop.run_until_cancelled(pause()).await.is_some() {
            let (tls, before) = (self.clone(), seen.take());
            let look = tokio::task::spawn_blocking(move || tls.look(before.as_ref()));
            seen = look.await.ok();
        }
    }

    /// Reads changed files again if they look as they did `before`; the result is how they look.
    fn look(&self, before: Option<&Stamp>) -> Stamp {
        let now = Stamp::of(&self.files);
        if before == Some(&now) && self.current().stamp != now {
            match self.reload() {
                Ok(()) => tracing::info!("the TLS files changed and were read again"),
                Err(error) => {
                    tracing::error!(%error, "the TLS files changed: the old ones stay in force");
                }
            }
        }
        now
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        // Never left half changed.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self.current().acceptor.clone();
        acceptor.accept(stream).await
    }
}

/// What shows that files changed: when they were written, and their sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp([Option<(SystemTime, u64)>; 2]);

impl Stamp {
    /// Of the files that links lead to.
    fn of(files: &TlsFiles) -> Self {
        Self([&files.key, &files.certificate].map(|path| {
            let metadata = path.metadata().ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        }))
    }
}
