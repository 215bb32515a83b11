//! A session server inside an application of your own: one port, the application's pages, and the
//! session server's routes and WebSockets for whoever is logged in.
//!
//! ```sh
//! cargo run -p webots-cloud-examples --example embed_session -- localhost:2000
//! curl -i http://localhost:1999/load                            # 401: log in first
//! curl -i http://localhost:1999/login                           # sets a cookie
//! curl --cookie login=letmein http://localhost:1999/session     # ws://localhost:2000
//! ```
//!
//! The arguments are simulation servers; without one the session server says that there is no room.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud::adapters::http_probe::HttpProbe;
use webots_cloud::adapters::notifier::LogNotifier;
use webots_cloud::serve::mount::SessionRoutes;
use webots_cloud::serve::session::SessionService;
use webots_cloud_core::ports::LoadProbe;
use webots_cloud_core::session::{SessionMachine, SessionPorts, SessionRules};
use webots_cloud_core::web::view::SessionSite;

/// What a real application would look up. A cookie, since browsers send no other header of the
/// page's choice with a WebSocket.
pub const LOGIN: &str = "login=letmein";

/// A session server without a port, for simulation servers with these addresses and probes.
pub fn session_server(servers: Vec<(String, Arc<dyn LoadProbe>)>) -> Arc<SessionService> {
    let (addresses, probes): (Vec<_>, Vec<_>) = servers.into_iter().unzip();
    SessionService::start(
        SessionMachine::new(SessionRules::default(), addresses),
        SessionPorts {
            probes,
            notifier: Arc::new(LogNotifier),
        },
        SessionSite::default(),
        TaskTracker::new(),
        CancellationToken::new(),
    )
}

/// The application: its own routes, and the session server's behind its own login check.
pub fn application(sessions: &Arc<SessionService>) -> Router {
    let sessions = Router::new()
        .fallback_service(SessionRoutes::of(sessions))
        .layer(from_fn(only_with_login));
    Router::new()
        .route(
            "/login",
            get(|| async { ([(SET_COOKIE, LOGIN)], "welcome\n") }),
        )
        .route("/about", get(|| async { "an application of my own\n" }))
        .fallback_service(sessions)
}

async fn only_with_login(request: Request, next: Next) -> Response {
    let cookies = request.headers().get(COOKIE);
    let cookies = cookies.and_then(|it| it.to_str().ok()).unwrap_or_default();
    if cookies.split("; ").any(|cookie| cookie == LOGIN) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, "log in first, at /login\n").into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let probe = |server: String| {
        let url = format!("http://{server}/load");
        let probe = HttpProbe::new(&url, Duration::from_secs(2), None)?;
        Ok::<_, Box<dyn std::error::Error>>((server, Arc::new(probe) as Arc<dyn LoadProbe>))
    };
    let servers = std::env::args().skip(1).map(probe);
    let sessions = session_server(servers.collect::<Result<_, _>>()?);
    sessions.opened().await;
    let listener = TcpListener::bind("localhost:1999").await?;
    println!("http://{}/about", listener.local_addr()?);
    Ok(axum::serve(listener, application(&sessions)).await?)
}
