//! The monitor pages: complete without any other host, dark and light, up to date, and of use without
//! a script too. An open page asks for an update every two seconds: its `main`, drawn anew, and rows
//! for its graphs.

mod figures;
mod gpus;
mod session;
mod simulation;
mod update;

use crate::web::escape::Escaped;

pub(super) use update::milliseconds;

/// `/monitor.css`.
pub(super) const STYLE: &str = include_str!("page.css");

/// `/monitor.js`.
pub(super) const SCRIPT: &str = concat!(
    include_str!("table.js"),
    include_str!("graph.js"),
    include_str!("live.js")
);

/// A whole page. `main` is HTML, `title` is text.
fn page(title: &str, main: &str) -> String {
    format!(
        include_str!("page.html"),
        title = Escaped(title),
        main = main
    )
}
