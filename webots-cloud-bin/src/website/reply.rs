//! The responses of the two scripts, and what all responses have.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

use crate::serve::Content;

/// Our own pages have a style, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// W4.1: search engines are to leave the scripts alone.
pub(super) const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

pub(super) type Reply = Response<Content>;

pub(super) fn text(status: StatusCode, text: impl Into<Bytes>) -> Reply {
    let mut reply = whole(text.into(), "text/plain; charset=utf-8");
    *reply.status_mut() = status;
    reply
}

/// What a script says (W4): always 200, since pages and simulation servers look at the text only.
pub(super) fn said(text: impl Into<Bytes>) -> Reply {
    let mut reply = self::text(StatusCode::OK, text);
    set(&mut reply, ROBOTS, "noindex");
    reply
}

/// `Error: ` and what is wrong.
pub(super) fn error(wrong: impl std::fmt::Display) -> Reply {
    said(format!("Error: {wrong}"))
}

pub(super) fn page(html: &'static str) -> Reply {
    let html = Bytes::from_static(html.as_bytes());
    let mut reply = whole(html, "text/html; charset=utf-8");
    set(&mut reply, CONTENT_SECURITY_POLICY, PAGE_POLICY);
    reply
}

pub(super) fn not_found() -> Reply {
    text(StatusCode::NOT_FOUND, "404: nothing is here\n")
}

pub(super) fn wrong_method(allow: &'static str) -> Reply {
    let body = format!("405: this address knows {allow} only\n");
    let mut reply = text(StatusCode::METHOD_NOT_ALLOWED, body);
    set(&mut reply, ALLOW, allow);
    reply
}

pub(super) fn whole(body: Bytes, kind: &'static str) -> Reply {
    let mut reply = Response::new(Content::from(body));
    set(&mut reply, CONTENT_TYPE, kind);
    set(&mut reply, CACHE_CONTROL, "no-store");
    set(&mut reply, X_CONTENT_TYPE_OPTIONS, "nosniff");
    reply
}

pub(super) fn set(reply: &mut Reply, name: HeaderName, value: &'static str) {
    reply
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}
