//! The load of another machine, asked for over HTTP.

mod connection;
mod trust;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use thiserror::Error;
use url::{Position, Url};
use webots_cloud_core::load::LoadSample;
use webots_cloud_core::ports::{BoxFuture, LoadProbe, PortError};
use webots_cloud_core::protocol::session::{MAX_LOAD_TEXT, parse_load};
use webots_cloud_core::web::simulation::SLOTS_HEADER;

pub(super) use connection::{Connection, Target};

pub use trust::{Trust, TrustError};

pub(super) const USER_AGENT: &str = concat!("webots-cloud/", env!("CARGO_PKG_VERSION"));

/// Asks one simulation server for its load: `GET` of one fixed address, over one connection that
/// is kept between samples.
///
/// Nothing but that address is ever asked for: redirects are errors. However slow, long or odd the
/// answer is, a sample ends within the limit and reads at most a few kilobytes.
///
/// # Errors
/// [`PortError`]s of kind `Retry` whose message says in a few words what came instead of a load:
/// `connection refused`, `no answer within 2 s`, `HTTP 500`, `the answer is not a load: …`.
///
/// # Cancel safety
/// A sample that is dropped closes its connection; the next one opens another.
pub struct HttpProbe {
    target: Target,
    request: Request<Empty<Bytes>>,
    limit: Duration,
    /// The connection that waits for the next sample. Taken out while it is used, so that a
    /// dropped sample cannot leave half an answer behind for the next one.
    idle: Mutex<Option<Connection<Empty<Bytes>>>>,
}

/// Why there can be no probe for an address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not the address of a load: http://HOST[:PORT]/… or, with certificates, https://…"
)]
pub struct AddressError(String);

impl fmt::Debug for HttpProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProbe")
            .field("target", &self.target)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl HttpProbe {
    /// A probe of this address, usually a
    /// [`load_url`](webots_cloud_core::config::ServerEntry::load_url). `limit` is the time that one
    /// sample may take in all. `https` needs `trust`; `http` does not look at it. Connects to
    /// nothing yet.
    ///
    /// # Errors
    /// The address is neither `http` nor `https`, or is `https` and there is no `trust`.
    pub fn new(
        load_url: &str,
        limit: Duration,
        trust: Option<&Trust>,
    ) -> Result<Self, AddressError> {
        let wrong = || AddressError(load_url.to_owned());
        let url = Url::parse(load_url).map_err(|_| wrong())?;
        let target = Target::of(&url, trust).ok_or_else(wrong)?;
        let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
            .header(
                header::HOST,
                &url[Position::BeforeHost..Position::AfterPort],
            )
            .header(header::USER_AGENT, USER_AGENT)
            .body(Empty::new())
            .map_err(|_| wrong())?;
        Ok(Self {
            target,
            request,
            limit,
            idle: Mutex::default(),
        })
    }

    async fn ask(&self) -> Result<LoadSample, Failure> {
        let (connection, response) = self.respond().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(Failure(format!("HTTP {}", status.as_u16())));
        }
        let slots = response.headers().get(SLOTS_HEADER);
        let slots = slots.and_then(|slots| slots.to_str().ok()?.trim().parse().ok());
        let keep = !closes(&response);
        let text = body(response.into_body()).await?;
        let load = parse_load(&text)
            .map_err(|error| Failure(format!("the answer is not a load: {error}")))?;
        if keep {
            *self.idle() = Some(connection);
        }
        Ok(LoadSample {
            slots,
            ..LoadSample::of(load)
        })
    }

    /// Sends the request and waits for the head of the answer.
    async fn respond(&self) -> Result<(Connection<Empty<Bytes>>, Response<Incoming>), Failure> {
        // In a statement of its own: the lock must not be held across the await.
        let idle = self.idle().take();
        if let Some(mut connection) = idle {
            // The server may have closed it long ago, or just now: that is no news of its health,
            // and a GET may be repeated.
            match connection.send(self.request.clone()).await {
                Ok(response) => return Ok((connection, response)),
                Err(failure) => tracing::debug!(target = %self.target, %failure, "kept connection"),
            }
        }
        let mut connection = self.target.connect().await?;
        let response = connection.send(self.request.clone()).await?;
        Ok((connection, response))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<Connection<Empty<Bytes>>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoadProbe for HttpProbe {
    fn sample(&self) -> BoxFuture<'_, Result<LoadSample, PortError>> {
        Box::pin(async {
            match tokio::time::timeout(self.limit, self.ask()).await {
                Ok(Ok(sample)) => Ok(sample),
                Ok(Err(Failure(text))) => Err(PortError::retry(text)),
                Err(_) => {
                    let limit = self.limit.as_secs_f64();
                    Err(PortError::retry(format!("no answer within {limit} s")))
                }
            }
        })
    }
}

/// Reads what may be a load. What is longer is not read to its end.
async fn body(mut body: Incoming) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::of("the answer broke off", &error))?;
        if let Ok(data) = frame.into_data() {
            // One byte more than allowed tells the parser that there is too much.
            let room = (MAX_LOAD_TEXT + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if bytes.len() > MAX_LOAD_TEXT {
                break;
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What came instead of an answer, in a few words.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

impl Failure {
    /// What was tried, and the innermost reason, which says most.
    pub(super) fn of(what: &str, error: &dyn std::error::Error) -> Self {
        let mut innermost = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Self(format!("{what}: {innermost}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the server said that it will not answer another request on this connection.
fn closes(response: &Response<Incoming>) -> bool {
    let close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    response
        .headers()
        .get(header::CONNECTION)
        .is_some_and(close)
}
