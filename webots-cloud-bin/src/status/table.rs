//! The table: a line a server, columns as wide as what is in them.

use std::fmt;

use super::ask::{Answer, Known};
use super::targets::Target;

const HEAD: [&str; 5] = ["SERVER", "KIND", "LOAD", "SESSIONS", "STATE"];

/// What is not known.
const UNKNOWN: &str = "-";

/// What was answered, a line a server.
#[derive(Clone, Debug)]
pub(super) struct Table {
    rows: Vec<[String; 5]>,
    all_answer: bool,
}

impl Table {
    /// Servers that a session server knows, and that were not asked themselves, stand below it.
    pub(super) fn of(targets: &[Target], answers: &[Answer]) -> Self {
        let mut table = Self {
            rows: vec![HEAD.map(str::to_owned)],
            all_answer: true,
        };
        for (target, answer) in targets.iter().zip(answers) {
            table.add(target, answer);
            let Answer::Session { knows, .. } = answer else {
                continue;
            };
            let not_asked = |known: &&Known| targets.iter().all(|it| it.address() != known.address);
            for known in knows.iter().filter(not_asked) {
                table.add_known(known);
            }
        }
        table
    }

    /// Whether every server that is there answers.
    pub(super) const fn all_answer(&self) -> bool {
        self.all_answer
    }

    fn add(&mut self, target: &Target, answer: &Answer) {
        let none = || UNKNOWN.to_owned();
        let (kind, load, sessions, state) = match answer {
            Answer::None(why) => {
                self.all_answer = false;
                (UNKNOWN, none(), none(), format!("does not answer: {why}"))
            }
            Answer::Simulation { load, slots, free } => {
                let sessions = format!("{} of {slots}", slots - free);
                let state = if *free > 0.0 { "free" } else { "full" };
                ("simulation", percent(*load), sessions, state.to_owned())
            }
            Answer::Session {
                load, available, ..
            } => {
                let state = if *available { "room" } else { "no room" };
                let load = load.map_or_else(none, percent);
                ("session", load, none(), state.to_owned())
            }
            Answer::Load(load) => (UNKNOWN, percent(*load), none(), "answers".to_owned()),
            Answer::Web => {
                let kind = if target.website { "website" } else { UNKNOWN };
                (kind, none(), none(), "answers".to_owned())
            }
        };
        let server = target.url.as_str().trim_end_matches('/').to_owned();
        self.rows
            .push([server, kind.to_owned(), load, sessions, state]);
    }

    fn add_known(&mut self, known: &Known) {
        self.all_answer &= known.up;
        let load = known.load.map_or_else(|| UNKNOWN.to_owned(), percent);
        let state = match (known.up, known.coming > 0.0) {
            (false, _) => "silent".to_owned(),
            (true, true) => format!("answers; {} on their way there", known.coming),
            (true, false) => "answers".to_owned(),
        };
        let server = format!("  {}", known.address);
        let unknown = UNKNOWN.to_owned();
        self.rows
            .push([server, "simulation".to_owned(), load, unknown, state]);
    }
}

fn percent(load: f64) -> String {
    // A session server that reaches nobody says -1.
    if load < 0.0 {
        return UNKNOWN.to_owned();
    }
    format!("{load:.1}%")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            let widths = self.rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let [server, kind, load, sessions] = [0, 1, 2, 3].map(width);
        for [a, b, c, d, state] in &self.rows {
            writeln!(
                f,
                "{a:server$}  {b:kind$}  {c:>load$}  {d:>sessions$}  {state}"
            )?;
        }
        Ok(())
    }
}
