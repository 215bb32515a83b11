//! `/client`: projects, worlds and URLs that lead elsewhere or nowhere. Each is refused, and
//! nothing is written outside the folder of instances (contract, 5).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::os::unix::fs::symlink;

use common::refusals::{refuses, texts};
use common::simulation::Simulation;
use serde_json::{Value, json};

/// Projects and worlds that lead elsewhere, or nowhere.
#[tokio::test]
async fn no_project_and_no_world_leads_out_of_the_folder_of_projects() {
    let simulation = Simulation::start().await;
    let outside = simulation.folder.path().join("outside/worlds");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("secret.wbt"), "#VRML_SIM R2021b utf8\n").unwrap();
    symlink(
        outside.parent().unwrap(),
        simulation.projects().join("link"),
    )
    .unwrap();
    let absolute = simulation.projects().join("simple").display().to_string();
    let pairs: Vec<(String, &str)> = [
        ("..", "simple.wbt"),
        ("../outside", "secret.wbt"),
        ("simple/../../outside", "secret.wbt"),
        ("link", "secret.wbt"),
        (".", "simple.wbt"),
        ("", "simple.wbt"),
        ("/", "simple.wbt"),
        (&absolute, "simple.wbt"),
        ("/etc", "passwd.wbt"),
        ("..\\outside", "secret.wbt"),
        ("C:\\outside", "secret.wbt"),
        ("simple\u{0}", "simple.wbt"),
        ("simple\n", "simple.wbt"),
        ("no_such_project", "simple.wbt"),
        ("$(touch x)", "simple.wbt"),
        ("-rf", "simple.wbt"),
        ("~", "simple.wbt"),
        ("simple/worlds", "simple.wbt"),
        ("simple", "no_such_world.wbt"),
        ("simple", "simple"),
        ("simple", ".wbt"),
        ("simple", ""),
        ("simple", "../worlds/simple.wbt"),
        ("simple", "../../../outside/worlds/secret.wbt"),
        ("simple", "/etc/passwd.wbt"),
        ("simple", "..\\simple.wbt"),
        ("simple", "simple.wbt\u{0}.wbt"),
        ("simple", "simple.wbt --stream=x.wbt"),
        ("simple", "-h.wbt"),
    ]
    .map(|(project, world)| (project.to_owned(), world))
    .into_iter()
    .chain([
        ("x".repeat(300), "simple.wbt"),
        ("simple/".repeat(5000), "simple.wbt"),
    ])
    .collect();
    let long = "w".repeat(300) + ".wbt";
    let init = |project: &str, world: &str| json!({"init": ["http://localhost", project, world]});
    let mut frames: Vec<Value> = pairs
        .iter()
        .map(|(project, world)| init(project, world))
        .collect();
    frames.push(init("simple", &long));
    refuses(
        &simulation,
        texts(frames.iter().map(Value::to_string)),
        1008,
    )
    .await;
}

#[tokio::test]
async fn no_url_leads_out_of_the_folder_of_projects() {
    let simulation = Simulation::start().await;
    let outside = simulation.folder.path().join("outside/worlds");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("secret.wbt"), "#VRML_SIM R2021b utf8\n").unwrap();
    let folder = simulation.folder.path().display();
    let urls = [
        String::new(),
        "simple".into(),
        "http://localhost/worlds/simple.wbt".into(),
        "javascript:alert(1)".into(),
        format!("file://{folder}/outside/worlds/secret.wbt"),
        format!("file://{folder}/projects/../outside/worlds/secret.wbt"),
        format!("file://{folder}/projects/%2e%2e/outside/worlds/secret.wbt"),
        format!("file://{folder}/projects/..%2foutside/worlds/secret.wbt"),
        format!("file://{folder}/projects/simple/worlds/../worlds/simple.wbt"),
        format!("file://{folder}/projects/simple/worlds/simple.wbt%00"),
        format!("file://{folder}/projects/simple/worlds/none.wbt"),
        format!("file://{folder}/projects/none/worlds/none.wbt"),
        format!("file://{folder}/projects/simple/worlds/simple"),
        format!("file://{folder}/projects/simple/controllers/wander/wander.py"),
        format!("file://{folder}/projects/worlds/simple.wbt"),
        format!("file://elsewhere{folder}/projects/simple/worlds/simple.wbt"),
        format!("file://{folder}/projects/simple/worlds/simple.wbt?x=$(id)"),
        "file:///etc/worlds/passwd.wbt".into(),
        "file:///worlds/x.wbt".into(),
        "https://github.com/a/b/blob/main/worlds/x.wbt".into(),
        "https://github.com/a/b/blob/--upload-pack=x/worlds/x.wbt".into(),
        "https://github.com/a/b/worlds/x.wbt".into(),
        "https://user@github.com/a/b/blob/main/worlds/x.wbt".into(),
        "https://127.0.0.1/a/b/blob/main/worlds/x.wbt".into(),
        "webots://github.com/a/b/branch/main/worlds/x.wbt".into(),
        format!("https://github.com/{}/worlds/x.wbt", "a/".repeat(5000)),
    ];
    let start = |url: &String| json!({"start": {"url": url}}).to_string();
    refuses(&simulation, texts(urls.iter().map(start)), 1008).await;
}
