//! The stand-in for Webots, as servers and browsers see it: the real program on the sample projects.
#![allow(clippy::unwrap_used)]

#[path = "standin/refusals.rs"]
mod refusals;
#[path = "standin/support.rs"]
mod support;

use futures_util::{SinkExt as _, StreamExt as _};
use support::{Era, Instance, LIMIT, samples, time_of};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

async fn plays_a_session(era: Era, project: &str) {
    let world = samples()
        .join(project)
        .join(format!("worlds/{project}.wbt"));
    let mut instance = Instance::start(era, &world).await;
    let mut client = instance
        .connect(if era == Era::Legacy { "x3d" } else { "w3d" })
        .await;
    let frames = client.until("scene load completed").await;
    let prefix = if era == Era::Legacy { "" } else { "worlds/" };
    assert_eq!(
        frames[0],
        format!("world:{prefix}{project}.wbt:{prefix}{project}.wbt")
    );
    assert!(frames[1].starts_with("model:<?xml") && frames[1].contains("\n<Scene>\n"));
    assert!(frames[1].contains("type='robot'") && frames[1].contains("<Viewpoint id='n2' "));
    assert_eq!(time_of(&frames[2]), 0.0);
    let state = client.next().await;
    assert_eq!(state, "pause: 0");
    if era == Era::Legacy {
        assert_eq!(client.next().await, "pause");
    }

    client.say("step").await;
    instance.line("step").await;
    let frames = client.until("paused by client").await;
    let update = frames
        .iter()
        .rfind(|frame| frame.starts_with("application/json:"))
        .unwrap();
    assert_eq!(time_of(update), 32.0);
    instance.line("pause").await;

    client.say("real-time:100000").await;
    instance.line("real-time").await;
    client.until("real-time").await;
    let key = if era == Era::Legacy {
        "\"poses\":[{\"id\":"
    } else {
        "\"updates\":[{\"id\":"
    };
    loop {
        let frames = client.until("application/json:").await;
        let update = frames.last().unwrap();
        if update.contains(key) && time_of(update) > 300.0 {
            break;
        }
    }
    // The automatic pause, a little further on.
    client.say("timeout:200").await;
    client.until("pause: ").await;
    instance.line("pause").await;
    client.say("fast:2000").await;
    instance.line("fast").await;
    client.until("pause: ").await;
    client.say("pause").await;
    client.until("paused by client").await;

    client.say("reset").await;
    let frames = client.until("reset finished").await;
    let update = frames
        .iter()
        .rfind(|frame| frame.starts_with("application/json:"))
        .unwrap();
    assert_eq!(time_of(update), 0.0);
    client.say("real-time:-1").await;
    client.until("real-time").await;
    client
        .say(if era == Era::Legacy {
            "revert"
        } else {
            "reload"
        })
        .await;
    client.until("delete world").await;
    client.until("loading:").await;
    client.until("world:").await;
    client.until("scene load completed").await;
    assert_eq!(client.next().await, "real-time");

    client.0.send(Message::Close(None)).await.unwrap();
    loop {
        match timeout(LIMIT, client.0.next()).await.unwrap() {
            Some(Ok(Message::Close(close))) => {
                assert_eq!(u16::from(close.unwrap().code), 1000);
                break;
            }
            Some(Ok(_)) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
    instance.terminate();
    assert_eq!(instance.ended().await.code(), Some(0));
}

#[tokio::test]
async fn simple_of_old() {
    plays_a_session(Era::Legacy, "simple").await;
}

#[tokio::test]
async fn simple_of_today() {
    plays_a_session(Era::Modern, "simple").await;
}

#[tokio::test]
async fn maze_of_old() {
    plays_a_session(Era::Legacy, "maze").await;
}

#[tokio::test]
async fn maze_of_today() {
    plays_a_session(Era::Modern, "maze").await;
}

#[tokio::test]
async fn football_of_old() {
    plays_a_session(Era::Legacy, "football").await;
}

#[tokio::test]
async fn football_of_today() {
    plays_a_session(Era::Modern, "football").await;
}

/// A project with a world and a controller of its own.
fn project(controller: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("worlds")).unwrap();
    std::fs::create_dir_all(folder.path().join("controllers/c")).unwrap();
    let world =
        "#VRML_SIM R2023b utf8\nWorldInfo { title \"T\" }\nRobot { name \"r\" controller \"c\" }\n";
    std::fs::write(folder.path().join("worlds/a.wbt"), world).unwrap();
    std::fs::write(
        folder.path().join("worlds/b.wbt"),
        world.replace("\"T\"", "\"U\""),
    )
    .unwrap();
    std::fs::write(folder.path().join("controllers/c/c.py"), controller).unwrap();
    folder
}

const ECHO: &str = "from controller import Robot\nr = Robot()\nprint('version one')\n\
                    while r.step() != -1:\n  m = r.wwiReceiveText()\n  if m:\n    r.wwiSendText('echo ' + m)\n";

#[tokio::test]
async fn another_world_and_what_cannot_be_one() {
    let folder = project(ECHO);
    let instance = Instance::start(Era::Modern, &folder.path().join("worlds/a.wbt")).await;
    let mut client = instance.connect("w3d").await;
    client.until("scene load completed").await;
    client.say("load:worlds/b.wbt").await;
    assert_eq!(
        client.until("world:").await.last().unwrap(),
        "world:worlds/b.wbt:worlds/a.wbt;worlds/b.wbt"
    );
    assert!(
        client
            .until("model:")
            .await
            .last()
            .unwrap()
            .contains("title='U'")
    );
    std::fs::write(
        folder.path().join("worlds/c.wbt"),
        "#VRML_SIM R2023b utf8\nRobot [",
    )
    .unwrap();
    client.say("load:worlds/c.wbt").await;
    assert!(
        client
            .until("stderr:error")
            .await
            .last()
            .unwrap()
            .contains("c.wbt:2:7")
    );
    assert!(
        client
            .until("world:")
            .await
            .last()
            .unwrap()
            .starts_with("world:worlds/b.wbt:")
    );
    client.say("nonsense").await;
    client.say("pause").await;
    client.until("paused by client").await;
}

#[tokio::test]
async fn controllers_print_and_are_edited_and_talk() {
    let folder = project(ECHO);
    let instance = Instance::start(Era::Legacy, &folder.path().join("worlds/a.wbt")).await;
    let mut client = instance.connect("x3dom").await;
    let frames = client.until("scene load completed").await;
    assert!(frames[0].starts_with("model:"));
    client.say("real-time:-1").await;
    client.until("real-time").await;
    client.say("robot:r:hello").await;
    assert_eq!(
        client.until("robot:").await.last().unwrap(),
        "robot:r:echo hello"
    );
    client.say("get controller:c").await;
    let shown = client.until("set controller:").await.pop().unwrap();
    assert!(
        shown.starts_with("set controller:c/c.py:7\nfrom controller"),
        "{shown}"
    );
    client
        .say("set controller:c/c.py:1\nprint('version two')\n")
        .await;
    client.say("set controller:c/new.py:1\nx").await;
    client.say("reset").await;
    client.until("reset finished").await;
    client.until("stdout:version two").await;
    client
        .until("stderr:'c' controller of r has ended: exit status: 0")
        .await;
    assert!(!folder.path().join("controllers/c/new.py").exists());
}

#[tokio::test]
async fn a_controller_that_hangs_does_not_stop_the_world() {
    let folder =
        project("import sys, time\nprint('x' * 100000)\nsys.stdout.flush()\ntime.sleep(600)\n");
    let mut instance = Instance::start(Era::Modern, &folder.path().join("worlds/a.wbt")).await;
    let mut client = instance.connect("w3d").await;
    client.until("scene load completed").await;
    client.say("fast:-1").await;
    client
        .until("stderr:'c' controller of r does not answer")
        .await;
    while time_of(client.until("application/json:").await.last().unwrap()) < 1000.0 {}
    instance.terminate();
    assert_eq!(instance.ended().await.code(), Some(0));
}

#[tokio::test]
async fn files_of_the_project() {
    let folder = project(ECHO);
    let instance = Instance::start(Era::Modern, &folder.path().join("worlds/a.wbt")).await;
    let answer = instance.get("/worlds/a.wbt", "").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.contains("title \"T\""),
        "{answer}"
    );
    assert!(answer.contains("access-control-allow-origin: *"));
    let etag = answer
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .to_owned();
    let again = instance
        .get("/worlds/a.wbt", &format!("If-None-Match: {etag}\r\n"))
        .await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    for path in [
        "/",
        "/nothing",
        "/worlds/..%2f..%2fx",
        "/../../etc/passwd",
        "/worlds",
    ] {
        assert!(
            instance.get(path, "").await.starts_with("HTTP/1.1 404"),
            "{path}"
        );
    }
}
