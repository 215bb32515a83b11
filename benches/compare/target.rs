//! A server that is measured.

use std::net::SocketAddr;
use std::str::FromStr;

/// Where a server is, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) pid: Option<u32>,
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a server is given as NAME=IP:PORT or NAME=IP:PORT,PID";
        let (name, rest) = text.split_once('=').ok_or(wrong)?;
        let (address, pid) = match rest.split_once(',') {
            Some((address, pid)) => (address, Some(pid.parse().map_err(|_| wrong)?)),
            None => (rest, None),
        };
        let address = address.parse().map_err(|_| wrong)?;
        Ok(Self {
            name: name.to_owned(),
            address,
            pid,
        })
    }
}
