//! The website that a client names.

use std::fmt;

use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use super::error::FetchError;

/// What is asked for at a website (W4.1).
const DOWNLOAD: &str = "/ajax/download-project.php";

/// The origin of a website: scheme, host and port.
///
/// A text is accepted only in the one spelling that browsers give in `location` (W2.3), so that two
/// programs cannot understand it differently: no user name, path or dot at the end, no address in
/// odd notation, names in other scripts in punycode. Only the case of letters and a port that says
/// the same as the scheme may differ.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Website {
    /// With the path `/`.
    url: Url,
    host: Host,
    port: u16,
}

impl Website {
    pub(super) fn parse(text: &str) -> Result<Self, FetchError> {
        Self::strictly(text).ok_or(FetchError::NotAWebsite)
    }

    fn strictly(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let (host, port) = (url.host()?.to_owned(), url.port_or_known_default()?);
        let name = host.to_string();
        // Names without an empty label: those begin with a dot, or end with the root's.
        if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
            return None;
        }
        let short = url.origin().ascii_serialization();
        let long = format!("{}://{name}:{port}", url.scheme());
        let same = |other: &str| text.eq_ignore_ascii_case(other);
        (same(&short) || same(&long)).then_some(Self { url, host, port })
    }

    /// The host as it names its key file and stands in `allowPrivateHosts`.
    pub(super) fn name(&self) -> String {
        self.host.to_string()
    }

    pub(super) const fn host(&self) -> &Host {
        &self.host
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Whom the certificate must name; `None` without TLS.
    pub(super) fn certificate(&self) -> Option<Result<ServerName<'static>, FetchError>> {
        (self.url.scheme() == "https").then(|| match &self.host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|_| FetchError::NotAWebsite)
            }
            Host::Ipv4(address) => Ok(std::net::IpAddr::V4(*address).into()),
            Host::Ipv6(address) => Ok(std::net::IpAddr::V6(*address).into()),
        })
    }

    /// Where projects are downloaded from.
    pub(super) fn download(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(DOWNLOAD);
        url
    }

    /// Whether the address is one of this website, and names nobody.
    pub(super) fn has(&self, url: &Url) -> bool {
        url.origin() == self.url.origin() && url.username().is_empty() && url.password().is_none()
    }
}

/// The origin, `https://example.org`.
impl fmt::Display for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url.origin().ascii_serialization())
    }
}

impl fmt::Debug for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
