//! Sessions started and ended, so many at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use webots_cloud::client::ClientSocket;
use webots_cloud_core::protocol::client::{Init, encode_init};
use webots_cloud_core::protocol::server::ServerMessage;

use crate::Outcome;
use crate::target::Target;
use crate::usage::children;

/// The project that is started, in its world of the same name.
pub(crate) const PROJECT: &str = "plain";

const READY: Duration = Duration::from_secs(60);

/// How long each took from the client's frame to the address, and how long all of them took, to the end of
/// the last instance where the server's pid is known.
pub(crate) fn play(
    server: &Target,
    lanes: usize,
    count: usize,
) -> Outcome<(Vec<Duration>, Duration)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let before = server.pid.map_or(0, |pid| children(pid).len());
    let begun = Instant::now();
    let times = runtime.block_on(async {
        let times = Arc::new(Mutex::new(Vec::new()));
        let mut playing = JoinSet::new();
        for _ in 0..lanes {
            let (times, address) = (Arc::clone(&times), server.address);
            playing.spawn(async move {
                for _ in 0..count {
                    let time = one(address).await?;
                    times.lock().await.push(time);
                }
                Outcome::Ok(())
            });
        }
        while let Some(lane) = playing.join_next().await {
            lane??;
        }
        Outcome::Ok(std::mem::take(&mut *times.lock().await))
    })?;
    while server.pid.is_some_and(|pid| children(pid).len() > before) {
        if begun.elapsed() > READY * 2 {
            return Err(format!("{}: instances do not end", server.name).into());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok((times, begun.elapsed()))
}

async fn one(server: SocketAddr) -> Outcome<Duration> {
    let mut client = ClientSocket::open(&format!("ws://{server}/client")).await?;
    let init = Init {
        host: "http://localhost".to_owned(),
        project: PROJECT.to_owned(),
        world: format!("{PROJECT}.wbt"),
        ..Init::default()
    };
    let begun = Instant::now();
    client.send(encode_init(&init)).await?;
    loop {
        let frame = client.text("the address", READY).await?;
        match ServerMessage::decode(&frame) {
            Some(ServerMessage::Webots(_)) => break,
            Some(ServerMessage::Error(text)) => return Err(text.into()),
            _ => {}
        }
    }
    let time = begun.elapsed();
    tokio::time::timeout(READY, client.close()).await??;
    Ok(time)
}
