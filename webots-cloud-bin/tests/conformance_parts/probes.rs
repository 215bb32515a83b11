use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;
use webots_cloud::adapters::host_probe::{HostProbe, HostProbeConfig, NvmlConfig};
use webots_cloud::adapters::http_probe::HttpProbe;
use webots_cloud_core::testing::conformance::load_probe;

use super::surroundings::Real;

/// A server that answers every request with this, until the handle is dropped.
async fn server(answer: &'static str) -> (SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let serve = async move {
        loop {
            let (stream, _) = listener.accept().await.expect("accepted");
            tokio::spawn(connection(stream, answer));
        }
    };
    (address, AbortOnDropHandle::new(tokio::spawn(serve)))
}

async fn connection(mut stream: TcpStream, answer: &'static str) {
    let mut head = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn probe(address: SocketAddr) -> HttpProbe {
    let url = format!("http://{address}/load");
    HttpProbe::new(&url, Duration::from_secs(2), None).expect("an address")
}

#[tokio::test]
async fn http_probe() {
    let (address, _server) = server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12.5").await;
    load_probe::conforms(&probe(address), &Real).await;
}

#[tokio::test]
async fn http_probe_of_servers_without_a_load() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nNaN",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n-1",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n1",
        "",
    ] {
        let (address, server) = server(answer).await;
        load_probe::fails_well(&probe(address), &Real).await;
        drop(server);
        // And now nobody listens there.
        load_probe::fails_well(&probe(address), &Real).await;
    }
}

#[tokio::test]
async fn host_probe() {
    let config = HostProbeConfig {
        instances_dir: std::env::temp_dir(),
        network_capacity: None,
        nvml: NvmlConfig::default(),
    };
    let probe = HostProbe::new(config).expect("Linux tells");
    load_probe::conforms(&probe, &Real).await;
}
