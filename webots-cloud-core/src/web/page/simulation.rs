//! The monitor page of the simulation server.

use std::fmt::Write as _;

use super::gpus::gpus;
use super::graph::graph;
use super::{age, page};
use crate::simulation::MonitorRow;
use crate::web::escape::Escaped;
use crate::web::view::{InstanceView, SimulationSite, SimulationView};

impl SimulationView {
    /// The monitor page (W2.16).
    pub(in crate::web) fn page(&self, site: &SimulationSite) -> String {
        let title = site.title.as_deref().unwrap_or("Webots simulation server");
        let paragraph = |text: &String| format!("<p>{}</p>\n", Escaped(text));
        let mut rows: String = self.instances.iter().map(InstanceView::row).collect();
        if rows.is_empty() {
            rows = "<tr><td colspan=\"5\" class=\"mild\">none at the moment</td></tr>".to_owned();
        }
        let main = format!(
            "<h1>{heading}</h1>\n{description}\
             <p class=\"mild\">{host} &middot; sandbox: {sandbox} &middot; running for {uptime}\
             </p>\n<div class=\"cards\">{cards}</div>\n\
             <h2>Simulations ({taken} of {slots} slots)</h2>\n\
             <div class=\"scroll\"><table><tr><th>simulation</th><th>state</th>\
             <th class=\"number\">age</th><th class=\"number\">port</th><th>activity</th></tr>\n\
             {rows}</table></div>\n\
             <h2>GPUs</h2>\n{gpus}\
             <h2>The last ten minutes</h2>\n<div class=\"graphs\">\n{graphs}</div>\n",
            heading = Escaped(title),
            description = site
                .description
                .as_ref()
                .map_or_else(String::new, paragraph),
            host = Escaped(&site.host),
            sandbox = Escaped(&site.sandbox),
            uptime = age(self.uptime),
            cards = self.cards(),
            taken = usize::from(self.slots).saturating_sub(self.free_slots),
            slots = self.slots,
            gpus = gpus(&self.gpus),
            graphs = self.graphs(),
        );
        page(title, &main)
    }

    fn cards(&self) -> String {
        let parts = &self.parts;
        let figures = [
            ("load", self.load.percent(), "%"),
            ("CPU", parts.cpu, "%"),
            ("memory", parts.memory, "%"),
            ("GPU", parts.gpu_compute, "%"),
            ("GPU memory", parts.gpu_memory, "%"),
            ("network sent", parts.network_sent, "MB/s"),
            ("network received", parts.network_received, "MB/s"),
        ];
        let card = |(name, value, unit): &(&str, f64, &str)| {
            format!("<div class=\"card\"><b>{value:.1} {unit}</b>{name}</div>")
        };
        figures.iter().map(card).collect()
    }

    /// The load, and one graph for each column of `monitor.csv` (W2.15).
    fn graphs(&self) -> String {
        type Column = (&'static str, &'static str, f64, fn(&MonitorRow) -> f64);
        let columns: [Column; 12] = [
            ("Load", "%", 100.0, |row| row.load),
            ("Webots running", "", 1.0, |row| f64::from(row.running)),
            ("Webots idle", "", 1.0, |row| f64::from(row.idle)),
            ("CPU load", "%", 100.0, |row| row.parts.cpu),
            ("CPU memory", "%", 100.0, |row| row.parts.memory),
            ("GPU load compute", "%", 100.0, |row| row.parts.gpu_compute),
            ("GPU load memory", "%", 100.0, |row| {
                row.parts.gpu_memory_load
            }),
            ("GPU memory", "%", 100.0, |row| row.parts.gpu_memory),
            ("Swap", "%", 100.0, |row| row.parts.swap),
            ("Disk", "%", 100.0, |row| row.parts.disk),
            ("Network sent", "MB/s", 1.0, |row| row.parts.network_sent),
            ("Network received", "MB/s", 1.0, |row| {
                row.parts.network_received
            }),
        ];
        let draw = |(name, unit, top, value): Column| {
            let values: Vec<f64> = self.history.iter().map(value).collect();
            graph(name, unit, top, &values)
        };
        columns.into_iter().map(draw).collect()
    }
}

impl InstanceView {
    fn row(&self) -> String {
        let mut row = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            row,
            "<tr><td>{project}</td><td>{state}</td><td class=\"number\">{age}</td>\
             <td class=\"number\">{port}</td><td>{activity}</td></tr>",
            project = Escaped(&self.project),
            state = self.state(),
            age = age(self.age),
            port = self.port.map_or_else(String::new, |port| port.to_string()),
            activity = if self.idle { "idle" } else { "running" },
        );
        row
    }
}
