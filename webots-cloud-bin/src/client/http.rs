//! One HTTP request on one connection.

use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use super::ClientError;

/// A whole response.
pub type Reply = Response<Bytes>;

/// The most that is read of a body.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// How long a request may take.
const TIME: Duration = Duration::from_secs(20);

/// Gets an `http://` address.
///
/// # Errors
/// It cannot be reached, or does not answer in HTTP within 20 s.
pub async fn get(url: &str) -> Result<Reply, ClientError> {
    request(Method::GET, url, Bytes::new()).await
}

/// Sends one request to an `http://` address.
///
/// # Errors
/// It cannot be reached, or does not answer in HTTP within 20 s.
pub async fn request(method: Method, url: &str, body: Bytes) -> Result<Reply, ClientError> {
    request_with(method, url, HeaderMap::new(), body).await
}

/// Sends one request with headers of the caller's own to an `http://` address.
///
/// # Errors
/// It cannot be reached, or does not answer in HTTP within 20 s.
pub async fn request_with(
    method: Method,
    url: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, ClientError> {
    let exchange = tokio::time::timeout(TIME, exchange(method, url, headers, body)).await;
    exchange.map_err(|_| ClientError::TimeOut(format!("the answer of {url}")))?
}

async fn exchange(
    method: Method,
    url: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, ClientError> {
    let wrong = || ClientError::Address(url.to_owned());
    let parsed = Url::parse(url).map_err(|_| wrong())?;
    let (Some(host), Some(port), "http") = (
        parsed.host_str(),
        parsed.port_or_known_default(),
        parsed.scheme(),
    ) else {
        return Err(wrong());
    };
    let path = url::Position::BeforePath;
    let mut request = Request::builder()
        .method(method)
        .uri(&parsed[path..url::Position::AfterQuery])
        .header(HOST, format!("{host}:{port}"))
        .body(Full::new(body))
        .map_err(|_| wrong())?;
    request.headers_mut().extend(headers);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let ask = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, LARGEST_BODY).collect().await;
        let body = body.map_err(|_| ClientError::TimeOut("the end of the answer".to_owned()))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    tokio::pin!(ask);
    tokio::select! {
        reply = ask.as_mut() => reply,
        _ = connection => ask.await,
    }
}
