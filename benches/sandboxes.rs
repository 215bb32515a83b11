//! What each sandbox costs at the start, and how long the end of a session takes in it.
//!
//! ```sh
//! cargo bench -p webots-cloud-benches --bench sandboxes
//! cargo bench -p webots-cloud-benches --bench sandboxes -- end       # only the one half, or `start`
//! cargo bench -p webots-cloud-benches --bench sandboxes -- --test    # a few rounds only
//! ```
//!
//! This program is its own warden and its own stand-in for Webots. What is measured and how:
//! `docs/src/measurements.md`.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]

#[path = "sandboxes/end.rs"]
mod end;
#[path = "sandboxes/figures.rs"]
mod figures;
#[path = "sandboxes/forms.rs"]
mod forms;
#[path = "sandboxes/place.rs"]
mod place;
#[path = "sandboxes/start.rs"]
mod start;
#[path = "sandboxes/tree.rs"]
mod tree;

use std::error::Error;
use std::process::ExitCode;

use webots_cloud::adapters::run_if_asked;
use webots_cloud::standin;

/// A failure ends the whole.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Rounds {
    /// Starts of each form.
    starts: usize,
    /// Sessions of each form that end when asked to.
    polite: usize,
    /// Sessions of each form that do not, each of which takes more than 3 s.
    deaf: usize,
    /// Those in the last form only.
    deaf_once: bool,
}

fn main() -> ExitCode {
    run_if_asked();
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "standin") {
        return standin::main(words[1..].to_vec());
    }
    let rounds = if words.iter().any(|word| word == "--test") {
        Rounds {
            starts: 3,
            polite: 2,
            deaf: 2,
            deaf_once: true,
        }
    } else {
        Rounds {
            starts: 200,
            polite: 100,
            deaf: 100,
            deaf_once: false,
        }
    };
    let named = |part| words.iter().any(|word| word == part);
    let halves = match (named("start"), named("end")) {
        (false, false) => (true, true),
        some => some,
    };
    match measure(rounds, halves) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(rounds: Rounds, (start, end): (bool, bool)) -> Outcome<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        if start {
            start::measure(rounds.starts).await?;
        }
        if end {
            end::measure(rounds).await?;
        }
        Ok(())
    })
}
