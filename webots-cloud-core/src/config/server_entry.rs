use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::protocol::authority::{Authority, parse_port};

/// One entry of `simulationServers`: `HOST:PORT`, or `HOST/PORT` behind a proxy (W1.8), which may be on a
/// port of its own: `HOST:8443/PORT`.
///
/// Two entries are equal if they lead to the same server, however they are written.
#[derive(Clone, Debug)]
pub struct ServerEntry {
    text: String,
    /// The server, or the proxy before it.
    at: Authority,
    /// Its port behind the proxy.
    behind: Option<u16>,
}

/// Why a text is not a [`ServerEntry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is neither `HOST:PORT` nor `HOST/PORT`")]
pub struct ServerEntryError;

impl FromStr for ServerEntry {
    type Err = ServerEntryError;

    fn from_str(text: &str) -> Result<Self, ServerEntryError> {
        let (at, behind) = match text.split_once('/') {
            Some((proxy, port)) => (proxy, Some(parse_port(port).map_err(|_| ServerEntryError)?)),
            None => (text, None),
        };
        let at: Authority = at.parse().map_err(|_| ServerEntryError)?;
        if at.port.or(behind).is_none() {
            return Err(ServerEntryError);
        }
        Ok(Self {
            text: text.to_owned(),
            at,
            behind,
        })
    }
}

impl ServerEntry {
    /// As the operator wrote it: what clients are told and what notices say.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where its load is: `http[s]://ENTRY/load`, `https` with `tls` (W1.4).
    pub fn load_url(&self, tls: bool) -> String {
        let scheme = if tls { "https" } else { "http" };
        format!("{scheme}://{}/load", self.text)
    }
}

impl PartialEq for ServerEntry {
    fn eq(&self, other: &Self) -> bool {
        (&self.at, self.behind) == (&other.at, other.behind)
    }
}

impl Eq for ServerEntry {}

impl fmt::Display for ServerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        for good in [
            "localhost:2000",
            "example.org/2000",
            "[::1]:2000",
            "192.0.2.1:1",
            "example.org:8443/2000",
        ] {
            let entry: ServerEntry = good.parse().expect(good);
            assert_eq!(entry.load_url(true), format!("https://{good}/load"));
        }
        for bad in [
            "",
            "localhost",
            "localhost:",
            "localhost:0",
            "http://localhost:2000",
            "a:0/2",
            "a:1/",
            "a:1/2/3",
            "localhost:2000/",
            "a/b",
            "a b:1",
            ":2000",
            "u@h:1",
        ] {
            assert!(bad.parse::<ServerEntry>().is_err(), "{bad}");
        }
        assert_eq!("Localhost:1".parse::<ServerEntry>(), "localhost:1".parse());
        assert_ne!("h:1".parse::<ServerEntry>(), "h/1".parse());
    }
}
