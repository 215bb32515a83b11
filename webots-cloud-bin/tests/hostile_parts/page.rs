//! The book's page of hostile controllers.

use std::fmt::Write as _;
use std::path::Path;

use super::attack::Outcome;
use super::table;

const HEAD: &str = "# Hostile controllers

Controllers are programs of strangers. These are the attacks that the tests make, each as a real
controller (`webots-cloud-bin/tests/hostile_controllers`) in a session of a real simulation server with
the [stand-in](standin.md), beside a neighbour's session. The table is made of what the test
(`cargo test -p webots-cloud --test hostile`) expects.

After *every* attack the test looks that the neighbour's simulation and the server still answer, and,
when the client has left, that no process, workspace or slot is lost, that files outside the
workspace are as they were, and that the log holds no control characters. \"**reached**\" is what an
attack gets; so much for `\"sandbox\": \"none\"`, which is for operators who run only their own projects.
";

const TAIL: &str = "
The limits in the test: 512 MiB of memory, 64 processes, 64 MiB on disk, 5000 files, 256 open files of a process.
";

fn words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Stopped(by) => by.to_owned(),
        Outcome::Reached("") => "**reached**".to_owned(),
        Outcome::Reached(why) => format!("**reached**: {why}"),
        Outcome::ReachedByRoot => {
            "**reached** if the server is root, else as its user's rights are".to_owned()
        }
        Outcome::Depends(on) => format!("depends on {on}"),
        Outcome::NotTried => "not tried: nothing would stop it".to_owned(),
    }
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    for (title, attacks) in table::CHAPTERS {
        let columns =
            "| attack | what it tried | bubblewrap | firejail | none |\n|---|---|---|---|---|";
        writeln!(text, "\n## {title}\n\n{columns}").unwrap();
        for attack in *attacks {
            writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                attack.program,
                attack.tries,
                words(attack.bubblewrap),
                words(attack.firejail),
                words(attack.none),
            )
            .unwrap();
        }
    }
    text + TAIL
}

pub(crate) fn is_up_to_date() {
    let page = page();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/hostile.md");
    if std::env::var_os("WEBOTS_CLOUD_WRITE_BOOK").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page,
        "docs/src/hostile.md is not up to date: run this test with WEBOTS_CLOUD_WRITE_BOOK=1"
    );
}
