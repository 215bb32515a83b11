//! What is not fetched from websites: bad answers, hostile hosts, missing keys, wrong certificates.
#![cfg(unix)]
#![allow(missing_docs)]

mod archive_parts;
mod website_parts;

use std::fs;
use std::sync::Arc;

use archive_parts::builder::{Entry, archive};
use archive_parts::listing::listing;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use webots_cloud::adapters::http_probe::Trust;
use webots_cloud_core::ports::ErrorKind;
use webots_cloud_core::protocol::client::User;
use website_parts::hosts::{HOSTS, KEYS, MORE, PRIVATE};
use website_parts::rig::{KEY, LOGGED_IN, PASSWORD, Rig, user, users_project};
use website_parts::site::{Act, Site, answer, ok, see_other};

fn bad_answers() -> Vec<(&'static str, Act, &'static str, ErrorKind)> {
    use ErrorKind::{BadRequest, Retry};
    let say = |text: &str| Act::Say(text.as_bytes().to_vec());
    let elsewhere = "does not follow";
    let permanent = "308 Permanent Redirect";
    let cut = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n".to_vec(),
        users_project(),
    ];
    let head = "HTTP/1.1 200 OK\r\n";
    let gzip = answer("200 OK", "Content-Encoding: gzip\r\n", &users_project());
    let zip = |entry| ok(archive(&[entry]));
    let large = Entry::deflated("zeros", &vec![0; 3 << 20]);
    let long = format!("{head}X: {}\r\n\r\n", "x".repeat(1 << 20));
    let chunk = format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nPK");
    vec![
        (
            "wrong key",
            ok("Error: Wrong key."),
            "127.0.0.1 says: Wrong key.",
            BadRequest,
        ),
        (
            "markup",
            ok("Error: a<br>b<script>"),
            "127.0.0.1 says: a b",
            BadRequest,
        ),
        (
            "tells the key",
            ok(format!("Error: {KEY}, {PASSWORD}?")),
            "says: …, …?",
            BadRequest,
        ),
        (
            "HTTP 500",
            Act::Say(answer("500 No", "", b"Error: x")),
            "HTTP 500",
            Retry,
        ),
        (
            "HTTP 404",
            Act::Say(answer("404 No", "", b"PK")),
            "HTTP 404",
            BadRequest,
        ),
        (
            "HTTP 403 with a project",
            Act::Say(answer("403 No", "", &users_project())),
            "HTTP 403",
            BadRequest,
        ),
        (
            "a page",
            ok("<html>It works!"),
            "not a ZIP archive",
            BadRequest,
        ),
        ("nothing", ok(""), "not a ZIP archive", BadRequest),
        (
            "HTTP 204",
            say("HTTP/1.1 204 No Content\r\n\r\n"),
            "not a ZIP archive",
            BadRequest,
        ),
        (
            "cut off",
            Act::Say(cut.concat()),
            "broke off the download",
            Retry,
        ),
        (
            "cut off in a chunk",
            say(&chunk),
            "broke off the download",
            Retry,
        ),
        ("closes at once", say(""), "does not answer", Retry),
        (
            "not HTTP",
            say("SSH-2.0-OpenSSH_9.2\r\n"),
            "does not answer",
            Retry,
        ),
        ("a head without end", say(&long), "does not answer", Retry),
        (
            "packed again",
            Act::Say(gzip),
            "an encoding that was not asked for",
            BadRequest,
        ),
        (
            "says it is huge",
            say(&format!("{head}Content-Length: 99999999\r\n\r\n")),
            "larger than 1048576",
            BadRequest,
        ),
        (
            "is huge",
            Act::Flood(format!("{head}Connection: close\r\n\r\n").into()),
            "larger than 1048576",
            BadRequest,
        ),
        (
            "unpacks to much",
            zip(large),
            "more than 2097152 bytes",
            BadRequest,
        ),
        (
            "leads out",
            zip(Entry::stored("../evil", b"x")),
            "has a part `.` or `..`",
            BadRequest,
        ),
        (
            "links out",
            zip(Entry::stored("a", b"/etc").mode(0o120_777)),
            "symbolic link",
            BadRequest,
        ),
        (
            "to another host",
            see_other(permanent, "http://evil.example/"),
            elsewhere,
            BadRequest,
        ),
        (
            "to another port",
            see_other(permanent, "http://127.0.0.1:1/"),
            elsewhere,
            BadRequest,
        ),
        (
            "to another scheme",
            see_other(permanent, "https://127.0.0.1/"),
            elsewhere,
            BadRequest,
        ),
        (
            "to a host without scheme",
            see_other(permanent, "//evil.example/"),
            elsewhere,
            BadRequest,
        ),
        (
            "to a file",
            see_other(permanent, "file:///etc/passwd"),
            elsewhere,
            BadRequest,
        ),
        (
            "to nowhere",
            see_other(permanent, ""),
            elsewhere,
            BadRequest,
        ),
        (
            "to itself",
            see_other(permanent, "/ajax/download-project.php"),
            elsewhere,
            BadRequest,
        ),
        (
            "without a place",
            Act::Say(answer(permanent, "", b"")),
            elsewhere,
            BadRequest,
        ),
        (
            "as a GET",
            see_other("302 Found", "/other"),
            elsewhere,
            BadRequest,
        ),
        (
            "not modified",
            say("HTTP/1.1 304 Not Modified\r\n\r\n"),
            elsewhere,
            BadRequest,
        ),
    ]
}

#[tokio::test]
async fn bad_answers_get_their_error_and_touch_nothing_outside() {
    let mut wrong = Vec::new();
    for (case, act, told, kind) in bad_answers() {
        let (rig, site) = (Rig::new(), Site::new(act).await);
        let before = listing(rig.folder.path(), &rig.workspace());
        let error = rig.fetch(user(site.origin())).await.expect_err(case);
        if !error.to_string().contains(told) || error.kind() != kind {
            wrong.push(format!("{case}: {error:?} instead of {told}"));
        }
        let debug = format!("{error:?}");
        assert!(
            !debug.contains("the+key") && !debug.contains(PASSWORD),
            "{debug}"
        );
        let path = rig.folder.path().to_str().expect("UTF-8");
        assert!(!error.to_string().contains(path), "{error}");
        assert_eq!(
            listing(rig.folder.path(), &rig.workspace()),
            before,
            "{case}"
        );
        assert!(site.asked().len() <= 6, "{case}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn hostile_hosts_get_no_request() {
    let site = Site::new(ok(users_project())).await;
    let port = site.address.port().to_string();
    assert!(HOSTS.len() >= 30);
    let mut wrong = Vec::new();
    for (host, told) in HOSTS.into_iter().chain(MORE) {
        // As on a real server: this machine is not to be asked.
        let rig = Rig::with(|it| it.allow_private_hosts = vec!["local.example".to_owned()]);
        fs::remove_file(rig.folder.path().join("keys/127.0.0.1")).expect("removed");
        for key in KEYS {
            rig.key(key, KEY);
        }
        let host = host.replace("PORT", &port);
        match rig.fetch(user(&host)).await {
            Ok(_) => wrong.push(format!("{host:?} was asked")),
            Err(error) if error.to_string().contains(told) => {}
            Err(error) => wrong.push(format!("{host:?}: {error} instead of {told}")),
        }
        // Not even a name is looked up for a host that is refused for its form or without a key.
        let looked_up = rig.names.asked.lock().expect("no panic").len();
        if looked_up > 0 && ![PRIVATE, "does not exist"].contains(&told) {
            wrong.push(format!("{host:?} was looked up"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(site.asked().len(), 0);
    // The website would have answered.
    let rig = Rig::new();
    rig.fetch(user(site.origin())).await.expect("fetched");
    assert_eq!(site.asked().len(), 1);
}

#[tokio::test]
async fn keys_are_for_their_host_and_for_the_origins_they_name() {
    let site = Site::new(ok("Error: no such directory: x")).await;
    let origin = site.origin();
    let bound = |origin: &str| format!("{KEY}\r\n\r\n  {origin}\r\nhttps://example.org\n");
    for (text, told) in [
        (KEY.to_owned(), ""),
        (format!("{KEY}\r\n"), ""),
        (bound(&origin), ""),
        (bound("http://127.0.0.1"), "no key for it"),
        (bound(&origin.replace("http:", "https:")), "no key for it"),
        (bound("nonsense"), "no key for it"),
        (String::new(), "cannot be used"),
        ("\nsecond".to_owned(), "cannot be used"),
    ] {
        let rig = Rig::new();
        rig.key("127.0.0.1", &text);
        let error = rig
            .fetch(user(&origin))
            .await
            .map_or_else(|it| it.to_string(), |_| String::new());
        assert_eq!(error.is_empty(), told.is_empty(), "{text:?}: {error}");
        assert!(error.contains(told), "{text:?}: {error}");
    }
    assert!(site.asked().iter().all(|asked| asked.body == LOGGED_IN));
    // A folder is no key.
    let rig = Rig::new();
    fs::remove_file(rig.folder.path().join("keys/127.0.0.1")).expect("removed");
    fs::create_dir(rig.folder.path().join("keys/127.0.0.1")).expect("made");
    let error = rig.fetch(user(&origin)).await.expect_err("no key");
    assert!(error.to_string().contains("no key for it"), "{error}");
    // Nobody is told about keys who does not need one.
    let mut init = user("file://");
    init.user1 = User::default();
    rig.fetch(init).await.expect("the base project");
}

/// A certificate for this name that nobody else has signed, and a server with it.
fn certificate(name: &str) -> (CertificateDer<'static>, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let certificate = made.cert.der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .expect("usable");
    (certificate, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn certificates_are_verified_before_anything_is_said() {
    let (certificate, tls) = certificate("local.example");
    let (stranger, _) = self::certificate("local.example");
    let site = Site::with(Some(tls), |_| ok(users_project())).await;
    let trust = |roots| Some(Trust::only([roots]).expect("a root"));
    for (host, trust, told) in [
        ("local.example", None, "no certificates to tell who"),
        (
            "local.example",
            trust(stranger),
            "does not answer: invalid peer certificate",
        ),
        (
            "127.0.0.1",
            trust(certificate.clone()),
            "does not answer: invalid peer certificate",
        ),
        ("local.example", trust(certificate), ""),
    ] {
        let rig = Rig::with(|it| it.trust = trust);
        rig.key("local.example", KEY);
        let host = format!("https://{host}:{}", site.address.port());
        let fetched = rig.fetch(user(&host)).await;
        let error = fetched.map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(error.is_empty(), told.is_empty(), "{host}: {error}");
        assert!(error.contains(told), "{host}: {error}");
        assert_eq!(site.asked().len(), usize::from(told.is_empty()));
    }
}
