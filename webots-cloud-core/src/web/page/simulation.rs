//! The monitor page of the simulation server.

use std::fmt::Write as _;

use super::figures::{Age, Bar, Bytes, Percent, Told, card, head, percent_card, tools};
use super::gpus::gpus;
use super::page;
use super::update::update;
use crate::web::escape::Escaped;
use crate::web::view::{InstanceView, SimulationSite, SimulationView};

/// The columns of the table, and their classes.
const COLUMNS: [(&str, &str); 9] = [
    ("project", ""),
    ("world", ""),
    ("state", ""),
    ("activity", ""),
    ("age", "number"),
    ("CPU", "number"),
    ("memory", "number"),
    ("GPU memory", "number"),
    ("port", "number"),
];

impl SimulationView {
    /// The monitor page (W2.16).
    pub(in crate::web) fn page(&self, site: &SimulationSite) -> String {
        page(title(site), &self.main(site))
    }

    /// What an open page asks for.
    pub(in crate::web) fn update(&self, site: &SimulationSite) -> String {
        update(self.uptime, &self.main(site), &self.history)
    }

    fn main(&self, site: &SimulationSite) -> String {
        let mut rows = String::new();
        for instance in &self.instances {
            instance.row(&mut rows);
        }
        if rows.is_empty() {
            rows = "<tr><td colspan=\"9\" class=\"mild\">none at the moment</td></tr>".to_owned();
        }
        let description = site
            .description
            .as_ref()
            .map_or_else(String::new, |text| format!("<p>{}</p>\n", Escaped(text)));
        let (class, room) = match self.free_slots {
            0 => ("bad", "no free slot"),
            _ => ("good", "there is room"),
        };
        format!(
            "<header><h1>{heading}</h1><p class=\"pill {class}\">{room}</p>\n{description}\
             <p class=\"mild\">{host} &middot; sandbox: {sandbox} &middot; running for {uptime}\
             </p></header>\n\
             <section class=\"cards\" aria-label=\"Figures\">\n{cards}</section>\n\
             <h2>The last ten minutes</h2>\n\
             <section class=\"graphs\" data-own><noscript>The graphs need JavaScript; \
             <code>monitor.csv</code> has the same figures.</noscript></section>\n\
             <h2>GPUs</h2>\n{gpus}\
             <h2>Simulations</h2>\n{tools}\
             <table class=\"list simulations\"><thead><tr>{head}</tr></thead>\n\
             <tbody>\n{rows}</tbody></table>\n",
            heading = Escaped(title(site)),
            host = Escaped(&site.host),
            sandbox = Escaped(&site.sandbox),
            uptime = Age(self.uptime),
            cards = self.cards(),
            gpus = gpus(&self.gpus),
            tools = tools("simulations", &self.states()),
            head = head(&COLUMNS),
        )
    }

    fn cards(&self) -> String {
        let parts = &self.parts;
        let slots = usize::from(self.slots);
        let taken = self.taken_slots;
        let share = 100.0 * count(taken) / count(slots).max(1.0);
        let (sent, received) = (parts.network_sent, parts.network_received);
        [
            percent_card("Load", self.load.percent()),
            card(
                "Slots",
                format_args!("{taken}<small> of {slots}</small>"),
                Bar(share),
            ),
            percent_card("CPU", parts.cpu),
            percent_card("Memory", parts.memory),
            percent_card("GPU", parts.gpu_compute),
            percent_card("GPU memory", parts.gpu_memory),
            card(
                "Network, MB/s",
                format_args!("<small>&uarr;</small>{sent:.1} <small>&darr;</small>{received:.1}"),
                Bar(parts.network),
            ),
        ]
        .concat()
    }
}

fn title(site: &SimulationSite) -> &str {
    site.title.as_deref().unwrap_or("Webots simulation server")
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

impl InstanceView {
    fn row(&self, rows: &mut String) {
        let state = self.state();
        let class = match state {
            "running" => "good",
            "stuck" => "bad",
            _ => "mild",
        };
        let usage = self.usage;
        // Writing to a String cannot fail.
        let _ = writeln!(
            rows,
            "<tr data-key=\"{key}\" data-state=\"{state}\"><td>{project}</td><td>{world}</td>\
             <td><span class=\"pill {class}\">{state}</span></td><td>{activity}</td>\
             <td class=\"number\">{age}</td><td class=\"number\">{cpu}</td>\
             <td class=\"number\">{memory}</td><td class=\"number\">{gpu_memory}</td>\
             <td class=\"number\">{port}</td></tr>",
            key = self.id,
            project = Escaped(&self.project.name),
            world = Escaped(&self.project.world),
            activity = if self.idle { "idle" } else { "running" },
            age = Age(self.age),
            cpu = Told(usage.map(|usage| Percent(usage.cpu))),
            memory = Told(usage.map(|usage| Bytes(usage.memory))),
            gpu_memory = Told(usage.and_then(|usage| usage.gpu_memory).map(Bytes)),
            port = Told(self.port),
        );
    }
}
