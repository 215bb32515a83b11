//! The accept loop.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use webots_cloud_core::config::Connections;

use super::connection::Connection;
use super::http::{self, Service};
use super::limits::Limits;
use super::places::Places;
use super::tls::TlsAcceptor;

/// How long a port that is in use is tried.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// A port that is taken but not opened: nobody can connect before [`open`](Self::open).
#[derive(Debug)]
pub struct Door {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Door {
    /// Takes a port on all addresses, IPv6 and IPv4 where the machine has IPv6; 0 is a free one.
    ///
    /// # Errors
    /// The port is in use or not allowed.
    pub fn take(port: u16) -> io::Result<Self> {
        match Self::take_on(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                Self::take_on(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)
            }
            taken => taken,
        }
    }

    /// The same for a server that starts processes. One like it that was killed while it started one
    /// still has its port until that process runs, so a port in use is tried for two seconds.
    ///
    /// # Errors
    /// The port is in use or not allowed.
    ///
    /// # Cancel safety
    /// If dropped, the port is not taken.
    pub async fn take_patiently(port: u16) -> io::Result<Self> {
        let until = Instant::now() + PATIENCE;
        let mut told = false;
        loop {
            match Self::take(port) {
                Err(error)
                    if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until =>
                {
                    if !told {
                        tracing::warn!(port, "the port is in use, it is tried for a moment");
                    }
                    told = true;
                    tokio::time::sleep(TRY_AGAIN).await;
                }
                taken => return taken,
            }
        }
    }

    fn take_on(ip: IpAddr, port: u16) -> io::Result<Self> {
        let socket = if ip.is_ipv6() {
            TcpSocket::new_v6()?
        } else {
            TcpSocket::new_v4()?
        };
        // A port whose last owner just ended can be taken again; one that is listened on cannot.
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::new(ip, port))?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Lets connections come.
    ///
    /// # Errors
    /// Somebody else opened the port meanwhile.
    pub fn open(self) -> io::Result<TcpListener> {
        self.socket.listen(1024)
    }
}

/// An open door, and what holds for those who come in.
#[derive(Debug)]
pub struct Entrance {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    places: Arc<Places>,
}

impl Entrance {
    /// For everybody who knocks here, within these bounds.
    pub fn new(listener: TcpListener, tls: Option<TlsAcceptor>, connections: &Connections) -> Self {
        Self {
            listener,
            tls,
            limits: Limits::of(connections),
            places: Places::of(connections),
        }
    }

    /// Serves every connection that comes, each in a task of `tasks`, until `stop` is cancelled, and
    /// follows changes of the TLS files.
    /// Who has no place is not kept waiting: the connection is closed.
    pub async fn serve<S: Service>(
        self,
        service: Arc<S>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        if let Some(tls) = self.tls.clone() {
            tasks.spawn(tls.follow(stop.clone()));
        }
        loop {
            let (stream, peer) = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Mostly too many open files: others have to end first.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            // IPv4 as everybody writes it, though the socket is one of IPv6.
            let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            let place = match self.places.take(peer.ip()) {
                Ok(place) => place,
                Err(why) => {
                    // A line for each would fill the log; the metrics count them.
                    tracing::debug!(%peer, %why, "refused");
                    continue;
                }
            };
            let on = Connection {
                peer,
                place,
                places: Arc::clone(&self.places),
                limits: self.limits,
                stop: stop.clone(),
            };
            let (service, tls) = (Arc::clone(&service), self.tls.clone());
            tasks.spawn(serve(stream, tls, service, on));
        }
    }
}

async fn serve<S: Service>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    service: Arc<S>,
    on: Connection,
) {
    // Small frames go out at once (feasibility: handshakes take 45 ms each without).
    let _ = stream.set_nodelay(true);
    match tls {
        None => http::serve(stream, service, on).await,
        // In a box, for plain connections to have no room for it.
        Some(tls) => Box::pin(serve_encrypted(stream, tls, service, on)).await,
    }
}

async fn serve_encrypted<S: Service>(
    stream: TcpStream,
    tls: TlsAcceptor,
    service: Arc<S>,
    on: Connection,
) {
    let peer = on.peer;
    match tokio::time::timeout(on.limits.handshake_time, tls.accept(stream)).await {
        Ok(Ok(stream)) => http::serve(stream, service, on).await,
        Ok(Err(error)) => {
            on.places.handshake_failed();
            tracing::debug!(%peer, %error, "TLS handshake failed");
        }
        Err(_) => {
            on.places.too_late();
            tracing::debug!(%peer, "TLS handshake took too long");
        }
    }
}
