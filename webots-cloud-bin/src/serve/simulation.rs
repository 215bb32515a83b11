//! The simulation server's sockets: HTTP and `/client` (contract, sections 4 and 5).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};
use webots_cloud_core::id::ClientId;
use webots_cloud_core::ports::{Notifier, ProjectFetcher};
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::protocol::session_id::SessionId;
use webots_cloud_core::simulation::{
    Effect, Input, MonitorRow, SimulationMachine, SimulationPorts,
};
use webots_cloud_core::web::simulation::{ROUTES, answer};
use webots_cloud_core::web::view::{ProcessView, ProgramView, SimulationSite};
use webots_cloud_core::web::{Answer, Socket};

use super::client_socket::{ClientLimits, ClientSocket, Outgoing};
use super::http::Service;
use super::performed::answer_of;
use super::places::Place;
use super::request_counts::{RequestCounts, process_for};
use super::session_log::{SessionInlet, SessionLog, fresh, span};
use super::websocket::{self, ServerSocket, small_buffers};
use crate::driver::{CarryOut, Driver, Worker};

/// Frames that wait for one client. A client that does not read is closed when they are full.
const WAITING_FRAMES: usize = 64;

/// Rows that wait to be written to `monitor.csv`.
const WAITING_ROWS: usize = 60;

/// Carries out the simulation machine's effects.
#[derive(Debug)]
pub struct SimulationCarrier {
    ports: SimulationPorts,
    clients: BTreeMap<ClientId, mpsc::Sender<Outgoing>>,
    log: SessionLog,
    rows: mpsc::Sender<(SystemTime, MonitorRow)>,
    finished: watch::Sender<bool>,
}

type SimulationDriver = Driver<SimulationMachine, SimulationCarrier>;

impl SimulationCarrier {
    /// Hands a frame to a client's socket. One that does not read loses its connection, and the
    /// machine hears that it left.
    fn hand(&mut self, client: ClientId, outgoing: Outgoing) {
        let Some(queue) = self.clients.get(&client) else {
            return;
        };
        // An instance may print heartbeats as fast as it likes; they must leave room for what counts.
        let heartbeat = matches!(outgoing, Outgoing::Frame(ServerMessage::Heartbeat));
        if heartbeat && queue.capacity() < WAITING_FRAMES / 2 {
            return;
        }
        if queue.try_send(outgoing).is_err() {
            self.clients.remove(&client);
        }
    }
}

impl CarryOut<SimulationMachine> for SimulationCarrier {
    fn carry_out(&mut self, effect: Effect, worker: &Worker<SimulationMachine, Self>) {
        self.log.tell(&effect);
        match effect {
            Effect::Work(work) => {
                let span = self.log.of_work(&work);
                let inlet = SessionInlet {
                    inlet: worker.inlet(),
                    span: span.clone(),
                };
                let performed = self.ports.perform(work, Arc::new(inlet));
                worker.spawn(async move { answer_of(performed.await) }.instrument(span));
            }
            Effect::Send { client, message } => self.hand(client, Outgoing::Frame(message)),
            Effect::Close { client, code } => {
                self.hand(client, Outgoing::Close(code));
                self.clients.remove(&client);
            }
            Effect::Began { .. } | Effect::Ended { .. } => {}
            Effect::RecordMonitorRow(row) => {
                // A disk that is too slow loses rows, not the server its time.
                let _ = self.rows.try_send((SystemTime::now(), row));
            }
            Effect::Finished => {
                self.finished.send_replace(true);
            }
        }
    }
}

/// A simulation server behind its sockets.
#[derive(Debug)]
pub struct SimulationService {
    driver: SimulationDriver,
    site: SimulationSite,
    limits: ClientLimits,
    finished: watch::Receiver<bool>,
    ids: AtomicU64,
    fetcher: Arc<dyn ProjectFetcher>,
    notifier: Arc<dyn Notifier>,
    counts: RequestCounts,
    tasks: TaskTracker,
}

impl SimulationService {
    /// Starts the machine. Sockets are served in tasks of `tasks`. The rows of `monitor.csv` come
    /// out of the receiver with their time, one a second.
    pub fn start(
        machine: SimulationMachine,
        ports: SimulationPorts,
        site: SimulationSite,
        limits: ClientLimits,
        tasks: TaskTracker,
    ) -> (Arc<Self>, mpsc::Receiver<(SystemTime, MonitorRow)>) {
        let (rows, receiver) = mpsc::channel(WAITING_ROWS);
        let (finished, finish) = watch::channel(false);
        let (fetcher, notifier) = (Arc::clone(&ports.fetcher), Arc::clone(&ports.notifier));
        let carrier = SimulationCarrier {
            ports,
            clients: BTreeMap::new(),
            log: SessionLog::default(),
            rows,
            finished,
        };
        let service = Arc::new(Self {
            driver: Driver::start(machine, carrier),
            site,
            limits,
            finished: finish,
            ids: AtomicU64::new(1),
            fetcher,
            notifier,
            counts: RequestCounts::new(ROUTES),
            tasks,
        });
        (service, receiver)
    }

    /// Waits until the machine could be looked at.
    pub fn check(&self) {
        self.driver.look(|_| ());
    }

    /// Tells every client, and ends every instance.
    pub fn shut_down(&self) {
        self.driver.feed(Input::ShutdownRequested);
    }

    /// Waits until no client, process or workspace is left; after [`shut_down`](Self::shut_down).
    ///
    /// Cancel safe.
    pub async fn finish(&self) {
        let _ = self.finished.clone().wait_for(|finished| *finished).await;
        self.driver.finish().await;
    }

    async fn client(
        self: Arc<Self>,
        socket: ServerSocket,
        host: Option<String>,
        session: SessionId,
        place: Option<Place>,
    ) {
        let client = ClientId(self.ids.fetch_add(1, Ordering::Relaxed));
        let (queue, outgoing) = mpsc::channel(WAITING_FRAMES);
        let span = span(&session, client);
        self.driver.carrier(|carrier| {
            carrier.log.connected(client, span.clone());
            carrier.clients.insert(client, queue);
        });
        self.driver.feed(Input::ClientConnected { client, host });
        let socket = ClientSocket {
            socket,
            outgoing,
            limits: self.limits,
            place,
        };
        let hear = |message| self.driver.feed(Input::ClientSent { client, message });
        let farewell = socket.serve(hear).instrument(span).await;
        self.driver
            .carrier(|carrier| carrier.clients.remove(&client));
        self.driver.feed(Input::ClientLeft { client });
        self.driver.carrier(|carrier| carrier.log.left(client));
        farewell.say().await;
    }
}

impl Service for SimulationService {
    type Body = Bytes;

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        _peer: SocketAddr,
    ) -> Response<Bytes> {
        let path = request.uri().path();
        let process = process_for(path).await;
        let (route, service) = (self.counts.route(path), Arc::clone(&self));
        let response = self.answer_to(request, process);
        service.counts.count(route, response.status());
        response
    }
}

impl SimulationService {
    fn answer_to(
        self: Arc<Self>,
        request: Request<Incoming>,
        process: Option<ProcessView>,
    ) -> Response<Bytes> {
        let answer = self.driver.look(|machine| answer(machine, &request));
        match answer {
            Answer::Respond(response) => response,
            Answer::Draw(what, mut view) => {
                view.door = Place::door(&request);
                view.program = ProgramView {
                    requests: self.counts.view(),
                    process,
                    deliveries: self.notifier.deliveries(),
                };
                view.cache = self.fetcher.cache();
                view.draw(what, &self.site)
            }
            Answer::Upgrade(Socket::Client | Socket::Availability | Socket::Session)
            | Answer::Place => {
                let host = request
                    .headers()
                    .get(HOST)
                    .and_then(|host| host.to_str().ok());
                let host = host.map(str::to_owned);
                let config = small_buffers(self.limits.message);
                let tasks = self.tasks.clone();
                // What is no name was refused.
                let named = SessionId::in_query(request.uri().query());
                let place = request.extensions().get::<Place>().cloned();
                let session = named.ok().flatten().unwrap_or_else(fresh);
                let span = Span::current();
                websocket::accept(request, config, &tasks, |socket| {
                    self.client(socket, host, session, place).instrument(span)
                })
            }
        }
    }
}
