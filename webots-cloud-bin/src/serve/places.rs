//! Who may come in: so many connections in all, and so many from one address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;
use webots_cloud_core::config::Connections;
use webots_cloud_core::web::view::DoorView;

/// The places of one server.
#[derive(Debug)]
pub(super) struct Places {
    total: usize,
    per_address: usize,
    taken: Mutex<Taken>,
    figures: Figures,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Only of sources that have one.
    by_source: BTreeMap<IpAddr, usize>,
}

#[derive(Debug, Default)]
struct Figures {
    full: AtomicU64,
    crowded: AtomicU64,
    failed_handshakes: AtomicU64,
    late: AtomicU64,
    stalled: AtomicU64,
    silent: AtomicU64,
    too_large: AtomicU64,
    too_many: AtomicU64,
}

/// Why a connection is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// All places are taken.
    #[error("all connections are in use")]
    Full,
    /// Its address has as many as it may have.
    #[error("too many connections from one address")]
    Crowded,
}

/// Why a client was dropped that was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    /// It does not read.
    Unread,
    /// It says nothing, not even a pong.
    Silent,
    /// A message is too large.
    TooLarge,
    /// Too many messages came in a second.
    TooMany,
}

impl Dropped {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Unread => "it does not read",
            Self::Silent => "it is silent",
            Self::TooLarge => "a message is too large",
            Self::TooMany => "too many messages",
        }
    }
}

/// A connection's place, given back when the last copy is dropped. It is among the extensions of the
/// connection's requests, so that what a request is upgraded to keeps it.
#[derive(Clone, Debug)]
pub(super) struct Place(Arc<Held>);

impl Place {
    /// How it stands at the door that the connection came through.
    pub(super) fn door<B>(request: &Request<B>) -> DoorView {
        let place = request.extensions().get::<Self>();
        place.map_or_else(DoorView::default, |place| place.0.places.view())
    }

    pub(super) fn dropped(&self, why: Dropped) {
        self.0.places.dropped(why);
    }
}

#[derive(Debug)]
struct Held {
    places: Arc<Places>,
    source: Option<IpAddr>,
}

impl Places {
    /// The places of a configuration.
    pub(super) fn of(connections: &Connections) -> Arc<Self> {
        let number = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
        Self::new(
            number(connections.total),
            connections.per_address.map_or(usize::MAX, number),
        )
    }

    /// So many at a time, and so many of them for one address. Connections of this machine itself
    /// only count among all: a reverse proxy's are those of everybody.
    pub(super) fn new(total: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            per_address,
            taken: Mutex::default(),
            figures: Figures::default(),
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Never left half changed.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, Refused> {
        let source = source(peer);
        let mut taken = self.taken();
        if taken.all >= self.total {
            self.figures.full.fetch_add(1, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        if let Some(source) = source {
            let own = taken.by_source.entry(source).or_default();
            if *own >= self.per_address {
                self.figures.crowded.fetch_add(1, Ordering::Relaxed);
                return Err(Refused::Crowded);
            }
            *own += 1;
        }
        taken.all += 1;
        let places = Arc::clone(self);
        Ok(Place(Arc::new(Held { places, source })))
    }

    pub(super) fn handshake_failed(&self) {
        self.figures
            .failed_handshakes
            .fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn too_late(&self) {
        self.figures.late.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection whose other end takes nothing.
    pub(super) fn stalled(&self) {
        self.dropped(Dropped::Unread);
    }

    fn dropped(&self, why: Dropped) {
        let figure = match why {
            Dropped::Unread => &self.figures.stalled,
            Dropped::Silent => &self.figures.silent,
            Dropped::TooLarge => &self.figures.too_large,
            Dropped::TooMany => &self.figures.too_many,
        };
        figure.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn view(&self) -> DoorView {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        DoorView {
            open: self.taken().all,
            refused_full: read(&self.figures.full),
            refused_crowded: read(&self.figures.crowded),
            failed_handshakes: read(&self.figures.failed_handshakes),
            late: read(&self.figures.late),
            stalled: read(&self.figures.stalled),
            silent: read(&self.figures.silent),
            messages_too_large: read(&self.figures.too_large),
            messages_too_many: read(&self.figures.too_many),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(source) = self.source
            && let Some(own) = taken.by_source.get_mut(&source)
        {
            *own -= 1;
            if *own == 0 {
                taken.by_source.remove(&source);
            }
        }
    }
}

/// What counts as one address: of IPv6 the first 64 bits, all of which one customer has (RFC 6177).
fn source(peer: IpAddr) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if peer.is_loopback() {
        return None;
    }
    Some(match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let places = Places::new(4, 2);
        let crowd = [places.take(ip("192.0.2.1")), places.take(ip("192.0.2.1"))];
        assert!(crowd.iter().all(Result::is_ok));
        for same in ["192.0.2.1", "::ffff:192.0.2.1"] {
            assert_eq!(places.take(ip(same)).err(), Some(Refused::Crowded));
        }
        let other = places.take(ip("192.0.2.2"));
        let here = places.take(ip("127.0.0.1"));
        assert!(other.is_ok() && here.is_ok());
        assert_eq!(places.take(ip("192.0.2.3")).err(), Some(Refused::Full));
        drop(crowd);
        assert!(places.take(ip("192.0.2.1")).is_ok());
        let view = places.view();
        assert_eq!(
            (view.open, view.refused_crowded, view.refused_full),
            (2, 2, 1)
        );
        drop((other, here));
        assert_eq!(places.view().open, 0);
        assert!(places.taken().by_source.is_empty(), "nothing is remembered");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let places = Places::new(10, 1);
        let first = places.take(ip("2001:db8::1"));
        assert!(first.is_ok());
        assert_eq!(
            places.take(ip("2001:db8::ffff:2")).err(),
            Some(Refused::Crowded)
        );
        assert!(places.take(ip("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn this_machine_itself_is_never_crowded() {
        let places = Places::new(10, 1);
        let all: Vec<_> = (0..10).map(|_| places.take(ip("::1"))).collect();
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(places.take(ip("::1")).err(), Some(Refused::Full));
    }
}
