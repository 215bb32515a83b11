//! Reading a form: both kinds that browsers and scripts send, with a bound on all of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;
use multer::{Constraints, Multipart, SizeLimit};
use thiserror::Error;
use url::form_urlencoded;

/// More parts than this make no form of ours.
const MOST_PARTS: usize = 64;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a form could not be read. `Display` is a sentence for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum FormError {
    #[error("The form is larger than {0} bytes.")]
    TooLarge(usize),
    #[error("The form took too long to arrive.")]
    TooSlow,
    #[error("The form is broken.")]
    Broken,
}

/// What may be in a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormRules {
    /// Only these fields are kept.
    pub(super) fields: &'static [&'static str],
    /// Bytes of the whole body.
    pub(super) largest: usize,
    /// For the whole body.
    pub(super) time: Duration,
}

/// The fields of a form; of several of one name, the last, as in PHP.
#[derive(Default)]
pub(super) struct Form(BTreeMap<&'static str, Vec<u8>>);

impl Form {
    pub(super) fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.0.remove(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name).map(|value| String::from_utf8_lossy(value))
    }
}

impl FormRules {
    /// Reads `application/x-www-form-urlencoded` (its values are text) or `multipart/form-data`. A
    /// body of another kind is read as a form without fields, as PHP does.
    ///
    /// Cancel safe; the body is lost then.
    pub(super) async fn read<B>(&self, headers: &HeaderMap, body: B) -> Result<Form, FormError>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let kind = kind.unwrap_or_default();
        let read = async {
            match multer::parse_boundary(kind) {
                Ok(boundary) => self.multipart(boundary, body).await,
                Err(_) => self.plain(kind, body).await,
            }
        };
        let in_time = tokio::time::timeout(self.time, read).await;
        in_time.map_err(|_| FormError::TooSlow)?
    }

    async fn plain<B>(&self, kind: &str, body: B) -> Result<Form, FormError>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        let body = Box::pin(Limited::new(body, self.largest).collect()).await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                FormError::TooLarge(self.largest)
            } else {
                FormError::Broken
            }
        })?;
        let mut form = Form::default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            for (name, value) in form_urlencoded::parse(&body.to_bytes()) {
                if let Some(name) = self.wanted(&name) {
                    form.0.insert(name, value.into_owned().into_bytes());
                }
            }
        }
        Ok(form)
    }

    async fn multipart<B>(&self, boundary: String, body: B) -> Result<Form, FormError>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Into<BoxError>,
    {
        let failed = |error: multer::Error| {
            // What went wrong in the client's network is of no use to the client.
            if matches!(error, multer::Error::StreamSizeExceeded { .. }) {
                FormError::TooLarge(self.largest)
            } else {
                FormError::Broken
            }
        };
        let limit = SizeLimit::new().whole_stream(self.largest as u64);
        let limit = Constraints::new().size_limit(limit);
        let body = Box::pin(body.into_data_stream());
        let mut parts = Multipart::with_constraints(body, boundary, limit);
        let mut form = Form::default();
        for _ in 0..MOST_PARTS {
            let Some(mut part) = parts.next_field().await.map_err(failed)? else {
                return Ok(form);
            };
            let name = part.name().and_then(|name| self.wanted(name));
            let mut value = Vec::new();
            while let Some(piece) = part.chunk().await.map_err(failed)? {
                if name.is_some() {
                    value.extend_from_slice(&piece);
                }
            }
            if let Some(name) = name {
                form.0.insert(name, value);
            }
        }
        Err(FormError::Broken)
    }

    fn wanted(&self, name: &str) -> Option<&'static str> {
        self.fields.iter().copied().find(|field| *field == name)
    }
}
