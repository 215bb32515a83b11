//! One GET, for programs that look at servers.

use std::time::Duration;

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use thiserror::Error;
use url::{Position, Url};

use super::http_probe::{Connection, Failure, Target, Trust, USER_AGENT};

/// What came instead of an answer, in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct GetError(String);

/// Gets one address over a connection of its own, within `limit` in all; of the body at most `largest`
/// bytes. `https` needs `trust`. Redirects are answers like others.
///
/// # Errors
/// It cannot be reached, is neither `http` nor `https`, takes too long, or says too much.
///
/// # Cancel safety
/// Dropping it closes the connection.
pub async fn get(
    url: &Url,
    trust: Option<&Trust>,
    limit: Duration,
    largest: usize,
) -> Result<(StatusCode, String), GetError> {
    match tokio::time::timeout(limit, exchange(url, trust, largest)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Failure(text))) => Err(GetError(text)),
        Err(_) => {
            let limit = limit.as_secs_f64();
            Err(GetError(format!("no answer within {limit} s")))
        }
    }
}

async fn exchange(
    url: &Url,
    trust: Option<&Trust>,
    largest: usize,
) -> Result<(StatusCode, String), Failure> {
    let wrong = || Failure("cannot be asked".to_owned());
    let target = Target::of(url, trust).ok_or_else(wrong)?;
    let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(
            header::HOST,
            &url[Position::BeforeHost..Position::AfterPort],
        )
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| wrong())?;
    let mut connection: Connection<_> = target.connect().await?;
    let response = connection.send(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), largest).collect().await;
    let body = body.map_err(|error| Failure::of("the answer broke off", error.as_ref()))?;
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    Ok((status, text))
}
