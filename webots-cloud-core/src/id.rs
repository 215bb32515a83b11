//! Names of things inside one machine. None is ever given twice.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

id! {
    /// A simulation server, as its place in the session server's configuration, from 0.
    ServerId(u32), "server-"
}
id! {
    /// One load sample that was ordered; its answer carries the same number.
    ProbeId(u64), "probe-"
}
id! {
    /// One request to the session server for a place.
    RequestId(u64), "request-"
}
id! {
    /// One `/client` socket of a simulation server.
    ClientId(u64), "client-"
}
id! {
    /// One instance of Webots, from the order to fetch its project to the removal of its workspace.
    InstanceId(u64), "instance-"
}

/// Gives out numbers from 1, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(u64);

impl Counter {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}
