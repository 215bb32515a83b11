//! A logged-in user changes a controller on the website, runs it, and resets it: with our own website
//! host, and with one of another make, in PHP.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::client::READY;
use common::simulation::{Simulation, folder_with_projects};
use common::{SOON, Server, until};
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;
use tempfile::TempDir;
use webots_cloud::client::{ClientSocket, request_with};
use webots_cloud::website::hash_password;
use webots_cloud_core::secret::Secret;

const KEY: &str = "the key of this website";
const CHANGED: &str = "print('the changed controller', flush=True)\n";

/// What a browser's editor sends when the user saves (W4.2).
async fn save_controller(website: &str, content: &str) {
    let field = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = [
        field("dirname", "simple/controllers/wander"),
        field("filename", "wander.py"),
        field("content", content),
        "--XX--\r\n".to_owned(),
    ]
    .concat();
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=XX");
    headers.insert(CONTENT_TYPE, kind);
    let cookies = HeaderValue::from_static("email=ann@example.org; password=secret");
    headers.insert(COOKIE, cookies);
    let url = format!("{website}/ajax/upload-file.php");
    let reply = request_with(Method::POST, &url, headers, body.into())
        .await
        .unwrap();
    assert_eq!(String::from_utf8_lossy(reply.body()), "OK");
}

/// The whole story: saved on the website, started, running; reset, and the original again.
async fn play(website: &str) {
    let folder = folder_with_projects();
    let keys = folder.path().join("key");
    fs::create_dir(&keys).unwrap();
    fs::write(keys.join("localhost"), format!("{KEY}\n")).unwrap();
    let different = json!({ "keyDir": keys, "allowPrivateHosts": ["localhost"] });
    let simulation = Simulation::in_folder(folder, different).await;
    save_controller(website, CHANGED).await;

    let mut client = simulation.connect().await;
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
    client.send(json!({ "init": items }).to_string()).await;
    let address = client.webots().await;
    let mut scene = ClientSocket::open(&format!("{address}/")).await.unwrap();
    scene.send("x3d").await.unwrap();
    scene.send("real-time:-1").await.unwrap();
    let says =
        |words: &'static str| move |it: &str| it.starts_with("stdout:") && it.contains(words);
    scene
        .expect("its output", READY, says("the changed controller"))
        .await
        .unwrap();

    client
        .send(r#"{"reset controller":"wander/wander.py"}"#)
        .await;
    let answer = client.answer().await;
    assert_eq!(answer, "reset controller: wander/wander.py");
    scene.send("reset").await.unwrap();
    scene
        .expect("the original's output", READY, says("starts"))
        .await
        .unwrap();

    // Nobody else gets Ann's project, and the secret is nowhere in the log.
    let mut anonymous = simulation.running().await;
    anonymous.send("{}").await;
    anonymous.refused(SOON).await;
    let log = simulation.server.stderr().join("\n");
    assert!(!log.contains("secret") && !log.contains(KEY), "{log}");
}

#[tokio::test]
async fn with_our_own_website_host() {
    let folder = TempDir::new().unwrap();
    let users = folder.path().join("user");
    fs::create_dir_all(&users).unwrap();
    let hash = hash_password(&Secret::new("secret")).unwrap();
    let ann = json!({ "users": [{ "id": 1, "email": "ann@example.org", "password": hash }] });
    fs::write(users.join("users.json"), ann.to_string()).unwrap();
    fs::create_dir(folder.path().join("projects")).unwrap();
    let config = folder.path().join("website.json");
    let text = json!({ "port": 0, "key": KEY, "usersDir": users, "logDir": folder.path() });
    fs::write(&config, text.to_string()).unwrap();
    let program = env!("CARGO_BIN_EXE_webots-website-host");
    let host = Server::start(program, &[config.to_str().unwrap()]).await;
    play(&format!("http://localhost:{}", host.port)).await;
}

/// PHP's own server, ended with the test.
struct Php(Child);

impl Drop for Php {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn with_a_website_host_in_php() {
    let modules = Command::new("php").arg("-m").output();
    if !modules.is_ok_and(|it| String::from_utf8_lossy(&it.stdout).contains("zip")) {
        println!("skipped: there is no php with its zip extension (Debian: php-cli php-zip)");
        return;
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("key"), KEY).unwrap();
    let port = common::simulation::free_ports(1);
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/php");
    let php = Command::new("php")
        .args(["-S", &format!("localhost:{port}"), "-t"])
        .arg(site)
        .env("WEBSITE_ROOT", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _php = Php(php);
    until("PHP's server", SOON, || {
        std::net::TcpStream::connect(("localhost", port)).ok()
    })
    .await;
    play(&format!("http://localhost:{port}")).await;
}
