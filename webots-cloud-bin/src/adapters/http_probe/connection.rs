use std::fmt;
use std::io;

use http::{Request, Response};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Url};

use super::{Failure, Trust};

/// The head of an answer, bytes. No less is possible, and a load needs no more.
const HEAD: usize = 8192;

/// Whom to connect to.
pub(in crate::adapters) struct Target {
    host: Host,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Target {
    pub(in crate::adapters) fn of(url: &Url, trust: Option<&Trust>) -> Option<Self> {
        let host = url.host()?.to_owned();
        let tls = match url.scheme() {
            "http" => None,
            "https" => {
                let name = match &host {
                    Host::Domain(name) => ServerName::try_from(name.clone()).ok()?,
                    Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
                    Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
                };
                Some((trust?.connector(), name))
            }
            _ => return None,
        };
        Some(Self {
            host,
            port: url.port_or_known_default()?,
            tls,
        })
    }

    pub(in crate::adapters) async fn connect<B>(&self) -> Result<Connection<B>, Failure>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let stream = self.open().await?;
        // Best effort: without it, small writes may wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => Connection::over(stream).await,
            Some((connector, name)) => {
                let secured = connector.connect(name.clone(), stream).await;
                let secured = secured.map_err(|error| Failure::of("TLS", &tls_cause(error)))?;
                Connection::over(secured).await
            }
        }
    }

    async fn open(&self) -> Result<TcpStream, Failure> {
        let connected = match &self.host {
            Host::Ipv4(address) => TcpStream::connect((*address, self.port)).await,
            Host::Ipv6(address) => TcpStream::connect((*address, self.port)).await,
            Host::Domain(name) => {
                let found = lookup_host((name.as_str(), self.port)).await;
                let found: Vec<_> = found
                    .map_err(|_| Failure("no such host".to_owned()))?
                    .collect();
                TcpStream::connect(found.as_slice()).await
            }
        };
        connected.map_err(|error| Failure(in_words(&error)))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `connection refused` instead of `Connection refused (os error 111)`.
fn in_words(error: &io::Error) -> String {
    let kind = error.kind().to_string();
    let known = kind != "other error" && kind != "uncategorized error";
    if known { kind } else { error.to_string() }
}

/// What rustls said, which comes wrapped.
fn tls_cause(error: io::Error) -> io::Error {
    match error.downcast::<tokio_rustls::rustls::Error>() {
        Ok(cause) => io::Error::other(cause.to_string()),
        Err(error) => error,
    }
}

/// One HTTP/1.1 connection. Dropping it closes it.
#[derive(Debug)]
pub(in crate::adapters) struct Connection<B> {
    sender: SendRequest<B>,
    _task: AbortOnDropHandle<()>,
}

impl<B> Connection<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn over<S>(stream: S) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let made = Builder::new()
            .max_buf_size(HEAD)
            .handshake(TokioIo::new(stream))
            .await;
        let (sender, connection) = made.map_err(|error| Failure::of("no HTTP", &error))?;
        // Its errors come out of `sender` too.
        let task = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            _task: AbortOnDropHandle::new(task),
        })
    }

    pub(in crate::adapters) async fn send(
        &mut self,
        request: Request<B>,
    ) -> Result<Response<Incoming>, Failure> {
        let what = "no HTTP answer";
        let sent = match self.sender.ready().await {
            Ok(()) => self.sender.send_request(request).await,
            Err(error) => Err(error),
        };
        sent.map_err(|error| Failure::of(what, &error))
    }
}
