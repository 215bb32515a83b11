//! The book says what the code does: its table of configuration keys is made of the code's own.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fmt::Write as _;
use std::path::Path;

use webots_cloud_core::config::{KEYS, Key, Server};

const HEAD: &str = "# Configuration

One JSON object a server. All keys of the Python servers are accepted; unknown ones are a warning with
the nearest known one, and everything that is wrong is reported at once, with exit code 78. `--check` prints
what is in effect, and `webots-cloud check FILE…` checks files of all kinds.

- `~`, `$VAR` and `${VAR}` are expanded in paths; relative paths are relative to the file's folder.
- Durations are numbers of seconds, with fractions. Sizes are numbers of bytes, or texts like `\"512 MiB\"`.
- `null` is as good as leaving a key out, except in `limits`, where it is \"no limit\".
";

const TAIL: &str = "
## Coming from the Python servers

- `ssl` and `portRewrite` default to what the TLS files say and to false; the servers of 2022 and later took
  both for true where they were left out. `--check` prints what addresses will look like.
- `logDir` is the parent of `session/` and `simulation/`.
- A `timeout` below 360 is meant as said.
- [All keys, one by one](migrate.md).
";

fn table(server: Server) -> String {
    let mut text = format!(
        "\n## The {}\n\n| key | allowed | default | |\n|---|---|---|---|\n",
        server.name()
    );
    let of_server = |key: &&Key| key.servers.contains(&server) && key.used;
    for key in KEYS.iter().filter(of_server) {
        let default = if key.default.is_empty() {
            String::new()
        } else {
            key.default.replace('|', "\\|")
        };
        writeln!(
            text,
            "| `{}` | {} | {default} | {} |",
            key.name,
            key.allowed.replace('|', "\\|"),
            key.doc
        )
        .unwrap();
    }
    text
}

#[test]
fn the_books_configuration_page_is_what_the_code_knows() {
    let page = [Server::Session, Server::Simulation, Server::Website]
        .map(table)
        .concat();
    let page = format!("{HEAD}{page}{TAIL}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/configuration.md");
    if std::env::var_os("WEBOTS_CLOUD_WRITE_BOOK").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page,
        "docs/src/configuration.md is not up to date: run this test with WEBOTS_CLOUD_WRITE_BOOK=1"
    );
}
