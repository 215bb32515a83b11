//! The monitor page of the session server.

use std::fmt::Write as _;

use super::figures::{Age, Bar, Told, card, head, percent_card, tools};
use super::page;
use super::update::update;
use crate::session::Standing;
use crate::web::escape::Escaped;
use crate::web::view::{ServerView, SessionSite, SessionView};

/// The columns of the table, and their classes.
const COLUMNS: [(&str, &str); 7] = [
    ("#", "number"),
    ("server", ""),
    ("state", ""),
    ("since", "number"),
    ("load", "number"),
    ("on their way", "number"),
    ("slots", "number"),
];

const STANDINGS: [Standing; 4] = [
    Standing::Free,
    Standing::Full,
    Standing::Silent,
    Standing::Unknown,
];

impl SessionView {
    /// The monitor page (W1.7).
    pub(in crate::web) fn page(&self, site: &SessionSite) -> String {
        page("Webots session server", &self.main(site))
    }

    /// What an open page asks for.
    pub(in crate::web) fn update(&self, site: &SessionSite) -> String {
        update(self.uptime, &self.main(site), &[])
    }

    fn main(&self, site: &SessionSite) -> String {
        let scheme = if site.secure { "https" } else { "http" };
        let mut rows = String::new();
        for (number, server) in (1..).zip(&self.servers) {
            server.row(&mut rows, number, scheme);
        }
        let count = self.servers.len();
        let plural = if count == 1 { "" } else { "s" };
        let (class, room) = if self.available {
            ("good", "there is room")
        } else {
            ("bad", "there is no room")
        };
        format!(
            "<header><h1>Webots session server</h1>\
             <p class=\"pill {class}\">{room}</p>\n\
             <p class=\"mild\">{host} &middot; running for {uptime}</p></header>\n\
             <section class=\"cards\" aria-label=\"Figures\">\n{cards}</section>\n\
             <h2>Managing {count} simulation server{plural}</h2>\n{tools}\
             <table class=\"list servers\"><thead><tr>{head}</tr></thead>\n\
             <tbody>\n{rows}</tbody></table>\n",
            host = Escaped(&site.host),
            uptime = Age(self.uptime),
            cards = self.cards(),
            tools = tools("servers", &STANDINGS.map(|it| (name(it), self.count(it)))),
            head = head(&COLUMNS),
        )
    }

    fn count(&self, standing: Standing) -> usize {
        let alike = self.servers.iter().filter(|it| it.standing == standing);
        alike.count()
    }

    fn cards(&self) -> String {
        let free = self.count(Standing::Free);
        let load = match self.load {
            Some(load) => percent_card("Average load", load.percent()),
            None => card("Average load", "N/A", "<small>no server answers</small>"),
        };
        let servers = format!("<small>of {} servers</small>", self.servers.len());
        let refused = format!("<small>{} refused</small>", self.totals.refused);
        [
            load,
            card("Free", free, servers),
            card("Sessions placed", self.totals.placed, refused),
            card(
                "Waiting pages",
                self.clients,
                "<small>told of each change</small>",
            ),
        ]
        .concat()
    }
}

const fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Unknown => "asked",
        Standing::Free => "free",
        Standing::Full => "full",
        Standing::Silent => "silent",
    }
}

impl ServerView {
    fn row(&self, rows: &mut String, number: usize, scheme: &str) {
        let class = match self.standing {
            Standing::Unknown => "mild",
            Standing::Free => "good",
            Standing::Full => "warn",
            Standing::Silent => "bad",
        };
        let state = name(self.standing);
        let address = Escaped(&self.address);
        // Writing to a String cannot fail.
        let _ = write!(
            rows,
            "<tr data-key=\"{number}\" data-state=\"{state}\"><td class=\"number\">{number}</td>\
             <td><a href=\"{scheme}://{address}/monitor\">{address}</a></td>\
             <td><span class=\"pill {class}\">{state}</span>"
        );
        if let Some(trouble) = &self.trouble {
            let _ = write!(rows, "<small>{}</small>", Escaped(trouble));
        }
        let _ = write!(
            rows,
            "</td><td class=\"number\">{}</td><td class=\"number\">",
            Age(self.since)
        );
        let _ = match self.load.map(|load| load.percent()) {
            Some(percent) => write!(rows, "{}{percent:.1}%", Bar(percent)),
            None => write!(rows, "N/A"),
        };
        let _ = writeln!(
            rows,
            "</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            self.reservations,
            Told(self.slots),
        );
    }
}
