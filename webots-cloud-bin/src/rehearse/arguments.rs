//! What is to be rehearsed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use url::Url;
use webots_cloud_core::protocol::client::{Init, ViewMode, encode_init, encode_start};

use crate::main_loop::Failed;

/// The arguments of `webots-cloud rehearse`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Exit codes: 0 every session did what it should, 1 some did not, 2 wrong arguments.

Examples:
  webots-cloud rehearse http://localhost:1999 --project simple
  webots-cloud rehearse http://lab:1999 --allow sim1 --allow sim2 --clients 300 --sessions 300 --rate 30 \\
      --host https://robots.example.org --project maze --html lesson.html
  webots-cloud rehearse http://lab:1999 --dialect start --url https://github.com/owner/robots/blob/main/worlds/a.wbt"
)]
pub struct RehearseArguments {
    /// The session server, as http://HOST:PORT
    server: String,
    /// Clients that wait on the session server to hear whether there is room
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=20_000))]
    clients: u32,
    /// Sessions in all
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=10_000))]
    sessions: u32,
    /// Sessions that arrive in a second
    #[arg(long, default_value_t = 1.0, value_parser = a_rate)]
    rate: f64,
    /// Seconds for which each simulation runs before its user leaves
    #[arg(long, default_value = "10", value_parser = seconds)]
    hold: Duration,
    /// Seconds that a simulation may take to be there
    #[arg(long, default_value = "60", value_parser = seconds)]
    start_limit: Duration,
    /// What browsers say: `init` names a project of a website (2019 to 2021), `start` a URL (2021 on)
    #[arg(long, value_enum, default_value_t = Dialect::Init)]
    dialect: Dialect,
    /// The website of the project, for `init`
    #[arg(long, default_value = "http://localhost")]
    host: String,
    /// The project, for `init`
    #[arg(long, default_value = "simple")]
    project: String,
    /// The world, for `init` [default: the project's name and .wbt]
    #[arg(long)]
    world: Option<String>,
    /// The world's URL, for `start`
    #[arg(long, required_if_eq("dialect", "start"))]
    url: Option<String>,
    /// Another host that sessions may be sent to, besides the session server's own; as it names it
    #[arg(long, value_name = "HOST")]
    allow: Vec<String>,
    /// A server's process on this machine, to look at its processor time and memory
    #[arg(long, value_name = "NAME=PID", value_parser = process)]
    pid: Vec<(String, u32)>,
    /// Write everything that was seen into this file
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Write a page with plots into this file; it needs no other
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

/// How a browser begins on `/client`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dialect {
    Init,
    Start,
}

fn a_rate(text: &str) -> Result<f64, String> {
    let rate = text
        .parse()
        .ok()
        .filter(|rate| (0.001..=1000.0).contains(rate));
    rate.ok_or_else(|| "a rate is a number from 0.001 to 1000".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (0.0..=86_400.0).contains(number));
    let number = number.ok_or_else(|| "seconds are a number from 0 to 86400".to_owned())?;
    Ok(Duration::from_secs_f64(number))
}

fn process(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=');
    let named = parts.and_then(|(name, pid)| Some((name.to_owned(), pid.parse().ok()?)));
    named.ok_or_else(|| "a process is given as NAME=PID".to_owned())
}

/// The arguments, checked.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// `HOST:PORT` of the session server.
    pub(super) server: String,
    hosts: BTreeSet<String>,
    pub(super) clients: u32,
    pub(super) sessions: u32,
    pub(super) rate: f64,
    pub(super) hold: Duration,
    pub(super) start_limit: Duration,
    /// The first frame on `/client`.
    pub(super) start: String,
    pub(super) processes: Vec<(String, u32)>,
}

impl RehearseArguments {
    /// What is to be done.
    pub(super) fn plan(&self) -> Result<Plan, Failed> {
        let wrong = || {
            let server = &self.server;
            Failed::usage(format!(
                "{server} is not http://HOST:PORT; TLS is not spoken here"
            ))
        };
        let url = Url::parse(&self.server).map_err(|_| wrong())?;
        let (Some(host), Some(port), "http", "/") = (
            url.host_str(),
            url.port_or_known_default(),
            url.scheme(),
            url.path(),
        ) else {
            return Err(wrong());
        };
        let mut hosts: BTreeSet<String> = self.allow.iter().cloned().collect();
        hosts.insert(host.to_owned());
        Ok(Plan {
            server: format!("{host}:{port}"),
            hosts,
            clients: self.clients,
            sessions: self.sessions,
            rate: self.rate,
            hold: self.hold,
            start_limit: self.start_limit,
            start: self.first_frame(),
            processes: self.pid.clone(),
        })
    }

    fn first_frame(&self) -> String {
        match (self.dialect, &self.url) {
            (Dialect::Start, Some(url)) => encode_start(url, ViewMode::Scene),
            (Dialect::Init, _) | (Dialect::Start, None) => {
                let world = self.world.clone();
                encode_init(&Init {
                    host: self.host.clone(),
                    project: self.project.clone(),
                    world: world.unwrap_or_else(|| format!("{}.wbt", self.project)),
                    ..Init::default()
                })
            }
        }
    }
}

impl Plan {
    /// Whether this address may be connected to.
    pub(super) fn allows(&self, address: &str) -> bool {
        let url = Url::parse(address).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.is_some_and(|host| self.hosts.contains(host))
    }
}
