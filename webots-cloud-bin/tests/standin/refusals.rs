//! What the stand-in refuses, and how it misbehaves when it is asked to.

use std::process::Stdio;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::support::{Era, Instance, LIMIT, command, free_port, samples};
use super::{ECHO, project};

#[tokio::test]
async fn a_taken_port_as_webots_does() {
    let taken = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let world = samples().join("simple/worlds/simple.wbt");
    let mut legacy = Instance::spawn(Era::Legacy, port, &world);
    assert_eq!(legacy.ended().await.code(), Some(1));
    let mut modern = Instance::spawn(Era::Modern, port, &world);
    modern.line(".").await;
    modern.terminate();
    assert_eq!(modern.ended().await.code(), Some(0));
}

async fn output(args: &[&str]) -> (Option<i32>, String, String) {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let run = command(&args).stderr(Stdio::piped()).output();
    let output = timeout(LIMIT, run).await.unwrap().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[tokio::test]
async fn command_lines() {
    let (code, out, _) = output(&["--help"]).await;
    assert!(code == Some(0) && out.contains("never-ready") && out.contains("--port"));
    assert_eq!(output(&["--version"]).await.0, Some(0));
    let (code, out, err) = output(&["--nonsense", "w.wbt"]).await;
    assert!(code == Some(1) && out.is_empty() && err.contains("--nonsense"));
    let (code, out, _) = output(&["--stream=\"port=2001\"", "--nonsense", "w.wbt"]).await;
    assert!(code == Some(1) && out.contains("--nonsense"));
    assert_eq!(output(&["--port=0", "--stream", "w.wbt"]).await.0, Some(1));
    let (code, _, err) = output(&["--stream", "/nowhere/worlds/w.wbt"]).await;
    assert!(code == Some(1) && err.contains("/nowhere/worlds/w.wbt"));
    assert!(
        output(&["--stream=mjpeg", "w.wbt"])
            .await
            .2
            .contains("mjpeg")
    );
}

#[tokio::test]
async fn faults_of_a_file() {
    let folder = project(ECHO);
    let world = folder.path().join("worlds/a.wbt");
    let fault = |words: &str| std::fs::write(folder.path().join("standin-fault"), words).unwrap();
    fault("die-at-start\n");
    assert_eq!(
        Instance::spawn(Era::Modern, free_port(), &world)
            .ended()
            .await
            .code(),
        Some(1)
    );
    fault("die-after-ready\nlong-line\n");
    let mut instance = Instance::spawn(Era::Legacy, free_port(), &world);
    let line = timeout(LIMIT, instance.lines.next_line())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(line.len(), 1_000_000);
    instance.line("open").await;
    assert_eq!(instance.ended().await.code(), Some(1));
    fault("wrong-port\n");
    let instance = Instance::start(Era::Legacy, &world).await;
    assert!(
        TcpStream::connect(("127.0.0.1", instance.port))
            .await
            .is_err()
    );
    fault("ignore-term\n");
    let mut instance = Instance::start(Era::Legacy, &world).await;
    instance.terminate();
    // Still there and at work.
    let mut client = instance.connect("x3d").await;
    client.until("scene load completed").await;
    instance.child.kill().await.unwrap();
}

#[tokio::test]
async fn faults_of_the_environment() {
    let folder = project(ECHO);
    let world = folder.path().join("worlds/a.wbt");
    let mut command = command(&["--stream".to_owned(), world.to_str().unwrap().to_owned()]);
    command
        .env("WEBOTS_STANDIN_FAULT", "die-at-start")
        .stderr(Stdio::piped());
    let output = timeout(LIMIT, command.output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("asked to die"));
}
