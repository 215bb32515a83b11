//! One connection's HTTP, by hyper.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::Instrument;

use super::connection::Connection;
use super::content::Content;
use super::sending::Sending;

/// Answers requests.
pub trait Service: Send + Sync + 'static {
    /// What its responses carry: `Bytes`, or [`Content`] where some are made piece by piece.
    type Body: Into<Content>;

    /// Answers one request. `peer` is the other end of the connection.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Serves one connection until it is closed, upgraded, or `stop` is cancelled; then the request
/// under way is still answered.
pub(super) async fn serve<S: Service>(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: Arc<S>,
    on: Connection,
) {
    let (peer, limits) = (on.peer, on.limits);
    // At the level of errors, so that it is there whatever is logged.
    let span = tracing::error_span!("from", %peer);
    let answer = service_fn(move |mut request: Request<Incoming>| {
        let service = Arc::clone(&service);
        request.extensions_mut().insert(on.place.clone());
        let span = span.clone();
        let answer = async move {
            let asked = Asked::by(&request);
            let response = service.answer(request, peer).await;
            if let Some(asked) = asked {
                asked.answered(&response);
            }
            Ok::<_, std::convert::Infallible>(response.map(Into::into))
        };
        answer.instrument(span)
    });
    let io = Sending::new(io, limits.send_time, Arc::clone(&on.places));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(io), answer)
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = on.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let end = tokio::time::timeout(Duration::from_secs(5), connection).await;
            end.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        if error.is_timeout() {
            on.places.too_late();
        }
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

/// A line of the access log, which is written at debug.
struct Asked {
    method: Method,
    /// Without the query, which may hold what is nobody's business.
    path: String,
    at: Instant,
}

impl Asked {
    fn by(request: &Request<Incoming>) -> Option<Self> {
        tracing::enabled!(tracing::Level::DEBUG).then(|| Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            at: Instant::now(),
        })
    }

    fn answered<B>(self, response: &Response<B>) {
        let (Self { method, path, at }, status) = (self, response.status().as_u16());
        let time = at.elapsed();
        tracing::debug!(%method, path, status, ?time, "request");
    }
}
