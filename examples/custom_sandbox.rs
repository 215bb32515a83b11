//! A sandbox of your own: a wrapper program around every instance. Here it is `prlimit` of
//! util-linux, which limits what a process may use and keeps nothing secret: a beginning, no prison.
//!
//! ```sh
//! cargo run -p webots-cloud-examples --example custom_sandbox
//! ```
//!
//! It starts a simulation server with that sandbox, lets one client start a project, and prints the
//! command line that its Webots was launched with. The instance itself is a fake one, so nothing has
//! to be installed; for real ones put `ProcessLauncher` in the place of `FakeLauncher`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use webots_cloud::adapters::notifier::LogNotifier;
use webots_cloud::client::ClientSocket;
use webots_cloud::simulation_server::SimulationServer;
use webots_cloud::surroundings::ThisMachine;
use webots_cloud_core::config;
use webots_cloud_core::load::{Load, LoadSample};
use webots_cloud_core::ports::{
    Confined, Confinement, FetchedProject, Network, PortError, Sandbox, StopPlan, fetch_fn,
    probe_fn,
};
use webots_cloud_core::protocol::client::{Init, encode_init};
use webots_cloud_core::protocol::instance::Dialect;
use webots_cloud_core::simulation::SimulationPorts;
use webots_cloud_core::testing::fakes::{FakeLauncher, MemoryFiles, Script};

/// Runs instances under `prlimit`.
#[derive(Clone, Copy, Debug)]
pub struct Prlimit;

impl Sandbox for Prlimit {
    fn name(&self) -> &str {
        "prlimit"
    }

    fn confine(&self, confinement: Confinement) -> Result<Confined, PortError> {
        let limits = confinement.limits;
        // Not `nproc`: the kernel counts all processes of the user, those of the server as well. And
        // `fsize` is of one file, which is at most what the whole workspace may hold.
        let options = [
            ("nofile", limits.open_files),
            ("cpu", limits.cpu.map(|time| time.as_secs())),
            ("fsize", limits.disk),
            ("core", Some(0)),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("--{name}={value}")));
        // `--`, so that nothing of the instance's is taken for an option of ours.
        let options = options.chain(["--".to_owned()]);
        Ok(Confined {
            command: confinement.command.wrapped_in("/usr/bin/prlimit", options),
            // prlimit becomes what it runs, so there is no process of its own to be asked.
            stop: StopPlan::SignalTree,
            network: Network::Host,
        })
    }
}

/// Plays one session; the value is the command line of the instance.
///
/// # Errors
/// Whatever goes wrong.
pub async fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let text =
        r#"{ "sandbox": "none", "monitorLogEnabled": false, "limits": { "openFiles": 256 } }"#;
    let mut config = config::simulation(text, &ThisMachine::for_file(None))?.config;
    config.port = 0;
    config.webots.dialect = Some(Dialect::Modern);
    let files = Arc::<MemoryFiles>::default();
    let launcher = Arc::new(FakeLauncher::new(files, |_| Ok(Script::ready("."))));
    let ports = SimulationPorts {
        probe: probe_fn(|| Ok(LoadSample::of(Load::IDLE))),
        fetcher: fetch_fn(|_request, _workspace| {
            Ok(FetchedProject {
                folder: String::new(),
                world: "worlds/simple.wbt".to_owned(),
            })
        }),
        sandbox: Arc::new(Prlimit),
        launcher: launcher.clone(),
        notifier: Arc::new(LogNotifier),
    };
    let server = SimulationServer::with_ports(&config, ports)?;

    let url = format!("ws://localhost:{}/client", server.port());
    let mut client = ClientSocket::open(&url).await?;
    let init = Init {
        host: "https://example.org".to_owned(),
        project: "simple".to_owned(),
        world: "simple.wbt".to_owned(),
        ..Init::default()
    };
    client.send(encode_init(&init)).await?;
    let is_address = |text: &str| text.starts_with("webots:");
    let limit = Duration::from_secs(10);
    let address = client.expect("an address", limit, is_address).await?;
    println!("the browser is sent to {address}");
    client.close().await?;
    server.shut_down().await;

    let launches = launcher.launches();
    let command = &launches
        .first()
        .ok_or("nothing was launched")?
        .command
        .command;
    Ok([&command.program]
        .into_iter()
        .chain(&command.arguments)
        .cloned()
        .collect())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run().await?.join(" "));
    Ok(())
}
