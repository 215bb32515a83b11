//! The monitor page of the session server.

use std::fmt::Write as _;

use super::{age, page};
use crate::load::Load;
use crate::session::Standing;
use crate::web::escape::Escaped;
use crate::web::view::{ServerView, SessionSite, SessionView};

impl SessionView {
    /// The monitor page (W1.7).
    pub(in crate::web) fn page(&self, site: &SessionSite) -> String {
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
        let main = format!(
            "<h1>Webots session server</h1>\n\
             <p class=\"mild\">{host}, running for {uptime}</p>\n\
             <p><span class=\"{class}\">{room}</span> &middot; {clients} waiting clients \
             &middot; {placed} sessions placed, {refused} refused</p>\n\
             <h2>Managing {count} simulation server{plural}</h2>\n\
             <div class=\"scroll\"><table>\
             <tr><th class=\"number\">#</th><th>simulation server</th><th>state</th>\
             <th>since</th><th class=\"number\">on their way</th><th class=\"number\">slots</th>\
             <th class=\"number\">load</th></tr>\n{rows}\
             <tr><td colspan=\"6\" class=\"number\">average:</td>\
             <td class=\"number\"><b>{mean}</b></td></tr></table></div>\n",
            host = Escaped(&site.host),
            uptime = age(self.uptime),
            clients = self.clients,
            placed = self.totals.placed,
            refused = self.totals.refused,
            mean = percent(self.load),
        );
        page("Webots session server", &main)
    }
}

fn percent(load: Option<Load>) -> String {
    load.map_or_else(
        || "N/A".to_owned(),
        |load| format!("{:.1}%", load.percent()),
    )
}

impl ServerView {
    fn row(&self, rows: &mut String, number: usize, scheme: &str) {
        let (class, state) = match self.standing {
            Standing::Unknown => ("mild", "asked"),
            Standing::Free => ("good", "free"),
            Standing::Full => ("bad", "full"),
            Standing::Silent => ("bad", "silent"),
        };
        let address = Escaped(&self.address);
        // Writing to a String cannot fail.
        let _ = writeln!(
            rows,
            "<tr><td class=\"number\">{number}</td>\
             <td><a href=\"{scheme}://{address}/monitor\">{address}</a></td>\
             <td class=\"{class}\" title=\"{trouble}\">{state}</td><td>{since}</td>\
             <td class=\"number\">{reservations}</td><td class=\"number\">{slots}</td>\
             <td class=\"number {class}\">{load}</td></tr>",
            trouble = Escaped(self.trouble.as_deref().unwrap_or_default()),
            since = age(self.since),
            reservations = self.reservations,
            slots = self
                .slots
                .map_or_else(String::new, |slots| slots.to_string()),
            load = percent(self.load),
        );
    }
}
