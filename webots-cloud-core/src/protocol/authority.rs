//! `HOST[:PORT]`: in URLs, `Host` headers and configuration files.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use thiserror::Error;
use url::Host;

/// The most bytes in a host with its port: a domain name has at most 253.
pub const MAX_AUTHORITY: usize = 300;

/// A host, with a port if one is named.
///
/// The host is written as the URL standard does: lower case, other scripts in punycode, odd
/// spellings of IPv4 addresses resolved, IPv6 addresses in brackets, no dot at the end. Two of the
/// same host are therefore equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authority {
    /// The host.
    pub host: String,
    /// The port, from 1; `None` is the scheme's own.
    pub port: Option<u16>,
}

/// Why a text is not `HOST[:PORT]`. `Display` continues a sentence: "the server …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// Not the name or address of a host; also user names, paths, spaces.
    #[error(
        "is not the name or address of a host, like `example.org`, `192.0.2.1` or `[2001:db8::1]`"
    )]
    Host,
    /// Not a port.
    #[error("has a port that is not a number from 1 to 65535")]
    Port,
}

impl FromStr for Authority {
    type Err = AuthorityError;

    fn from_str(text: &str) -> Result<Self, AuthorityError> {
        if text.parse::<Ipv6Addr>().is_ok() {
            let host = parse_host(&format!("[{text}]"))?;
            return Ok(Self { host, port: None });
        }
        let bracket = text.rfind(']').unwrap_or(0);
        let (host, port) = match text.rfind(':') {
            Some(colon) if colon >= bracket => (&text[..colon], Some(&text[colon + 1..])),
            Some(_) | None => (text, None),
        };
        Ok(Self {
            host: parse_host(host)?,
            port: port.map(parse_port).transpose()?,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

fn parse_host(text: &str) -> Result<String, AuthorityError> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || r"/\?#@%".contains(c);
    if text.len() > MAX_AUTHORITY || text.contains(odd) {
        return Err(AuthorityError::Host);
    }
    let host = Host::parse(text).map_err(|_| AuthorityError::Host)?;
    let host = host.to_string();
    let host = host.strip_suffix('.').unwrap_or(&host);
    if host.is_empty() || host.ends_with('.') {
        return Err(AuthorityError::Host);
    }
    Ok(host.to_owned())
}

/// The host of a git repository, in the one spelling in which two of them can be compared.
pub(crate) fn git_host(text: &str) -> Result<String, AuthorityError> {
    let mut authority: Authority = text.parse()?;
    if authority.host == "www.github.com" {
        "github.com".clone_into(&mut authority.host);
    }
    if authority.port == Some(443) {
        authority.port = None;
    }
    Ok(authority.to_string())
}

/// A port from 1 to 65535, in digits only.
pub(crate) fn parse_port(text: &str) -> Result<u16, AuthorityError> {
    // `parse` alone would take "+80".
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(port) = text.parse::<u16>()
        && port != 0
    {
        return Ok(port);
    }
    Err(AuthorityError::Port)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_have_one_spelling() {
        let cases = [
            ("localhost:2000", "localhost", Some(2000)),
            ("GitHub.com", "github.com", None),
            ("github.com.", "github.com", None),
            ("example.org:80", "example.org", Some(80)),
            ("bücher.example", "xn--bcher-kva.example", None),
            ("0x7f.1", "127.0.0.1", None),
            ("[::1]:2000", "[::1]", Some(2000)),
            ("[2001:DB8::1]", "[2001:db8::1]", None),
            ("::1", "[::1]", None),
            ("my_container:1", "my_container", Some(1)),
        ];
        for (text, host, port) in cases {
            let host = host.to_owned();
            assert_eq!(text.parse(), Ok(Authority { host, port }), "{text}");
        }
    }

    #[test]
    fn what_is_more_than_a_host_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            "a..",
            " a",
            "a b",
            "a/b",
            "a\\b",
            "user@host",
            "a?b",
            "a#b",
            "a%41",
            "a\nb",
            "[::1",
            "::1]",
            "999.1.1.1",
            "a:b:c",
            ":80",
        ] {
            assert_eq!(
                bad.parse::<Authority>(),
                Err(AuthorityError::Host),
                "{bad:?}"
            );
        }
        for bad in ["a:", "a:0", "a:65536", "a:+80", "a:x", "a:-1"] {
            assert_eq!(
                bad.parse::<Authority>(),
                Err(AuthorityError::Port),
                "{bad:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,40}|[a-z.:\\[\\]0-9]{0,20}") {
            if let Ok(authority) = text.parse::<Authority>() {
                prop_assert_eq!(authority.to_string().parse(), Ok(authority));
            }
        }
    }
}
