//! Which addresses strangers may make this machine talk to.

use std::net::IpAddr;

use tokio::net::lookup_host;
use webots_cloud_core::ports::PortError;
use webots_cloud_core::protocol::authority::Authority;

use crate::adapters::public_address::is_public;

/// Looks the host up and answers with what git is to be told about it, `HOST:PORT:ADDRESS,…`: it
/// must not look it up itself and find another address then.
///
/// # Errors
/// The host has no address, or a private one without `may_be_private`.
pub(super) async fn look_up(host: &Authority, may_be_private: bool) -> Result<String, PortError> {
    let name = host.host.trim_start_matches('[').trim_end_matches(']');
    let port = host.port.unwrap_or(443);
    let found = lookup_host((name, port)).await.map_err(|error| {
        PortError::retry(format!("the host {host} cannot be found")).because(error)
    })?;
    let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    if found.is_empty() {
        return Err(PortError::retry(format!("the host {host} cannot be found")));
    }
    if !may_be_private && found.iter().any(|address| !is_public(*address)) {
        return Err(PortError::bad_request(format!(
            "{host} is an address of a private network: nothing is fetched from there"
        )));
    }
    let found: Vec<String> = found.into_iter().map(written).collect();
    Ok(format!("{}:{port}:{}", host.host, found.join(",")))
}

fn written(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
