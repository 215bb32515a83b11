//! Subjects and texts of mails, as the Python servers had them (W1.6).

use std::fmt::Write as _;
use std::time::Duration;

use webots_cloud_core::load::Load;
use webots_cloud_core::ports::Notice;
use webots_cloud_core::protocol::text::{Lines, presentable};

use super::damping::{About, Event, Summary, Word};

/// The most characters of a reason.
const REASON: usize = 500;

/// One mail, without addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) text: String,
}

impl Letter {
    /// `monitor` is the address that the administrator is sent to.
    pub(super) fn of(word: &Word, monitor: &str) -> Self {
        let (subject, core) = match word {
            Word::One(notice) => (subject(notice), sentence(notice)),
            Word::Many(summary) => (repeated(&summary.about), summary_of(summary)),
        };
        let text = format!("Hello,\n\n{core}\nCheck it at {monitor}\n\n-Simulation Server");
        Self { subject, text }
    }
}

const fn subject(notice: &Notice) -> &'static str {
    match notice {
        Notice::ServerSilent { .. } => "Simulation server not responding",
        Notice::ServerBack { .. } => "Simulation server working again",
        Notice::ServerFull { .. } => "Simulation server reached maximum load",
        Notice::ServerFree { .. } => "Simulation server available again",
        Notice::InstanceStuck { .. } => "Simulation cannot be ended",
        Notice::WorkspaceLeft { .. } => "Folder of a simulation left behind",
    }
}

const fn repeated(about: &About) -> &'static str {
    match about {
        About::Server(_) => "Simulation server keeps changing",
        About::Instances => "Simulations keep leaving something behind",
    }
}

/// `99.0` instead of `99`, as Python writes a number.
fn shown(load: Load) -> String {
    format!("{:?}", load.percent())
}

fn sentence(notice: &Notice) -> String {
    match notice {
        Notice::ServerSilent { server, .. } => format!(
            "{server} simulation server may be down, as it is not responding to the requests of \
             the session server..."
        ),
        Notice::ServerBack { server, load } => {
            let load = shown(*load);
            format!("{server} simulation server is up and running again (load = {load}%).")
        }
        Notice::ServerFull { server, load } => {
            let load = shown(*load);
            format!("{server} simulation server has reached maximum load ({load}%).")
        }
        Notice::ServerFree { server, load } => {
            let load = shown(*load);
            format!("{server} simulation server is available again (load = {load}%).")
        }
        Notice::InstanceStuck { instance } => format!(
            "The processes of {instance} cannot be ended, so its place stays taken until they are \
             gone."
        ),
        Notice::WorkspaceLeft { instance, reason } => {
            let reason = presentable(reason, REASON, Lines::Join);
            format!(
                "The folder of {instance} could not be removed ({reason}). The next start of the \
                 simulation server will try again."
            )
        }
    }
}

fn summary_of(summary: &Summary) -> String {
    let whom = match &summary.about {
        About::Server(server) => format!("{server} simulation server"),
        About::Instances => "This simulation server".to_owned(),
    };
    let mut text = format!(
        "{whom} in the last {}, besides what was told:\n",
        lasting(summary.over)
    );
    for (event, count) in &summary.counts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- {count} x {}", kind(*event));
    }
    let _ = write!(text, "The latest: {}", sentence(&summary.last));
    text
}

const fn kind(event: Event) -> &'static str {
    match event {
        Event::Silent => "stopped responding",
        Event::Back => "up and running again",
        Event::Full => "reached maximum load",
        Event::Free => "available again",
        Event::Stuck => "a simulation that cannot be ended",
        Event::Left => "a folder that could not be removed",
    }
}

fn lasting(duration: Duration) -> String {
    match duration.as_secs() {
        1 => "second".to_owned(),
        seconds @ 0..=119 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use webots_cloud_core::id::InstanceId;

    use super::*;
    use crate::adapters::notifier::damping::Counts;

    const MONITOR: &str = "http://localhost:1999/monitor";

    #[test]
    fn the_four_of_the_reference_byte_for_byte() {
        let server = || "host:2000".to_owned();
        let load = Load::from_percent(99.0).expect("a load");
        let reason = "connection refused".to_owned();
        let cases = [
            (
                Notice::ServerSilent {
                    server: server(),
                    reason,
                },
                "Simulation server not responding",
                "host:2000 simulation server may be down, as it is not responding to the requests \
                 of the session server...",
            ),
            (
                Notice::ServerBack {
                    server: server(),
                    load,
                },
                "Simulation server working again",
                "host:2000 simulation server is up and running again (load = 99.0%).",
            ),
            (
                Notice::ServerFull {
                    server: server(),
                    load,
                },
                "Simulation server reached maximum load",
                "host:2000 simulation server has reached maximum load (99.0%).",
            ),
            (
                Notice::ServerFree {
                    server: server(),
                    load,
                },
                "Simulation server available again",
                "host:2000 simulation server is available again (load = 99.0%).",
            ),
        ];
        for (notice, subject, core) in cases {
            let letter = Letter::of(&Word::One(notice), MONITOR);
            assert_eq!(letter.subject, subject);
            let expected = format!(
                "Hello,\n\n{core}\nCheck it at http://localhost:1999/monitor\n\n-Simulation Server"
            );
            assert_eq!(letter.text, expected);
        }
    }

    #[test]
    fn a_summary_says_how_often_and_how_it_is_now() {
        let last = Notice::ServerBack {
            server: "host:2000".to_owned(),
            load: Load::from_percent(12.5).expect("a load"),
        };
        let summary = Summary {
            about: About::Server("host:2000".to_owned()),
            over: Duration::from_secs(600),
            counts: Counts::from([(Event::Silent, 3), (Event::Back, 4)]),
            last,
        };
        let letter = Letter::of(&Word::Many(summary), MONITOR);
        assert_eq!(letter.subject, "Simulation server keeps changing");
        let core = "host:2000 simulation server in the last 10 minutes, besides what was told:\n\
                    - 3 x stopped responding\n\
                    - 4 x up and running again\n\
                    The latest: host:2000 simulation server is up and running again (load = 12.5%).";
        assert!(letter.text.contains(core), "{}", letter.text);
    }

    #[test]
    fn a_reason_cannot_write_the_mail() {
        let reason = format!("\r\n.\r\nBcc: all@example.org\0{}", "x".repeat(10_000));
        let notice = Notice::WorkspaceLeft {
            instance: InstanceId(1),
            reason,
        };
        let text = Letter::of(&Word::One(notice), MONITOR).text;
        assert!(text.len() < 1000 && text.lines().count() == 6, "{text}");
    }
}
