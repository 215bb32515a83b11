//! A session server as part of an application of your own: its routes, on the application's port.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;

use super::session::SessionService;

/// The routes of a session server as a tower service, to be mounted in axum or anything else that
/// takes one: `Router::fallback_service(SessionRoutes::of(&service))`.
///
/// Who may come, over which port, with which limits and with which TLS is the application's
/// business. The paths are those of the session server, so it is mounted at `/` or with its prefix
/// stripped, as axum's `nest_service` does; WebSockets need what [`SessionService::respond`] says.
///
/// To end it, call [`SessionService::shut_down`], cancel the token that it was started with, wait for
/// its tasks and then for [`SessionService::finish`]; requests that come later are still answered,
/// and say that there is no room.
///
/// Clones are handles to the same server.
#[derive(Clone, Debug)]
pub struct SessionRoutes(Arc<SessionService>);

impl SessionRoutes {
    /// The routes of this server.
    pub fn of(service: &Arc<SessionService>) -> Self {
        Self(Arc::clone(service))
    }
}

/// Always ready, never fails, and answers at once.
impl<B> tower_service::Service<Request<B>> for SessionRoutes {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.0.respond(request).map(Full::new)))
    }
}
