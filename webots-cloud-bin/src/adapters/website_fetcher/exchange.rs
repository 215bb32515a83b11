//! One form sent to a website, and the head of its answer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;
use url::{Position, Url};

use super::error::{FetchError, innermost};
use super::host::Website;
use crate::adapters::http_probe::Trust;

/// The most bytes in the head of an answer, and in one read of its body.
const BUFFER: usize = 64 << 10;
/// The most redirects.
const REDIRECTS: usize = 5;
/// For one of several addresses, so that one that swallows everything does not use up the time.
const CONNECT: Duration = Duration::from_secs(10);

const USER_AGENT: &str = concat!("webots-cloud/", env!("CARGO_PKG_VERSION"));

/// An answer whose status is a success. Dropping it closes the connection.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) response: Response<Incoming>,
    pub(super) _connection: AbortOnDropHandle<()>,
}

/// Sends the form to the website's download address and waits for the head of a good answer.
///
/// Redirects are followed only where they keep the form (307 and 308), at most five, and only to the
/// same scheme, host and port: the form holds the key. The others would turn it into a `GET` that
/// asks for nothing.
///
/// # Cancel safety
/// Dropping it closes the connection.
pub(super) async fn post(
    website: &Website,
    addresses: &[SocketAddr],
    trust: Option<&Trust>,
    form: Bytes,
) -> Result<Answered, FetchError> {
    let host = || website.name();
    let mut url = website.download();
    for _ in 0..=REDIRECTS {
        let answered = once(website, addresses, trust, &url, form.clone()).await?;
        let status = answered.response.status();
        if status.is_success() {
            return Ok(answered);
        }
        if !status.is_redirection() {
            let (host, status) = (host(), status.as_u16());
            return Err(FetchError::Status { host, status });
        }
        let keeps = matches!(
            status,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
        );
        let location = answered.response.headers().get(header::LOCATION);
        let next = location.and_then(|to| url.join(to.to_str().ok()?).ok());
        match next.filter(|next| keeps && website.has(next)) {
            Some(next) => url = next,
            None => return Err(FetchError::Elsewhere { host: host() }),
        }
    }
    Err(FetchError::Elsewhere { host: host() })
}

async fn once(
    website: &Website,
    addresses: &[SocketAddr],
    trust: Option<&Trust>,
    url: &Url,
    form: Bytes,
) -> Result<Answered, FetchError> {
    let unreachable = |cause| FetchError::Unreachable {
        host: website.name(),
        cause,
    };
    let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(
            header::HOST,
            &url[Position::BeforeHost..Position::AfterPort],
        )
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .body(Full::new(form))
        .map_err(|error| unreachable(error.to_string()))?;
    let stream = connect(addresses).await;
    let stream = stream.map_err(|error| unreachable(error.kind().to_string()))?;
    match website.certificate() {
        None => send(stream, request).await.map_err(unreachable),
        Some(name) => {
            let host = website.name();
            let trust = trust.ok_or(FetchError::NoTrust { host })?;
            let secured = trust.connector().connect(name?, stream).await;
            let secured = secured.map_err(|error| unreachable(tls_cause(error)))?;
            send(secured, request).await.map_err(unreachable)
        }
    }
}

async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failed = error,
            Err(_) => failed = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(failed)
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answered, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let made = http1::Builder::new()
        .max_buf_size(BUFFER)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, connection) = made.map_err(|error| innermost(&error))?;
    // Its errors come out of the answer, too.
    let task = AbortOnDropHandle::new(tokio::spawn(async move {
        let _ = connection.await;
    }));
    let response = sender.send_request(request).await;
    Ok(Answered {
        response: response.map_err(|error| innermost(&error))?,
        _connection: task,
    })
}

/// What rustls said, which comes wrapped.
fn tls_cause(error: io::Error) -> String {
    match error.downcast::<tokio_rustls::rustls::Error>() {
        Ok(cause) => cause.to_string(),
        Err(error) => error.kind().to_string(),
    }
}
