//! Misbehaviour on request, for tests of the servers that start the stand-in.

use std::path::Path;

/// The variable that names faults, separated by commas or blanks.
pub const VARIABLE: &str = "WEBOTS_STANDIN_FAULT";
/// The file in the project's folder that does, one a line: servers clear the environment.
pub const FILE: &str = "standin-fault";

/// Each fault: its word, and what it does.
pub const HELP: [(&str, &str); 7] = [
    (
        "never-ready",
        "opens no port and never says that it is ready",
    ),
    ("ignore-term", "does not end on SIGTERM or SIGINT"),
    (
        "grandchild",
        "leaves a process of its own session that ignores SIGTERM for ten minutes",
    ),
    (
        "long-line",
        "prints a line of a megabyte before anything else",
    ),
    ("die-at-start", "exits with 1 before it is ready"),
    ("die-after-ready", "exits with 1 right after it was ready"),
    ("wrong-port", "listens on another port than it was told"),
];

/// Which faults are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// `never-ready`
    pub never_ready: bool,
    /// `ignore-term`
    pub ignore_term: bool,
    /// `grandchild`
    pub grandchild: bool,
    /// `long-line`
    pub long_line: bool,
    /// `die-at-start`
    pub die_at_start: bool,
    /// `die-after-ready`
    pub die_after_ready: bool,
    /// `wrong-port`
    pub wrong_port: bool,
}

impl Faults {
    /// Adds the faults that a text names; the answer is the words that name none.
    pub fn add<'a>(&mut self, text: &'a str) -> Vec<&'a str> {
        let mut unknown = Vec::new();
        for line in text.lines().take(100) {
            let line = line.split('#').next().unwrap_or("");
            for word in line
                .split([',', ' ', '\t', '\r'])
                .filter(|word| !word.is_empty())
            {
                match word {
                    "never-ready" => self.never_ready = true,
                    "ignore-term" => self.ignore_term = true,
                    "grandchild" => self.grandchild = true,
                    "long-line" => self.long_line = true,
                    "die-at-start" => self.die_at_start = true,
                    "die-after-ready" => self.die_after_ready = true,
                    "wrong-port" => self.wrong_port = true,
                    unknown_word => unknown.push(unknown_word),
                }
            }
        }
        unknown
    }

    /// The faults of the environment and of a project; unknown words are said on stderr.
    pub async fn read(project: &Path) -> Self {
        let mut faults = Self::default();
        let variable = std::env::var(VARIABLE).unwrap_or_default();
        let file = match tokio::fs::metadata(project.join(FILE)).await {
            Ok(found) if found.is_file() && found.len() <= 4096 => {
                tokio::fs::read_to_string(project.join(FILE))
                    .await
                    .unwrap_or_default()
            }
            Ok(_) | Err(_) => String::new(),
        };
        for text in [&variable, &file] {
            for word in faults.add(text) {
                eprintln!("stand-in: unknown fault: {}", word.escape_debug());
            }
        }
        faults
    }
}

/// Ends the program by `grandchild` as a process that only SIGKILL ends, for ten minutes.
pub async fn be_a_grandchild() {
    // A session of its own: neither a killed process group nor a hang-up reaches it.
    let _ = rustix::process::setsid();
    use tokio::signal::unix::{SignalKind, signal};
    let _held = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ]
    .map(signal);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_comments() {
        let mut faults = Faults::default();
        assert_eq!(
            faults.add("wrong-port, long-line\n# ignore-term\nfoo\n"),
            ["foo"]
        );
        assert_eq!(
            faults,
            Faults {
                wrong_port: true,
                long_line: true,
                ..Faults::default()
            }
        );
        for (word, _) in HELP {
            assert!(Faults::default().add(word).is_empty(), "{word}");
        }
    }
}
