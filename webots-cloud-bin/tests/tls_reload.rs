//! TLS files that change: they are read again, by themselves and by SIGHUP, and nobody is dropped.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::time::Duration;

use common::fake::FakeSimulation;
use common::simulation::{Simulation, folder_with_projects};
use common::tls::{certify, connect, expire, get, make_certificate, next, open, tls_files};
use common::website::website_host;
use common::{SESSION_SERVER, SOON, Server, until_answered, until_so};
use futures_util::SinkExt;
use rcgen::KeyPair;
use rustix::process::Signal;
use serde_json::json;

/// Changed files are seen within some seconds.
const SEEN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn files_that_change_are_read_again_by_all_three_servers_without_a_signal() {
    let folder = folder_with_projects();
    let old = make_certificate(folder.path());
    let fake = FakeSimulation::with_load(1.0).await;
    let tls = tls_files(folder.path());
    let mut with_plain_peers = tls.clone();
    with_plain_peers["ssl"] = json!(false);
    let session = common::session::config(&folder, &[fake.address()], with_plain_peers);
    let session = Server::start(SESSION_SERVER, &[session.to_str().unwrap()]).await;
    let website = website_host(&folder).await;
    let simulation = Simulation::in_folder(folder, tls).await;
    let mut client = open(simulation.server.port, "/client", &old).await;
    let mut availability = open(session.port, "/", &old).await;
    assert_eq!(next(&mut availability).await, "1");

    let new = make_certificate(simulation.folder.path());
    for server in [&session, &simulation.server, &website] {
        until_answered("the new certificate", SEEN, || async {
            connect(server.port, &new).await.is_ok()
        })
        .await;
        assert!(connect(server.port, &old).await.is_err(), "no longer");
    }
    fake.set(100.0);
    assert_eq!(next(&mut availability).await, "0", "it is still open");
    let init = json!({"init": ["https://localhost", "simple", "simple.wbt"]});
    client.send(init.to_string().into()).await.unwrap();
    assert!(next(&mut client).await.starts_with("webots:wss://"));
}

#[tokio::test]
async fn a_pair_that_is_written_by_halves_or_has_expired_leaves_the_old_one_in_force() {
    let folder = common::folder();
    let old = make_certificate(folder.path());
    let server = website_host(&folder).await;
    let complaints = || {
        let lines = server.stderr();
        let is_one = |line: &&String| line.contains("the old ones stay in force");
        lines.iter().filter(is_one).count()
    };
    let key = KeyPair::generate().unwrap();
    fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    until_so("the complaint about half a pair", SEEN, || {
        complaints() == 1
    })
    .await;
    connect(server.port, &old).await.expect("the old pair");
    expire(folder.path(), &key);
    until_so("the complaint about the time", SEEN, || complaints() == 2).await;
    connect(server.port, &old).await.expect("the old pair");
    let new = certify(folder.path(), &key, |_| {});
    until_answered("the new certificate", SEEN, || async {
        connect(server.port, &new).await.is_ok()
    })
    .await;
    assert_eq!(complaints(), 2, "once each");
}

#[tokio::test]
async fn a_signal_reads_them_at_once_and_drops_none_of_many_websockets() {
    const MANY: usize = 50;
    let folder = common::folder();
    let old = make_certificate(folder.path());
    let fake = FakeSimulation::with_load(1.0).await;
    let mut tls = tls_files(folder.path());
    tls["ssl"] = json!(false);
    let file = common::session::config(&folder, &[fake.address()], tls);
    let session = Server::start(SESSION_SERVER, &[file.to_str().unwrap()]).await;
    let mut sockets = Vec::new();
    for _ in 0..MANY {
        let mut socket = open(session.port, "/", &old).await;
        assert_eq!(next(&mut socket).await, "1");
        sockets.push(socket);
    }
    let new = make_certificate(folder.path());
    session.signal(Signal::HUP);
    until_answered("the new certificate", SOON, || async {
        connect(session.port, &new).await.is_ok()
    })
    .await;
    fake.set(100.0);
    for socket in &mut sockets {
        assert_eq!(next(socket).await, "0");
    }
    assert_eq!(get(session.port, "/", &new).await, "0");
}
