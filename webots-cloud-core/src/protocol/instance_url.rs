//! The WebSocket address of an instance, as its client is told (W2.11, last paragraph).

use super::authority::{Authority, AuthorityError};

/// How browsers reach the instances of a simulation server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicAddress {
    /// The host: `fullyQualifiedDomainName`, else `server`; `None` is the one that the client
    /// itself used to get here.
    pub host: Option<String>,
    /// Whether it is `wss` and not `ws`.
    pub ssl: bool,
    /// Whether a proxy serves the instances at `HOST/PORT` instead of `HOST:PORT`.
    pub port_rewrite: bool,
}

/// `ws[s]://HOST:PORT` or `ws[s]://HOST/PORT`, without a `/` at the end.
///
/// `host_header` is what the client sent; it counts only if no host is configured. Its port is that of
/// the proxy, where there is one (`HOST:8443/PORT`), and does not matter elsewhere. If there is no
/// header either, the host is `localhost`.
///
/// # Errors
/// The host, configured or sent, is none.
pub fn instance_url(
    address: &PublicAddress,
    host_header: Option<&str>,
    port: u16,
) -> Result<String, AuthorityError> {
    let known = address.host.as_deref().or(host_header);
    let known: Authority = known.unwrap_or("localhost").parse()?;
    let scheme = if address.ssl { "wss" } else { "ws" };
    Ok(if address.port_rewrite {
        format!("{scheme}://{known}/{port}")
    } else {
        format!("{scheme}://{}:{port}", known.host)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        let cases = [
            (
                Some("cyberbotics1.com"),
                None,
                false,
                false,
                "ws://cyberbotics1.com:2001",
            ),
            (
                Some("cyberbotics1.com"),
                Some("x:2000"),
                true,
                false,
                "wss://cyberbotics1.com:2001",
            ),
            (
                Some("cyberbotics1.com"),
                None,
                true,
                true,
                "wss://cyberbotics1.com/2001",
            ),
            (
                None,
                Some("example.org:2000"),
                false,
                false,
                "ws://example.org:2001",
            ),
            (
                None,
                Some("[2001:DB8::1]:2000"),
                false,
                false,
                "ws://[2001:db8::1]:2001",
            ),
            (Some("::1"), None, false, false, "ws://[::1]:2001"),
            (None, None, false, true, "ws://localhost/2001"),
            (
                None,
                Some("example.org:8443"),
                true,
                true,
                "wss://example.org:8443/2001",
            ),
        ];
        for (host, header, ssl, port_rewrite, url) in cases {
            let host = host.map(str::to_owned);
            let address = PublicAddress {
                host,
                ssl,
                port_rewrite,
            };
            assert_eq!(instance_url(&address, header, 2001).as_deref(), Ok(url));
        }
        for header in ["", "a/b", "user@host", "a b", "a\r\nX: y"] {
            assert!(
                instance_url(&PublicAddress::default(), Some(header), 1).is_err(),
                "{header:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in any::<String>(), port in any::<u16>()) {
            if let Ok(url) = instance_url(&PublicAddress::default(), Some(&header), port) {
                let port = format!(":{port}");
                prop_assert!(url.starts_with("ws://") && url.ends_with(&port));
            }
        }
    }
}
