//! Notices posted as JSON, over plain HTTP and HTTPS, to hosts that do right and wrong.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod mail_parts;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use common::fake::{FakeSimulation, Load};
use common::session::Session;
use common::{SHUTDOWN, folder, until_so};
use mail_parts::site::{Act, Site, answer, ok, see_other};
use mail_parts::{MONITOR, SOON, back, certificate, full, quick, silent, tell};
use serde_json::{Value, json};
use webots_cloud::adapters::http_probe::Trust;
use webots_cloud::adapters::notifier::{WebhookConfig, WebhookNotifier};
use webots_cloud_core::id::InstanceId;
use webots_cloud_core::ports::{Notice, Notifier};
use webots_cloud_core::secret::Secret;
use webots_cloud_core::testing::conformance::notifier::every_notice;

const TOKEN: &str = "T0KEN";

fn webhook(origin: &str, trust: Option<&Trust>) -> WebhookNotifier {
    WebhookNotifier::new(&config(origin), trust).unwrap()
}

fn config(origin: &str) -> WebhookConfig {
    let address = Secret::new(format!("{origin}/hooks/{TOKEN}?a=b"));
    WebhookConfig {
        queue: quick(),
        ..WebhookConfig::new(address, Some(MONITOR.to_owned()))
    }
}

async fn asked(site: &Site, count: usize) {
    let what = format!("{count} posts");
    until_so(&what, SOON, || site.asked().len() >= count).await;
}

/// The bodies of the posts.
fn bodies(site: &Site) -> Vec<Value> {
    let asked = site.asked();
    let bodies = asked
        .iter()
        .map(|it| serde_json::from_str(&it.body).unwrap());
    bodies.collect()
}

#[tokio::test]
async fn every_notice_is_an_object() {
    let site = Site::new(ok("thank you")).await;
    let webhook = webhook(&site.origin(), None);
    assert!(!format!("{webhook:?}").contains(TOKEN));
    let notices = [
        silent("a:2000"),
        back("a:2000", 12.5),
        full("a:2000", 99.0),
        Notice::InstanceStuck {
            instance: InstanceId(7),
        },
        Notice::WorkspaceLeft {
            instance: InstanceId(7),
            reason: "permission denied".to_owned(),
        },
    ];
    for notice in notices.clone() {
        tell(&webhook, notice);
    }
    asked(&site, 5).await;
    let expected = [
        json!({"event": "server-silent", "server": "a:2000", "reason": "connection refused"}),
        json!({"event": "server-back", "server": "a:2000", "load": 12.5}),
        json!({"event": "server-full", "server": "a:2000", "load": 99.0}),
        json!({"event": "instance-stuck", "instance": InstanceId(7).to_string()}),
        json!({"event": "workspace-left", "instance": InstanceId(7).to_string(),
            "reason": "permission denied"}),
    ];
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.unwrap().as_secs_f64();
    for ((mut body, mut expected), notice) in bodies(&site).into_iter().zip(expected).zip(notices) {
        let time = body.as_object_mut().unwrap().remove("time").unwrap();
        assert!((now - time.as_f64().unwrap()).abs() < 600.0, "{time}");
        expected["text"] = json!(notice.to_string());
        expected["monitor"] = json!(MONITOR);
        assert_eq!(body, expected);
    }
    let first = &site.asked()[0];
    assert_eq!(first.path(), format!("/hooks/{TOKEN}?a=b"));
    assert!(first.head.starts_with("POST "), "{}", first.head);
    let head = first.head.to_lowercase();
    assert!(head.contains("content-type: application/json"), "{head}");
    webhook.finish().await;
    assert_eq!(webhook.lost(), 0);
}

#[tokio::test]
async fn whatever_is_in_a_notice_is_one_object() {
    let site = Site::new(ok("")).await;
    let webhook = webhook(&site.origin(), None);
    let all = every_notice();
    for notice in all.clone() {
        tell(&webhook, notice);
    }
    webhook.finish().await;
    let bodies = bodies(&site);
    assert_eq!(bodies.len(), all.len());
    assert!(site.asked().iter().all(|it| it.body.len() < 10_000));
}

#[tokio::test]
async fn https_needs_a_certificate_that_is_trusted() {
    let (folder, other) = (folder(), folder());
    let certificate_of_site = certificate(folder.path());
    let somebody = certificate(other.path());
    let site = Site::with(Some(certificate_of_site.acceptor.clone()), |_| ok("")).await;
    let origin = format!("https://localhost:{}", site.address.port());
    let stranger = webhook(&origin, Some(&somebody.trust));
    tell(&stranger, silent("a:2000"));
    stranger.finish().await;
    assert_eq!((site.asked().len(), stranger.lost()), (0, 1));
    let webhook = webhook(&origin, Some(&certificate_of_site.trust));
    tell(&webhook, silent("a:2000"));
    asked(&site, 1).await;
    assert!(WebhookNotifier::new(&config(&origin), None).is_err());
}

#[tokio::test]
async fn what_fails_is_tried_again_and_what_is_refused_is_not() {
    let times = AtomicUsize::new(0);
    let site = Site::with(None, move |_| match times.fetch_add(1, Ordering::Relaxed) {
        0 => Act::Say(answer("503 Busy", "", b"")),
        1 => Act::Say(answer("429 Slowly", "", b"")),
        2 => Act::Say(b"SSH-2.0-OpenSSH\r\n".to_vec()),
        3 => Act::Say(Vec::new()),
        4 => ok(""),
        5 => Act::Say(answer("403 Forbidden", "", b"")),
        _ => ok(""),
    })
    .await;
    let webhook = webhook(&site.origin(), None);
    tell(&webhook, silent("a:2000"));
    tell(&webhook, silent("b:2000"));
    tell(&webhook, silent("c:2000"));
    asked(&site, 7).await;
    webhook.finish().await;
    let servers: Vec<Value> = bodies(&site)
        .into_iter()
        .map(|it| it["server"].clone())
        .collect();
    let mut expected = vec!["a:2000"; 5];
    expected.extend(["b:2000", "c:2000"]);
    assert_eq!(servers, expected);
    assert_eq!(webhook.lost(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Site::new(ok("")).await;
    let location = format!("{}/hooks", elsewhere.origin());
    let site = Site::new(see_other("307 Temporary Redirect", &location)).await;
    let webhook = webhook(&site.origin(), None);
    tell(&webhook, silent("a:2000"));
    until_so("a refusal", SOON, || webhook.lost() == 1).await;
    webhook.finish().await;
    assert_eq!((site.asked().len(), elsewhere.asked().len()), (1, 0));
}

#[tokio::test]
async fn answers_without_end_and_without_beginning_are_bounded() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    for act in [Act::Flood(head.clone()), Act::Drip(head)] {
        let site = Site::new(act).await;
        let webhook = webhook(&site.origin(), None);
        for name in ["a:2000", "b:2000"] {
            tell(&webhook, silent(name));
        }
        // The status said it: the second follows.
        asked(&site, 2).await;
        assert_eq!(webhook.lost(), 0);
    }
    let site = Site::new(Act::Flood(b"HTTP/1.1 200 OK\r\nX: ".to_vec())).await;
    let webhook = webhook(&site.origin(), None);
    tell(&webhook, silent("a:2000"));
    asked(&site, 3).await;

    let silence = Site::new(Act::Silence).await;
    let mut config = config(&silence.origin());
    config.timeout = Duration::from_millis(100);
    config.queue.at_end = Duration::from_secs(1);
    let webhook = WebhookNotifier::new(&config, None).unwrap();
    for number in 0..5000 {
        tell(&webhook, silent(&format!("host{number}:2000")));
    }
    asked(&silence, 3).await;
    let end = tokio::time::timeout(SOON, webhook.finish()).await;
    end.expect("an end although nobody answers");
    assert!(webhook.lost() >= 5000 - 257);
}

#[tokio::test]
async fn the_session_server_posts_and_keeps_the_address_for_itself() {
    let site = Site::with(None, |asked| {
        if asked.body.contains("server-back") {
            Act::Say(answer("404 Not Found", "", b""))
        } else {
            ok("")
        }
    })
    .await;
    let fake = FakeSimulation::start(Load::Closes).await;
    let address = format!("{}/hooks/{TOKEN}", site.origin());
    let mut session = Session::with(
        &[fake.address()],
        json!({ "webhook": address, "loadTimeout": 10 }),
    )
    .await;
    asked(&site, 1).await;
    fake.set(10.0);
    asked(&site, 2).await;
    let bodies = bodies(&site);
    assert_eq!(bodies[0]["event"], "server-silent");
    assert_eq!(bodies[1]["event"], "server-back");
    let monitor = format!("http://localhost:{}/monitor", session.server.port);
    assert_eq!(bodies[1]["monitor"], json!(monitor));
    session.server.signal(rustix::process::Signal::TERM);
    assert!(session.server.end(SHUTDOWN).await.success());
    let log = session.server.stderr().join("\n");
    assert!(log.contains("the webhook cannot be delivered"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}
