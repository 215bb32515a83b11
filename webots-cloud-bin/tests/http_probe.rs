//! Asking a server for its load, with a small real server that does what servers do wrong.
#![allow(missing_docs)]

#[path = "http_probe/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use server::{Act, LIMIT, Server, answer, read_head};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use webots_cloud::adapters::http_probe::{HttpProbe, Trust};
use webots_cloud_core::load::LoadSample;
use webots_cloud_core::ports::{ErrorKind, LoadProbe};

async fn sample(probe: &HttpProbe) -> Result<LoadSample, String> {
    let sample = tokio::time::timeout(LIMIT + Duration::from_secs(1), probe.sample()).await;
    sample.expect("in time").map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::Retry);
        error.message().to_owned()
    })
}

async fn percent(probe: &HttpProbe) -> f64 {
    sample(probe).await.expect("a load").load.percent()
}

async fn error(act: Act) -> String {
    let server = Server::start(act).await;
    let error = sample(&server.probe()).await.expect_err("no load");
    println!("{error}");
    error
}

#[tokio::test]
async fn loads() {
    for (body, value) in [
        ("0", 0.0),
        ("14.5", 14.5),
        ("11.583333333333334", 11.583_333_333_333_334),
        ("100\n", 100.0),
        ("1e9", 1e9),
    ] {
        let server = Server::start(Act::Say(answer("200 OK", "", body))).await;
        assert_eq!(percent(&server.probe()).await, value, "{body}");
        assert_eq!(
            sample(&server.probe()).await,
            Ok(LoadSample::of(
                webots_cloud_core::load::Load::from_percent(value).expect("a load")
            ))
        );
    }
}

#[tokio::test]
async fn what_is_no_load_is_an_error() {
    for body in [
        "",
        "garbage",
        "nan",
        "inf",
        "-1",
        "<html>",
        "1 2",
        "{\"load\":1}",
    ] {
        let error = error(Act::Say(answer("200 OK", "", body))).await;
        assert!(error.starts_with("the answer is not a load: "), "{error}");
    }
}

#[tokio::test]
async fn slots_come_along() {
    for (value, slots) in [("12", Some(12)), ("many", None), ("-1", None), ("", None)] {
        let extra = format!("Webots-Cloud-Slots: {value}\r\n");
        let server = Server::start(Act::Say(answer("200 OK", &extra, "1"))).await;
        assert_eq!(sample(&server.probe()).await.expect("a load").slots, slots);
    }
}

#[tokio::test]
async fn other_answers_than_success() {
    assert_eq!(
        error(Act::Say(answer("500 Internal Server Error", "", "0"))).await,
        "HTTP 500"
    );
    let elsewhere = Server::start(Act::Say(answer("200 OK", "", "0"))).await;
    let location = format!("location: http://{}/load\r\n", elsewhere.address);
    assert_eq!(
        error(Act::Say(answer("302 Found", &location, ""))).await,
        "HTTP 302"
    );
    assert_eq!(elsewhere.accepts(), 0, "redirects are not followed");
    let error = error(Act::SayAndClose("SSH-2.0-OpenSSH_9.2\r\n".to_owned())).await;
    assert!(error.starts_with("no HTTP answer: "), "{error}");
}

#[tokio::test]
async fn slow_is_fine_and_too_slow_is_not() {
    let text = answer("200 OK", "", "7");
    let pause = Duration::from_millis(10);
    let server = Server::start(Act::Drip(text.clone(), pause)).await;
    assert_eq!(percent(&server.probe()).await, 7.0);
    for act in [Act::Drip(text, Duration::from_secs(1)), Act::Silence] {
        let server = Server::start(act).await;
        let url = format!("http://{}/load", server.address);
        let limit = Duration::from_millis(250);
        let probe = HttpProbe::new(&url, limit, None).expect("an address");
        let start = Instant::now();
        assert_eq!(
            sample(&probe).await,
            Err("no answer within 0.25 s".to_owned())
        );
        assert!(start.elapsed() < limit + Duration::from_millis(500));
    }
}

/// Waits until nobody listens there: the listener is closed when the runtime has dropped its task.
async fn closed(address: std::net::SocketAddr) {
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, refused)
        .await
        .expect("it closes");
}

#[tokio::test]
async fn nobody_there() {
    let server = Server::start(Act::Silence).await;
    let (probe, address) = (server.probe(), server.address);
    drop(server);
    closed(address).await;
    assert_eq!(sample(&probe).await, Err("connection refused".to_owned()));
    let probe = HttpProbe::new("http://nobody.invalid:1/load", LIMIT, None).expect("an address");
    assert_eq!(sample(&probe).await, Err("no such host".to_owned()));
}

#[tokio::test]
async fn half_an_answer() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12".to_owned();
    let broken = error(Act::SayAndClose(head)).await;
    assert!(broken.starts_with("the answer broke off: "), "{broken}");
    let broken = error(Act::SayAndClose("HTTP/1.1 200 OK\r\ncon".to_owned())).await;
    assert!(broken.starts_with("no HTTP answer: "), "{broken}");
    // Without a length, the end of the connection is the end of the answer.
    let all = "HTTP/1.0 200 OK\r\n\r\n12".to_owned();
    let server = Server::start(Act::SayAndClose(all)).await;
    let probe = server.probe();
    for _ in 0..3 {
        assert_eq!(percent(&probe).await, 12.0);
    }
    assert_eq!(server.accepts(), 3);
}

#[tokio::test]
async fn a_megabyte_is_not_read() {
    let long = "1".repeat(1 << 20);
    let start = Instant::now();
    let error_of = error(Act::Say(answer("200 OK", "", &long))).await;
    assert_eq!(
        error_of,
        "the answer is not a load: the load is longer than 64 bytes"
    );
    let error_of = error(Act::Say(format!("HTTP/1.1 200 OK\r\nx: {long}\r\n\r\n1"))).await;
    assert!(error_of.starts_with("no HTTP answer: "), "{error_of}");
    assert!(start.elapsed() < LIMIT);
}

#[tokio::test]
async fn the_connection_is_kept() {
    let server = Server::start(Act::Say(answer("200 OK", "", "3"))).await;
    let probe = server.probe();
    for _ in 0..5 {
        assert_eq!(percent(&probe).await, 3.0);
    }
    assert_eq!(server.accepts(), 1);
    assert_eq!(server.requests.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_closed_connection_is_opened_again() {
    for extra in ["", "connection: close\r\n"] {
        let text = answer("200 OK", extra, "3");
        let server = Server::start(Act::SayAndClose(text)).await;
        let probe = server.probe();
        for _ in 0..3 {
            assert_eq!(percent(&probe).await, 3.0);
        }
        assert_eq!(server.accepts(), 3);
    }
}

#[tokio::test]
async fn a_server_that_was_restarted_is_asked_again() {
    let first = Server::start(Act::Say(answer("200 OK", "", "3"))).await;
    let (probe, address) = (first.probe(), first.address);
    assert_eq!(percent(&probe).await, 3.0);
    drop(first);
    closed(address).await;
    let second = Server::on(address, Act::Say(answer("200 OK", "", "4")), None).await;
    assert_eq!(percent(&probe).await, 4.0);
    assert_eq!(second.accepts(), 1);
}

#[tokio::test]
async fn a_dropped_sample_leaves_nothing() {
    let text = answer("200 OK", "", "3");
    let server = Server::start(Act::Drip(text, Duration::from_millis(5))).await;
    let probe = server.probe();
    let dropped = tokio::time::timeout(Duration::from_millis(100), probe.sample()).await;
    assert!(dropped.is_err());
    assert_eq!(percent(&probe).await, 3.0);
    assert_eq!(server.accepts(), 2);
}

#[tokio::test]
async fn https_with_a_certificate_that_counts() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let certificate = CertificateDer::from(made.cert);
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a pair");
    let local = "127.0.0.1:0".parse().expect("an address");
    let act = Act::Say(answer("200 OK", "", "5"));
    let server = Server::on(local, act, Some(Arc::new(config))).await;
    let ours = Trust::only([certificate]).expect("a root");
    let url = |host: &str| format!("https://{host}:{}/load", server.address.port());
    let probe = HttpProbe::new(&url("localhost"), LIMIT, Some(&ours)).expect("an address");
    for _ in 0..3 {
        assert_eq!(percent(&probe).await, 5.0);
    }
    assert_eq!(server.accepts(), 1);

    let probe = HttpProbe::new(&url("127.0.0.1"), LIMIT, Some(&ours)).expect("an address");
    let error = sample(&probe).await.expect_err("another name");
    assert!(
        error.starts_with("TLS: invalid peer certificate: "),
        "{error}"
    );
    println!("{error}");
    match Trust::of_the_system() {
        Ok(system) => {
            let probe = HttpProbe::new(&url("localhost"), LIMIT, Some(&system));
            let error = sample(&probe.expect("an address"))
                .await
                .expect_err("unknown");
            assert_eq!(error, "TLS: invalid peer certificate: UnknownIssuer");
        }
        Err(error) => println!("skipped: {error}"),
    }
}

#[tokio::test]
async fn addresses() {
    let trust = None;
    for good in [
        "http://h:1/load",
        "http://[::1]:1/load",
        "http://h/2000/load",
    ] {
        assert!(HttpProbe::new(good, LIMIT, trust).is_ok(), "{good}");
    }
    for bad in [
        "",
        "h:1",
        "ftp://h/load",
        "file:///load",
        "https://h:1/load",
    ] {
        assert!(HttpProbe::new(bad, LIMIT, trust).is_err(), "{bad}");
    }
    // Behind a proxy the path is longer; the server of these tests would not have it.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let url = format!("http://{address}/2000/load");
    let probe = HttpProbe::new(&url, LIMIT, None).expect("an address");
    let served = async {
        let (mut stream, _): (TcpStream, _) = listener.accept().await.expect("accepted");
        let head = read_head(&mut stream).await.expect("a request");
        let text = answer("200 OK", "", "6");
        stream.write_all(text.as_bytes()).await.expect("sent");
        head
    };
    let (head, load) = tokio::join!(served, percent(&probe));
    assert!(head.starts_with("GET /2000/load HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {address}\r\n")), "{head}");
    assert_eq!(load, 6.0);
}
