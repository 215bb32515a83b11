//! The demo's servers, all in this process.

use webots_cloud_core::config;

use super::DemoArguments;
use super::config::{Folders, InstalledWebots, SLOTS, checked};
use super::site::{Servers, Site};
use crate::serve::Door;
use crate::session_server::{OpenSessionServer, SessionServer};
use crate::simulation_server::SimulationServer;
use crate::website_host::WebsiteServer;
use crate::{StartError, main_loop};

/// All servers of a demo.
#[derive(Debug)]
pub(super) struct DemoServers {
    pub(super) folders: Folders,
    pub(super) simulation: SimulationServer,
    pub(super) session: OpenSessionServer,
    pub(super) website: WebsiteServer,
    notes: Vec<String>,
}

impl DemoServers {
    /// Starts them, simulation server first, as the specification says.
    pub(super) async fn start(
        arguments: &DemoArguments,
        website_port: u16,
        site: &Site,
    ) -> Result<Self, StartError> {
        let folder = |source: std::io::Error| StartError::Part {
            key: "demo",
            what: "the demo's folders cannot be made".to_owned(),
            source: Some(source.into()),
        };
        let folders = Folders::make(arguments.projects.as_deref()).map_err(folder)?;
        let webots = InstalledWebots::find().map_err(folder)?;
        let mut notes = vec![match &webots {
            InstalledWebots::Real(home) => format!("Webots in {} simulates", home.display()),
            InstalledWebots::StandIn(_) => "no Webots found: the stand-in simulates".to_owned(),
        }];
        notes.extend(site.note());
        let simulation_port = free_ports(arguments.simulation_port)?;
        let simulation = match Self::simulation(&folders, simulation_port, &webots, "auto").await {
            Ok(simulation) => simulation,
            Err(StartError::Sandbox(error)) => {
                notes.push(format!("simulations are not confined: {error}"));
                Self::simulation(&folders, simulation_port, &webots, "none").await?
            }
            Err(error) => return Err(error),
        };
        let session = folders.session(arguments.session_port, simulation.port());
        let session = SessionServer::start(&checked(&session, config::session)?)?
            .open()
            .await?;
        let servers = Servers {
            session: session.port(),
            simulation: simulation.port(),
        };
        site.lay_out(&folders.site(), &servers, folders.projects())
            .map_err(folder)?;
        let website = checked(&folders.website(website_port), config::website)?;
        let website = WebsiteServer::start(&website)?;
        Ok(Self {
            folders,
            simulation,
            session,
            website,
            notes,
        })
    }

    async fn simulation(
        folders: &Folders,
        port: u16,
        webots: &InstalledWebots,
        sandbox: &str,
    ) -> Result<SimulationServer, StartError> {
        let config = folders.simulation(port, webots, sandbox);
        SimulationServer::start(&checked(&config, config::simulation)?).await
    }

    /// Says on standard output where everything is.
    pub(super) fn introduce(&self) {
        for note in &self.notes {
            println!("{note}");
        }
        main_loop::say_ready("Simulation server", self.simulation.port(), false);
        main_loop::say_ready("Session server", self.session.port(), false);
        main_loop::say_ready("Website host", self.website.port(), false);
        let port = self.website.port();
        println!("\nOpen http://localhost:{port}/ in a browser.  (Ctrl-C ends it)");
    }

    /// Every port that is open now, and those that instances may have.
    pub(super) fn ports(&self) -> Vec<u16> {
        let simulation = self.simulation.port();
        let instances = simulation..=simulation.saturating_add(SLOTS);
        [self.website.port(), self.session.port()]
            .into_iter()
            .chain(instances)
            .collect()
    }

    /// Ends all, the page first, so that nobody starts anything meanwhile.
    pub(super) async fn shut_down(self) {
        self.website.shut_down().await;
        self.session.shut_down().await;
        self.simulation.shut_down().await;
    }
}

/// A port with enough free ones after it for the instances: the one given, or one that is found.
fn free_ports(port: u16) -> Result<u16, StartError> {
    if port != 0 {
        return Ok(port);
    }
    let mut tried = Ok(0);
    for _ in 0..50 {
        let door = Door::take(0).map_err(StartError::port(0))?;
        let first = door.port();
        drop(door);
        let Some(last) = first.checked_add(SLOTS) else {
            continue;
        };
        tried = (first..=last)
            .try_for_each(|port| Door::take(port).map(drop))
            .map(|()| first);
        if tried.is_ok() {
            break;
        }
    }
    tried.map_err(StartError::port(0))
}
