//! The responses that all routes are made of.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW,
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, UPGRADE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

/// The page may use the style and the script of its own server, and ask it again: nothing else. What
/// a stranger's text might smuggle in is no script.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
                           connect-src 'self'; img-src data:; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'self'";

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, content_type);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn set(response: &mut Response<Bytes>, name: HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    response(status, "text/plain; charset=utf-8", body)
}

pub(super) fn page(body: String) -> Response<Bytes> {
    let mut response = response(StatusCode::OK, "text/html; charset=utf-8", body);
    set(&mut response, CONTENT_SECURITY_POLICY, PAGE_POLICY);
    response
}

/// The style and the script of the page.
pub(super) fn style(text: &'static str) -> Response<Bytes> {
    response(StatusCode::OK, "text/css; charset=utf-8", text)
}

pub(super) fn script(text: &'static str) -> Response<Bytes> {
    response(StatusCode::OK, "text/javascript; charset=utf-8", text)
}

pub(super) fn json(body: String) -> Response<Bytes> {
    response(StatusCode::OK, "application/json", body)
}

/// The content type of the OpenMetrics text format, which Prometheus reads.
pub(super) fn metrics(body: String) -> Response<Bytes> {
    response(
        StatusCode::OK,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        body,
    )
}

/// `/healthz` and `/readyz`: 200, or 503 with the reason.
pub(super) fn health(trouble: Option<&'static str>) -> Response<Bytes> {
    match trouble {
        None => text(StatusCode::OK, "ok\n"),
        Some(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
    }
}

/// 204 without a body.
pub(super) fn nothing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

pub(super) fn bad_request(why: &str) -> Response<Bytes> {
    text(StatusCode::BAD_REQUEST, format!("400: {why}\n"))
}

pub(super) fn not_found(known: &[&str]) -> Response<Bytes> {
    let body = format!("404: nothing is here. There is: {}\n", known.join(", "));
    text(StatusCode::NOT_FOUND, body)
}

/// The refusal of every method but `GET` and `HEAD`.
pub(super) fn unless_read<B>(request: &Request<B>) -> Option<Response<Bytes>> {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    (!reads).then(|| wrong_method("GET, HEAD"))
}

pub(super) fn wrong_method(allow: &'static str) -> Response<Bytes> {
    let body = format!("405: this address knows {allow} only\n");
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, body);
    set(&mut response, ALLOW, allow);
    response
}

/// A plain request where a WebSocket is served (RFC 9110, 15.5.22).
pub(super) fn upgrade_required() -> Response<Bytes> {
    let body = "426: this address can be opened with a WebSocket only\n";
    let mut response = text(StatusCode::UPGRADE_REQUIRED, body);
    set(&mut response, UPGRADE, "websocket");
    set(&mut response, CONNECTION, "upgrade");
    response
}

/// Pages of any site may ask for a session (W1.2).
pub(super) fn with_cors(mut response: Response<Bytes>) -> Response<Bytes> {
    set(&mut response, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        &mut response,
        ACCESS_CONTROL_ALLOW_HEADERS,
        "x-requested-with",
    );
    set(
        &mut response,
        ACCESS_CONTROL_ALLOW_METHODS,
        "POST, GET, OPTIONS",
    );
    response
}

/// Whether the client wants a WebSocket (RFC 6455, 4.1): anything less is a plain request.
pub(super) fn wants_websocket<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && has_word(headers, &UPGRADE, "websocket")
        && has_word(headers, &CONNECTION, "upgrade")
}

/// Whether a comma-separated header holds this word.
fn has_word(headers: &HeaderMap, header: &HeaderName, word: &str) -> bool {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}
