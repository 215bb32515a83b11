//! One POST to a fixed address, and what came of it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use url::{Position, Url};
use webots_cloud_core::ports::PortError;
use webots_cloud_core::protocol::text::{Lines, presentable};

use super::http_probe::{Connection, Failure, Target, Trust, USER_AGENT};

/// The most bytes of an answer that are read, and the most characters of it that are shown.
const ANSWER: usize = 1000;

/// Posts to one address, over a connection of its own each time. Redirects are errors: what is
/// posted is for that address only.
///
/// No error, log line or `Debug` output has more of the address than the host: the rest may be what
/// lets somebody in.
pub(super) struct HttpPost {
    target: Target,
    /// Host and port as the header wants them.
    host: String,
    /// Path and query.
    path: String,
    content_type: &'static str,
    limit: Duration,
}

impl fmt::Debug for HttpPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpPost({})", self.target)
    }
}

impl HttpPost {
    /// `None` if the address is neither `http` nor `https`, or is `https` without `trust`. `limit`
    /// is for one post in all.
    pub(super) fn new(
        address: &str,
        content_type: &'static str,
        limit: Duration,
        trust: Option<&Trust>,
    ) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        Some(Self {
            target: Target::of(&url, trust)?,
            host: url[Position::BeforeHost..Position::AfterPort].to_owned(),
            path: url[Position::BeforePath..Position::AfterQuery].to_owned(),
            content_type,
            limit,
        })
    }

    /// Posts the body; the value is the beginning of a good answer, fit to be shown.
    ///
    /// # Errors
    /// Permanent: the address refused what was posted (3xx and 4xx). To be tried again: everything
    /// else.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection; the other side may have taken the body or not.
    pub(super) async fn send(&self, body: Bytes) -> Result<String, PortError> {
        match tokio::time::timeout(self.limit, self.exchange(body)).await {
            Ok(Ok((status, _))) if refuses(status) => {
                Err(PortError::permanent(format!("HTTP {}", status.as_u16())))
            }
            Ok(Ok((status, _))) if !status.is_success() => {
                Err(PortError::retry(format!("HTTP {}", status.as_u16())))
            }
            Ok(Ok((_, answer))) => Ok(answer),
            Ok(Err(Failure(text))) => Err(PortError::retry(text)),
            Err(_) => {
                let limit = self.limit.as_secs_f64();
                Err(PortError::retry(format!("no answer within {limit} s")))
            }
        }
    }

    async fn exchange(&self, body: Bytes) -> Result<(StatusCode, String), Failure> {
        let request = Request::post(&self.path)
            .header(header::HOST, &self.host)
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::CONNECTION, "close")
            .body(Full::new(body))
            // The error would show the path.
            .map_err(|_| Failure("the address cannot be asked for".to_owned()))?;
        let mut connection: Connection<_> = self.target.connect().await?;
        let response = connection.send(request).await?;
        let status = response.status();
        Ok((status, beginning(response).await))
    }
}

/// What does not get better by trying again.
fn refuses(status: StatusCode) -> bool {
    let later = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    (status.is_redirection() || status.is_client_error()) && !later.contains(&status)
}

/// The beginning of the body. That the rest is missing or never comes matters to nobody.
async fn beginning(response: Response<Incoming>) -> String {
    /// The status has said what counts.
    const PATIENCE: Duration = Duration::from_secs(1);
    let mut bytes = Vec::new();
    let mut body = response.into_body();
    let read = async {
        while bytes.len() < ANSWER {
            let Some(Ok(frame)) = body.frame().await else {
                return;
            };
            if let Ok(data) = frame.into_data() {
                let room = ANSWER.saturating_sub(bytes.len());
                bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
            }
        }
    };
    // Whatever came until then will do.
    let _ = tokio::time::timeout(PATIENCE, read).await;
    presentable(&String::from_utf8_lossy(&bytes), ANSWER, Lines::Join)
}
