//! `demo --check`: the sequence diagram of the specification, played by a client without a browser.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;
use webots_cloud_core::protocol::client::{Init, ViewMode, encode_init, encode_start};
use webots_cloud_core::protocol::server::ServerMessage;
use webots_cloud_core::protocol::session::{parse_availability, parse_load, parse_session_reply};
use webots_cloud_core::web::session::SESSION_HEADER;

use super::DemoArguments;
use super::check_error::{CheckError, Step, unexpected};
use super::editing;
use super::report::{LIMIT, Report};
use super::servers::DemoServers;
use super::site::Site;
use crate::adapters::process::processes_of;
use crate::client::{ClientError, ClientSocket, Reply, get};
use crate::main_loop::Failed;

/// A client's instance must be gone so soon after it left (contract, 5).
const END: Duration = Duration::from_secs(6);

/// Starts the servers, plays a session in each dialect, ends the servers, and looks for leavings.
pub(super) fn run(arguments: &DemoArguments) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::at_run_time(&error))?;
    runtime.block_on(async {
        let mut report = Report::start();
        let site = Site::Plain("nobody looks at it".to_owned());
        let servers = DemoServers::start(arguments, 0, &site).await?;
        report.done(
            "start the servers",
            "simulation server, session server, web page",
        );
        let played = play_all(&servers, &mut report).await;
        let (instances, ports) = (servers.folders.instances(), servers.ports());
        servers.shut_down().await;
        played.map_err(|error| Failed::at_run_time(&error))?;
        report.done("end the servers", "nothing is open any more");
        nothing_left(&instances, &ports)
            .await
            .map_err(|error| Failed::at_run_time(&error))?;
        report.done(
            "look for what is left behind",
            "no process, no folder, no port",
        );
        println!("\nall {} steps did what they should", report.steps());
        Ok(())
    })
}

async fn play_all(servers: &DemoServers, report: &mut Report) -> Result<(), CheckError> {
    println!("\nA client of the `init` dialect (2019 to 2021):");
    let init = Init {
        host: "http://localhost".to_owned(),
        project: "simple".to_owned(),
        world: "simple.wbt".to_owned(),
        ..Init::default()
    };
    play(servers, report, encode_init(&init), Story::Watch).await?;
    println!("\nA client of the `start` dialect (2021 on):");
    let projects = servers.folders.projects();
    let url = format!("file://{}/maze/worlds/maze.wbt", projects.display());
    let start = encode_start(&url, ViewMode::Scene);
    play(servers, report, start, Story::Watch).await?;

    println!("\nA user of the website who has changed a controller:");
    let website = format!("http://localhost:{}", servers.website.port());
    editing::save_controller(report, &website).await?;
    let init = Init {
        host: website,
        user1: editing::user(),
        ..init
    };
    play(servers, report, encode_init(&init), Story::Edit).await?;
    println!();
    Ok(())
}

/// What a client does with its simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    Watch,
    Edit,
}

/// One client, from "is there room?" to its end.
async fn play(
    servers: &DemoServers,
    report: &mut Report,
    start: String,
    story: Story,
) -> Result<(), CheckError> {
    let session = format!("localhost:{}", servers.session.port());

    let step = "is there room?";
    let mut availability = ClientSocket::open(&format!("ws://{session}/"))
        .await
        .at(step)?;
    let told = availability.text("availability", LIMIT).await.at(step)?;
    if parse_availability(&told) != Some(true) {
        return Err(unexpected(
            step,
            format!("the session server says {told:?}"),
        ));
    }
    report.done(step, "1: there is");

    let step = "open a simulation session";
    let reply = get(&format!("http://{session}/session")).await.at(step)?;
    let name = reply.headers().get(SESSION_HEADER).cloned();
    let reply = text(reply);
    let address =
        parse_session_reply(&reply).map_err(|error| unexpected(step, error.to_string()))?;
    report.done(step, address);

    let step = "start the simulation";
    let name = name.as_ref().and_then(|name| name.to_str().ok());
    let name = name
        .map(|name| format!("?session={name}"))
        .unwrap_or_default();
    let mut client = ClientSocket::open(&format!("{address}/client{name}"))
        .await
        .at(step)?;
    client.send(start).await.at(step)?;
    let webots = instance_address(&mut client, report).await?;
    report.done(step, &webots);
    let workspaces = folder_names(&servers.folders.instances());

    let mut scene = watch(report, &webots).await?;
    match story {
        Story::Watch => run_and_reset(report, &mut scene).await?,
        Story::Edit => editing::run_and_restore(report, &mut client, &mut scene).await?,
    }

    scene.close().await.at("quit the simulation")?;
    client.close().await.at("leave the simulation server")?;
    availability.close().await.at("leave the session server")?;
    report.done("quit", "all sockets closed");

    let step = "the instance is gone";
    let gone = Instant::now() + END;
    while !is_gone(&servers.folders.instances(), &workspaces) {
        if Instant::now() > gone {
            return Err(unexpected(
                step,
                format!("still there after {} s", END.as_secs()),
            ));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let host = address.replacen("ws", "http", 1);
    let load = text(get(&format!("{host}/load")).await.at(step)?);
    parse_load(&load).map_err(|error| unexpected(step, error.to_string()))?;
    report.done(step, format!("no process, no folder; load {load}%"));
    Ok(())
}

/// Waits for `webots:`, and reports the stages before it.
async fn instance_address(
    client: &mut ClientSocket,
    report: &mut Report,
) -> Result<String, CheckError> {
    let step = "start the simulation";
    loop {
        let frame = client
            .text("the simulation's address", LIMIT)
            .await
            .at(step)?;
        match ServerMessage::decode(&frame) {
            Some(ServerMessage::Webots(url)) => return Ok(url),
            Some(ServerMessage::Error(text)) => return Err(unexpected(step, text)),
            Some(ServerMessage::Loading(stage)) => report.done("  stage", stage),
            Some(ServerMessage::ShutdownTimeout(limit)) => {
                report.done("  time limit", format!("{} s", limit.as_secs()));
            }
            Some(ServerMessage::Heartbeat | ServerMessage::ControllerReset(_)) | None => {}
        }
    }
}

/// Registers with the instance and waits for its world.
async fn watch(report: &mut Report, webots: &str) -> Result<ClientSocket, CheckError> {
    let step = "register with the simulation";
    let mut scene = ClientSocket::open(&format!("{webots}/")).await.at(step)?;
    scene.send("x3d").await.at(step)?;
    let model = scene
        .expect("the world", LIMIT, |it| it.starts_with("model:"))
        .await
        .at(step)?;
    scene
        .expect("the end of the world", LIMIT, |it| {
            it == "scene load completed"
        })
        .await
        .at(step)?;
    report.done(step, format!("a world of {} bytes of X3D", model.len()));
    Ok(scene)
}

async fn run_and_reset(report: &mut Report, scene: &mut ClientSocket) -> Result<(), CheckError> {
    let step = "run";
    scene.send("real-time:-1").await.at(step)?;
    let mut times = BTreeSet::new();
    while times.len() < 5 {
        times.insert(next_time(scene).await.at(step)?);
    }
    report.done(step, format!("updates at {times:?} ms of simulation time"));

    let step = "step";
    scene.send("pause").await.at(step)?;
    let paused = |it: &str| it == "pause" || it.starts_with("pause");
    scene.expect("the pause", LIMIT, paused).await.at(step)?;
    scene.send("step").await.at(step)?;
    let time = next_time(scene).await.at(step)?;
    report.done(step, format!("now at {time} ms"));

    let step = "reset";
    scene.send("reset").await.at(step)?;
    scene
        .expect("the reset", LIMIT, |it| it == "reset finished")
        .await
        .at(step)?;
    scene.send("step").await.at(step)?;
    let time = next_time(scene).await.at(step)?;
    if times.last().is_some_and(|last| time >= *last) {
        return Err(unexpected(
            step,
            format!("the time is {time} ms, it did not begin again"),
        ));
    }
    report.done(
        step,
        format!("the time begins again, {time} ms after one step"),
    );
    Ok(())
}

/// The time of the next update, in milliseconds of simulation time.
async fn next_time(scene: &mut ClientSocket) -> Result<u64, ClientError> {
    let update = |it: &str| it.starts_with("application/json:");
    let frame = scene.expect("an update", LIMIT, update).await?;
    let json = frame.trim_start_matches("application/json:");
    let update: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    // Whole milliseconds; Webots prints large ones as 1e+06 (W3.6).
    Ok(update["time"].as_f64().map_or(0, |time| time as u64))
}

fn text(reply: Reply) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

fn folder_names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Whether none of these workspaces is there, and no process that belongs to one.
fn is_gone(instances: &Path, workspaces: &BTreeSet<String>) -> bool {
    folder_names(instances).is_disjoint(workspaces)
        && workspaces.iter().all(|name| processes_of(name).is_empty())
}

async fn nothing_left(instances: &Path, ports: &[u16]) -> Result<(), CheckError> {
    let step = "look for what is left behind";
    let left = folder_names(instances);
    if !left.is_empty() {
        return Err(unexpected(step, format!("folders: {left:?}")));
    }
    for port in ports {
        if tokio::net::TcpStream::connect(("localhost", *port))
            .await
            .is_ok()
        {
            return Err(unexpected(
                step,
                format!("somebody still listens on port {port}"),
            ));
        }
    }
    Ok(())
}
