//! The frame of the monitor pages: complete without any other host, dark and light, up to date.

mod gpus;
mod graph;
mod session;
mod simulation;

use std::time::Duration;

use crate::web::escape::Escaped;

const STYLE: &str = include_str!("page.css");

/// Takes the page's `main` from the server again every two seconds, while the page is seen.
const SCRIPT: &str = include_str!("page.js");

/// A whole page. `main` is HTML, `title` is text.
fn page(title: &str, main: &str) -> String {
    let title = Escaped(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\">\
         <noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main>\n{main}</main><script>{SCRIPT}</script></body></html>\n"
    )
}

/// A length of time for people: `12 s`, `3 min`, `5 h`, `2 d`.
fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} d", seconds / 86_400),
    }
}
