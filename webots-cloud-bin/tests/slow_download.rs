//! A website that sends a byte a second keeps one user waiting, and nobody else.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::SOON;
use common::simulation::{Simulation, folder_with_projects};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use webots_cloud::client::get;

/// A website whose archive never ends; tells when the first byte is out, and when the download is given
/// up.
async fn dripping_website() -> (String, mpsc::Receiver<&'static str>) {
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let (events, happened) = mpsc::channel(4);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 1000000\r\n\r\nP";
        stream.write_all(head.as_bytes()).await.unwrap();
        events.send("begun").await.unwrap();
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                _ = second.tick() => if stream.write_all(b"K").await.is_err() { break },
                read = stream.read(&mut request) => if !matches!(read, Ok(1..)) { break },
            }
        }
        events.send("given up").await.unwrap();
    });
    (address, happened)
}

#[tokio::test]
async fn a_slow_download_delays_nobody_else_and_is_given_up_with_its_client() {
    let (website, mut happened) = dripping_website().await;
    let folder = folder_with_projects();
    let keys = folder.path().join("key");
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("localhost"), "key\n").unwrap();
    let different = json!({ "keyDir": keys, "allowPrivateHosts": ["localhost"] });
    let simulation = Simulation::in_folder(folder, different).await;

    let mut slow = simulation.connect().await;
    let items = json!([
        website,
        "simple",
        "simple.wbt",
        1,
        "Ann",
        "secret",
        "",
        "",
        ""
    ]);
    slow.send(json!({ "init": items }).to_string()).await;
    assert_eq!(happened.recv().await, Some("begun"));

    // Others start meanwhile, and the load is answered at once.
    let other = simulation.running().await;
    let load = simulation.server.http("/load");
    let mut times = Vec::new();
    for _ in 0..50 {
        let asked = Instant::now();
        get(&load).await.unwrap();
        times.push(asked.elapsed());
    }
    times.sort();
    println!("/load: median {:?}, slowest {:?}", times[25], times[49]);
    assert!(
        times[25] < Duration::from_millis(50),
        "median {:?}",
        times[25]
    );
    drop(other);

    // Its client leaves: nobody downloads for it any more, and nothing of it is left.
    drop(slow);
    let given_up = tokio::time::timeout(SOON, happened.recv()).await;
    assert_eq!(given_up.unwrap(), Some("given up"));
    simulation.nothing_left().await;
}
