//! Whole sessions through the reverse proxies of the book: TLS and one port for everything
//! (`portRewrite`).
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod common;
mod proxies_parts;

use std::fs;

use common::session::busy_or_not;
use common::simulation::{ALL_GONE, Simulation, folder_with_projects, free_ports};
use common::tls::{Socket, ask, get, make_certificate, next, open};
use common::{SESSION_SERVER, SHUTDOWN, SOON, Server, until_answered};
use futures_util::{SinkExt, StreamExt};
use proxies_parts::proxy::{Kind, Ports, Proxy};
use serde_json::{Value, json};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_tungstenite::tungstenite::Message;

const SLOTS: u16 = 3;

/// Two servers and the proxy before them.
struct House {
    simulation: Simulation,
    session: Server,
    ports: Ports,
    trusted: CertificateDer<'static>,
    // Ended last: the session server asks through it.
    _proxy: Proxy,
}

impl House {
    async fn open(kind: Kind) -> Option<Self> {
        let folder = folder_with_projects();
        let trusted = make_certificate(folder.path());
        let certificate = folder.path().join("cert.pem").display().to_string();
        // As the book has it.
        let behind = json!({"ssl": true, "portRewrite": true});
        let mut different = behind.clone();
        different["maxConnections"] = json!(SLOTS);
        let simulation = Simulation::in_folder(folder, different).await;
        let ports = Ports {
            proxy: free_ports(1),
            session: free_ports(1),
            simulation: simulation.server.port,
            slots: SLOTS,
        };
        let folder = &simulation.folder;
        let proxy = Proxy::start(kind, folder.path(), ports).await?;
        let entry = format!("localhost:{}/{}", ports.proxy, ports.simulation);
        let file = common::session::config(folder, &[entry], busy_or_not(behind));
        let port = ports.session.to_string();
        let arguments = [file.to_str().unwrap(), "--port", &port];
        let trust = [("SSL_CERT_FILE", certificate.as_str())];
        let session = Server::start_with(SESSION_SERVER, &arguments, &trust).await;
        Some(Self {
            simulation,
            session,
            ports,
            trusted,
            _proxy: proxy,
        })
    }

    async fn get(&self, path: &str) -> String {
        get(self.ports.proxy, path, &self.trusted).await
    }

    async fn socket(&self, path: &str) -> Socket {
        open(self.ports.proxy, path, &self.trusted).await
    }

    /// The path of an address that a server gave out, which has to lead to the proxy.
    fn path_of(&self, address: &str) -> String {
        let proxy = format!("wss://localhost:{}", self.ports.proxy);
        let path = address.strip_prefix(&proxy);
        path.unwrap_or_else(|| panic!("{address} leads not to the proxy"))
            .to_owned()
    }

    /// Waits for the address of a session.
    async fn placed(&self) -> String {
        let address = format!(
            "wss://localhost:{}/{}",
            self.ports.proxy, self.ports.simulation
        );
        until_answered("room", SHUTDOWN, || async {
            self.get("/session").await == address
        })
        .await;
        address
    }

    /// Starts a simulation: its path at the proxy, and the client that has it.
    async fn start(&self, address: &str, frame: Value) -> (String, Socket) {
        let mut client = self
            .socket(&format!("{}/client", self.path_of(address)))
            .await;
        client.send(frame.to_string().into()).await.unwrap();
        let webots = loop {
            let frame = next(&mut client).await;
            assert!(!frame.starts_with("error:"), "{frame}");
            if let Some(webots) = frame.strip_prefix("webots:") {
                break webots.to_owned();
            }
        };
        (self.path_of(&webots), client)
    }
}

/// Waits for this frame on the socket of a simulation.
async fn until_frame(scene: &mut Socket, wanted: &str) {
    while next(scene).await != wanted {}
}

async fn plays_a_whole_session(kind: Kind) {
    let Some(house) = House::open(kind).await else {
        return;
    };
    let address = house.placed().await;
    assert_eq!(house.get("/").await, "1");
    let mut availability = house.socket("/").await;
    assert_eq!(next(&mut availability).await, "1");
    let mut session = house.socket("/session").await;
    assert_eq!(next(&mut session).await, address);
    let (head, _) = ask(house.ports.proxy, "/session", &house.trusted).await;
    let head = head.to_ascii_lowercase();
    for header in ["webots-cloud-session: ", "access-control-allow-origin: *"] {
        assert!(head.contains(header), "{head}");
    }

    // A client of 2019, one of today, and both forms of an address: with and without a `/` behind it.
    let textures = house.simulation.projects().join("simple/textures");
    fs::create_dir_all(&textures).unwrap();
    fs::write(textures.join("a b.txt"), "a texture").unwrap();
    let init = json!({"init": ["https://localhost", "simple", "simple.wbt"]});
    let (first, client) = house.start(&address, init).await;
    assert_eq!(first, format!("/{}", house.ports.simulation + 1));
    let start = json!({"start": {"url": house.simulation.url_of("maze")}});
    let (second, other) = house.start(&address, start).await;
    let mut scene = house.socket(&first).await;
    let mut maze = house.socket(&format!("{second}/")).await;
    for scene in [&mut scene, &mut maze] {
        scene.send("x3d".into()).await.unwrap();
        until_frame(scene, "scene load completed").await;
    }
    scene.send("real-time:-1".into()).await.unwrap();
    while !next(&mut scene).await.starts_with("application/json:") {}
    let world = house.get(&format!("{first}/worlds/simple.wbt")).await;
    assert!(world.starts_with("#VRML_SIM"), "{world:.40}");
    let texture = house.get(&format!("{first}/textures/a%20b.txt?v=1")).await;
    assert_eq!(texture, "a texture");

    // The servers' own pages, and what is nobody's.
    let simulation = format!("/{}", house.ports.simulation);
    assert!(
        house
            .get(&format!("{simulation}/load"))
            .await
            .parse::<f64>()
            .is_ok()
    );
    for page in ["/monitor".to_owned(), format!("{simulation}/monitor")] {
        assert!(
            house.get(&page).await.starts_with("<!DOCTYPE html>"),
            "{page}"
        );
    }
    let beyond = house.ports.simulation + SLOTS + 1;
    let (head, _) = ask(
        house.ports.proxy,
        &format!("/{beyond}/load"),
        &house.trusted,
    )
    .await;
    assert!(head.starts_with("HTTP/1.1 404"), "only these ports: {head}");

    // A client that leaves, politely or not, takes its simulation along, behind the proxy as well.
    let names = house.simulation.workspaces();
    assert_eq!(names.len(), 2);
    let mut client = client;
    client.close(None).await.unwrap();
    drop(other);
    house.simulation.all_gone(&names).await;
    for scene in [&mut scene, &mut maze] {
        let end = async {
            while let Some(Ok(Message::Text(_) | Message::Ping(_))) = scene.next().await {}
        };
        tokio::time::timeout(ALL_GONE, end)
            .await
            .expect("its scene ends");
    }
    let (head, _) = ask(house.ports.proxy, &first, &house.trusted).await;
    assert!(head.starts_with("HTTP/1.1 50"), "nobody is there: {head}");

    // And the news of the end come through.
    drop(house.simulation);
    let gone = tokio::time::timeout(SOON * 3, next(&mut availability)).await;
    assert_eq!(gone.expect("the change"), "0");
    drop(house.session);
}

#[tokio::test]
async fn nginx() {
    plays_a_whole_session(Kind::Nginx).await;
}

#[tokio::test]
async fn apache() {
    plays_a_whole_session(Kind::Apache).await;
}
