//! `notify`: a simulation server announces itself (W2.17), and nobody's answer matters to it.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod mail_parts;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::fake::dead_port;
use common::simulation::Simulation;
use common::{SHUTDOWN, folder, until_so};
use mail_parts::site::{Act, Site, answer, ok, see_other};
use mail_parts::{SOON, certificate};
use rustix::process::Signal;
use serde_json::json;
use webots_cloud::adapters::announce::{AnnounceRules, Announcement, announce};
use webots_cloud_core::protocol::admission::Repositories;

const RULES: AnnounceRules = AnnounceRules {
    attempts: 3,
    pause: Duration::from_millis(10),
    timeout: Duration::from_secs(2),
};

fn announcement() -> Announcement {
    let allowed = ["https://github.com/a", "https://github.com/b/c"];
    Announcement {
        url: "https://cloud.example.org/2000".to_owned(),
        repositories: Repositories {
            allowed: allowed.iter().map(|it| it.parse().unwrap()).collect(),
            ..Repositories::default()
        },
    }
}

#[tokio::test]
async fn it_is_a_form_with_three_fields() {
    let folder = folder();
    let certificate = certificate(folder.path());
    let plain = Site::new(ok("Simulation server published")).await;
    let secure = Site::with(Some(certificate.acceptor.clone()), |_| ok("")).await;
    let addresses = [
        format!("{}/setup.php?a=b", plain.origin()),
        format!("https://localhost:{}/setup.php", secure.address.port()),
    ];
    announce(&addresses, &announcement(), Some(&certificate.trust), RULES).await;
    for (site, path) in [(&plain, "/setup.php?a=b"), (&secure, "/setup.php")] {
        let asked = site.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].path(), path);
        let head = asked[0].head.to_lowercase();
        assert!(
            head.contains("content-type: application/x-www-form-urlencoded"),
            "{head}"
        );
        let fields: Vec<_> = url::form_urlencoded::parse(asked[0].body.as_bytes()).collect();
        let expected = [
            ("url", "https://cloud.example.org/2000"),
            ("shareIdleTime", "0"),
            (
                "allowedRepositories",
                "https://github.com/a,https://github.com/b/c",
            ),
        ];
        let expected = expected.map(|(name, value)| (name.into(), value.into()));
        assert_eq!(fields, expected);
    }
}

#[tokio::test]
async fn each_address_is_tried_some_times_and_then_no_more() {
    let times = AtomicUsize::new(0);
    let later = Site::with(None, move |_| match times.fetch_add(1, Ordering::Relaxed) {
        0 => Act::Say(answer("500 Oops", "", b"")),
        _ => ok(""),
    })
    .await;
    let failing = Site::new(Act::Say(answer("500 Oops", "", b""))).await;
    let closing = Site::new(Act::Say(Vec::new())).await;
    let refusing = Site::new(Act::Say(answer("403 Forbidden", "", b""))).await;
    let leading_on = Site::new(see_other("302 Found", &later.origin())).await;
    let slow = Site::new(Act::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())).await;
    let silent = Site::new(Act::Silence).await;
    let sites = [
        &later,
        &failing,
        &closing,
        &refusing,
        &leading_on,
        &slow,
        &silent,
    ];
    let mut addresses: Vec<String> = sites.iter().map(|it| it.origin()).collect();
    addresses.push(format!("http://127.0.0.1:{}", dead_port().await));
    addresses.push("https://localhost:1/".to_owned());
    let all = announcement();
    let told = announce(&addresses, &all, None, RULES);
    tokio::time::timeout(SOON, told).await.expect("an end");
    let counts = sites.map(|site| site.asked().len());
    assert_eq!(counts, [2, 3, 3, 1, 1, 1, 3]);
}

#[tokio::test]
async fn the_server_announces_itself_and_waits_for_nobody() {
    let good = Site::new(ok("Simulation server published on here")).await;
    let failing = Site::new(Act::Say(answer("500 Oops", "", b""))).await;
    let silent = Site::new(Act::Silence).await;
    let dead = format!("http://127.0.0.1:{}", dead_port().await);
    let addresses = [&good, &failing, &silent].map(Site::origin);
    let notify: Vec<String> = addresses.into_iter().chain([dead]).collect();
    let mut simulation = Simulation::with(json!({
        "notify": notify,
        "fullyQualifiedDomainName": "cloud.example.org",
        "portRewrite": true,
        "shareIdleTime": 12.5,
        "allowedRepositories": ["https://github.com/a"],
    }))
    .await;
    until_so("everybody told", SOON, || {
        [&good, &failing, &silent]
            .iter()
            .all(|site| !site.asked().is_empty())
    })
    .await;
    // While one is silent and one fails, simulations run.
    let client = simulation.running().await;
    drop(client);
    simulation.nothing_left().await;
    let fields = good.asked()[0].body.clone();
    let fields: Vec<_> = url::form_urlencoded::parse(fields.as_bytes()).collect();
    let port = simulation.server.port;
    assert_eq!(fields[0].1, format!("http://cloud.example.org/{port}"));
    assert_eq!(fields[1].1, "12.5");
    assert_eq!(fields[2].1, "https://github.com/a");
    until_so("the answer in the log", SOON, || {
        let log = simulation.server.stderr().join("\n");
        log.contains("Simulation server published on here")
    })
    .await;
    simulation.server.signal(Signal::TERM);
    assert!(simulation.server.end(SHUTDOWN).await.success());
}
