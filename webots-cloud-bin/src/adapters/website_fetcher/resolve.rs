//! From the name of a host to addresses that may be connected to.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::lookup_host;
use url::Host;
use webots_cloud_core::ports::BoxFuture;

use super::error::FetchError;
use super::host::Website;
use crate::adapters::public_address::is_public;

/// Finds the addresses of a name. Asked once for each fetch: what it says is checked, and exactly
/// that is connected to, so that a name cannot mean something else a moment later.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of this name.
    ///
    /// # Errors
    /// There are none, or nobody can be asked.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// Asks as every program of this machine does.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Where the website may be connected to: all of its addresses must be public, unless its host is one
/// of the `allowed`.
pub(super) async fn addresses(
    website: &Website,
    resolver: &dyn Resolver,
    allowed: &[String],
) -> Result<Vec<SocketAddr>, FetchError> {
    let host = || website.name();
    let found = match website.host() {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) => {
            let missing = |source| FetchError::NoSuchHost {
                host: host(),
                source,
            };
            let found = resolver.resolve(name).await.map_err(missing)?;
            if found.is_empty() {
                return Err(missing(io::ErrorKind::NotFound.into()));
            }
            found
        }
    };
    let name = host();
    let allowed = allowed.iter().any(|host| host.eq_ignore_ascii_case(&name));
    if !allowed && !found.iter().copied().all(is_public) {
        return Err(FetchError::Private { host: name });
    }
    let port = website.port();
    Ok(found.into_iter().map(|ip| (ip, port).into()).collect())
}
