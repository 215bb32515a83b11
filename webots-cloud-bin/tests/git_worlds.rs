//! Thirty students open the same world of a git repository, as in earnest: a real git host with
//! `https`, the real simulation server, an instance for each.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, dead_code, missing_docs)]

#[path = "git_fetcher/cgi.rs"]
mod cgi;
mod common;
#[path = "git_fetcher/rig.rs"]
mod rig;
#[path = "git_fetcher/server.rs"]
mod server;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::client::{Client, READY};
use common::simulation::{config, folder_with_projects, free_ports, workspaces};
use common::{SIMULATION_SERVER, SOON};
use serde_json::json;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const STUDENTS: u16 = 30;
/// Those who come while the students are still being cleared away: a slot is free only after.
const LATER: u16 = 2;

/// A git host at `https://localhost:PORT/`, whose certificate lies in `folder/ca.pem`.
async fn git_host(folder: &Path) -> Option<server::Server> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("ca.pem"), made.cert.pem()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    server::Server::start_as(&folder.join("bare"), Some(TlsAcceptor::from(Arc::new(tls)))).await
}

/// The sample project `simple`, in the folder `lessons/one` of the repository `school/robots`.
fn publish_project(folder: &Path) {
    let work = rig::repository(folder, "school/robots");
    let samples = folder.join("projects/simple");
    for file in ["worlds/simple.wbt", "controllers/wander/wander.py"] {
        let text = fs::read_to_string(samples.join(file)).unwrap();
        rig::write(&work, &[(&format!("lessons/one/{file}"), &text)]);
    }
    rig::commit(&work);
    rig::publish(folder, "school/robots");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_students_who_open_the_same_world_cost_one_download() {
    let folder = folder_with_projects();
    let Some(host) = git_host(folder.path()).await else {
        return;
    };
    publish_project(folder.path());
    let different = json!({
        "maxConnections": STUDENTS + LATER,
        "allowedRepositories": [format!("{}school", host.base)],
        "allowPrivateHosts": ["localhost"],
    });
    let file = config(folder.path(), different);
    let port = free_ports(STUDENTS + LATER + 1).to_string();
    let arguments = [file.to_str().unwrap(), "--port", &port];
    let ca = folder.path().join("ca.pem");
    let environment = [("GIT_SSL_CAINFO", ca.to_str().unwrap())];
    let server = common::Server::start_with(SIMULATION_SERVER, &arguments, &environment).await;

    let url = format!(
        "{}school/robots/blob/main/lessons/one/worlds/simple.wbt",
        host.base
    );
    let mut students = Vec::new();
    for _ in 0..STUDENTS {
        let mut student = Client::connect(&server).await;
        student.start(&url).await;
        students.push(student);
    }
    for student in &mut students {
        let frames = student.frames_to_webots().await;
        assert_eq!(frames[0], "loading: fetching the project");
    }
    assert_eq!(
        workspaces(&folder.path().join("instances")).len(),
        usize::from(STUDENTS)
    );
    // One download: the commit and its folders, and the files.
    assert!(host.fetches() <= 2, "{} fetches", host.fetches());

    // What is not there, or not allowed, is told.
    let missing = url.replace("simple.wbt", "missing.wbt");
    let elsewhere = url.replace("/school/", "/strangers/");
    drop(students);
    for (url, words) in [(missing, "missing.wbt"), (elsewhere, "share idle time")] {
        let mut client = Client::connect(&server).await;
        client.start(&url).await;
        let (text, _) = client.refused(READY).await;
        assert!(text.contains(words), "{text}");
    }
    let gone = || {
        workspaces(&folder.path().join("instances"))
            .is_empty()
            .then_some(())
    };
    common::until("the end of all workspaces", SOON, gone).await;
}
