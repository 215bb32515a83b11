//! The session server's sockets: HTTP, availability, and `/session` (contract, section 3).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};
use webots_cloud_core::id::{RequestId, ServerId};
use webots_cloud_core::ports::Notifier;
use webots_cloud_core::protocol::session::availability_text;
use webots_cloud_core::protocol::session_id::SessionId;
use webots_cloud_core::session::{Effect, Input, SessionMachine, SessionPorts, Work};
use webots_cloud_core::web::session::{ROUTES, answer, placed, placed_text};
use webots_cloud_core::web::view::{ProcessView, ProgramView, SessionSite, SessionView};
use webots_cloud_core::web::{Answer, Socket};

use super::http::Service;
use super::performed::answer_of;
use super::places::Place;
use super::rate::Rate;
use super::request_counts::{RequestCounts, process_for};
use super::session_log::fresh;
use super::websocket::{self, ServerSocket, close, small_buffers};
use crate::driver::{CarryOut, Driver, Worker};

/// An availability client says nothing of use, so it may say little.
const LARGEST_MESSAGE: usize = 4 * 1024;
/// Bytes read at a time: pongs and a close frame.
const READ: usize = 128;

/// And not often.
const MESSAGES_A_SECOND: u32 = 100;

/// So many placements a second are written to the log; a flood must not push all else out of it. The
/// rest is written at debug, and counted.
const WRITTEN_A_SECOND: u32 = 100;

/// A client that does not answer two pings in a row is gone.
const PING_PERIOD: Duration = Duration::from_secs(60);

/// Carries out the session machine's effects.
#[derive(Debug)]
pub struct SessionCarrier {
    ports: SessionPorts,
    offers: BTreeMap<RequestId, Option<ServerId>>,
    /// Placements that are written to the log.
    written: Rate,
    available: watch::Sender<bool>,
    open: watch::Sender<bool>,
}

impl SessionCarrier {
    /// A carrier that works with these ports.
    pub fn new(ports: SessionPorts) -> Self {
        Self {
            ports,
            offers: BTreeMap::new(),
            written: Rate::new(WRITTEN_A_SECOND),
            available: watch::Sender::new(false),
            open: watch::Sender::new(false),
        }
    }
}

impl CarryOut<SessionMachine> for SessionCarrier {
    fn carry_out(&mut self, effect: Effect, worker: &Worker<SessionMachine, Self>) {
        match effect {
            Effect::Work(work) => {
                if let Work::Notify(notice) = &work {
                    tracing::debug!(%notice, "notice");
                }
                let performed = self.ports.perform(work);
                worker.spawn(async move { answer_of(performed.await) });
            }
            Effect::Offer { request, server } => {
                self.offers.insert(request, server);
            }
            Effect::Announce { available } => {
                tracing::info!(available, "availability changed");
                self.available.send_replace(available);
            }
            Effect::Open => {
                self.open.send_replace(true);
            }
        }
    }
}

/// A session server behind its sockets.
#[derive(Debug)]
pub struct SessionService {
    driver: Driver<SessionMachine, SessionCarrier>,
    site: SessionSite,
    available: watch::Receiver<bool>,
    open: watch::Receiver<bool>,
    clients: AtomicUsize,
    requests: AtomicU64,
    notifier: Arc<dyn Notifier>,
    counts: RequestCounts,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl SessionService {
    /// Starts the machine. Sockets are served in tasks of `tasks`, until `stop` is cancelled.
    pub fn start(
        machine: SessionMachine,
        ports: SessionPorts,
        site: SessionSite,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let notifier = Arc::clone(&ports.notifier);
        let carrier = SessionCarrier::new(ports);
        let (available, open) = (carrier.available.subscribe(), carrier.open.subscribe());
        Arc::new(Self {
            driver: Driver::start(machine, carrier),
            site,
            available,
            open,
            clients: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            notifier,
            counts: RequestCounts::new(ROUTES),
            tasks,
            stop,
        })
    }

    /// Waits until the first round of load samples has ended.
    ///
    /// Cancel safe.
    pub async fn opened(&self) {
        // The sender lives in the driver, so this ends by the value only.
        let _ = self.open.clone().wait_for(|open| *open).await;
    }

    /// Waits until the machine could be looked at.
    pub fn check(&self) {
        self.driver.look(|_| ());
    }

    /// Says that there is no room any more. The sockets stay until `stop` is cancelled.
    pub fn shut_down(&self) {
        self.driver.feed(Input::ShutdownRequested);
    }

    /// Waits until the machine's work has ended; after [`shut_down`](Self::shut_down).
    ///
    /// Cancel safe.
    pub async fn finish(&self) {
        self.driver.finish().await;
    }

    /// Asks the machine for a place, and makes an answer of its address and the session's name.
    fn place<T>(&self, answer: impl FnOnce(Option<&str>, &SessionId) -> T) -> T {
        let request = RequestId(self.requests.fetch_add(1, Ordering::Relaxed));
        let input = Input::SessionRequested { request };
        let (server, written) = self.driver.exchange(input, |carrier| {
            (carrier.offers.remove(&request), carrier.written.allows())
        });
        let address = server.flatten().and_then(|server| {
            self.driver
                .look(|machine| machine.peer(server).map(|peer| peer.address().to_owned()))
        });
        let session = fresh();
        match &address {
            Some(server) if written => tracing::info!(%session, server, "a session is placed"),
            Some(server) => tracing::debug!(%session, server, "a session is placed"),
            None => tracing::debug!("there is no room for a session"),
        }
        answer(address.as_deref(), &session)
    }

    /// `/`: the state at once, then each change, never the same twice in a row.
    async fn availability(self: Arc<Self>, mut socket: ServerSocket) {
        self.clients.fetch_add(1, Ordering::Relaxed);
        self.tell_availability(&mut socket).await;
        self.clients.fetch_sub(1, Ordering::Relaxed);
        close(socket, 1001).await;
    }

    async fn tell_availability(&self, socket: &mut ServerSocket) {
        let mut changes = self.available.clone();
        let mut told = None;
        let mut unanswered = 0;
        let mut rate = Rate::new(MESSAGES_A_SECOND);
        loop {
            let available = *changes.borrow_and_update();
            if told != Some(available) {
                told = Some(available);
                let text = availability_text(available).to_owned();
                if !websocket::send_text(socket, text).await {
                    return;
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                changed = changes.changed() => if changed.is_err() { return },
                message = socket.next() => match message {
                    // Whatever the client says is ignored; it shows that it is there.
                    Some(Ok(_)) if rate.allows() => unanswered = 0,
                    Some(Ok(_) | Err(_)) | None => return,
                },
                () = tokio::time::sleep(PING_PERIOD) => {
                    unanswered += 1;
                    if unanswered > 2 || !websocket::send(socket, Message::Ping(Bytes::new())).await {
                        return;
                    }
                }
            }
        }
    }

    /// `/session` as a WebSocket: one frame, then a close.
    async fn session(self: Arc<Self>, mut socket: ServerSocket) {
        let text = self.place(|address, _| placed_text(address, &self.site));
        if websocket::send_text(&mut socket, text).await {
            close(socket, 1000).await;
        }
    }
}

impl SessionService {
    /// Answers one request, by its head: no route has a body that matters. Returns at once; a
    /// WebSocket is served in a task of its own.
    ///
    /// For HTTP servers of other makes, as long as they are hyper underneath: a request for a
    /// WebSocket has to carry hyper's `OnUpgrade`, as those that axum hands on do, and its connection
    /// has to be served with upgrades.
    ///
    /// The metrics lack the figures of the process, which is not ours.
    pub fn respond<B>(self: &Arc<Self>, request: Request<B>) -> Response<Bytes> {
        self.respond_as(request, None)
    }

    /// The same, with what is known of the process.
    fn respond_as<B>(
        self: &Arc<Self>,
        request: Request<B>,
        process: Option<ProcessView>,
    ) -> Response<Bytes> {
        let route = self.counts.route(request.uri().path());
        let response = self.answer_to(request, process);
        self.counts.count(route, response.status());
        response
    }

    fn answer_to<B>(
        self: &Arc<Self>,
        request: Request<B>,
        process: Option<ProcessView>,
    ) -> Response<Bytes> {
        let clients = self.clients.load(Ordering::Relaxed);
        let answer = self
            .driver
            .look(|machine| answer(machine, clients, &request));
        let config = small_buffers(LARGEST_MESSAGE).read_buffer_size(READ);
        let (service, tasks) = (Arc::clone(self), &self.tasks);
        match answer {
            Answer::Respond(response) => response,
            Answer::Draw(what, view) => {
                let mut view: Box<SessionView> = view;
                view.door = Place::door(&request);
                view.program = ProgramView {
                    requests: self.counts.view(),
                    process,
                    deliveries: self.notifier.deliveries(),
                };
                view.draw(what, &self.site)
            }
            Answer::Place => self.place(|address, name| placed(address, &self.site, name)),
            Answer::Upgrade(Socket::Session) => {
                let span = Span::current();
                websocket::accept(request, config, tasks, |socket| {
                    service.session(socket).instrument(span)
                })
            }
            Answer::Upgrade(Socket::Availability | Socket::Client) => {
                websocket::accept(request, config, tasks, |socket| {
                    service.availability(socket)
                })
            }
        }
    }
}

impl Service for SessionService {
    type Body = Bytes;

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        _peer: SocketAddr,
    ) -> Response<Bytes> {
        let process = process_for(request.uri().path()).await;
        self.respond_as(request, process)
    }
}
