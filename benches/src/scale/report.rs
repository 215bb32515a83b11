//! The report: `docs/src/scale.md` and its plots.

use std::fmt::Write as _;
use std::time::Duration;

use webots_cloud::rehearse::plot::{Chart, Form};
use webots_cloud_core::load::Load;

use super::outcome::Outcome;
use super::run::play;
use super::{Arrivals, Choice, Fleet, Way};

const HEAD: &str = include_str!("head.md");
const SHOWS: &str = include_str!("shows.md");

/// A class on machines of its own: 300 come in ten seconds, to 360 places.
const CLASS: (Fleet, Arrivals) = (
    Fleet {
        hosts: 12,
        mixed: false,
        taken: (0.0, 0.0),
    },
    Arrivals::Within(300, 10_000),
);

/// The same class on the machines of everybody.
const GUESTS: (Fleet, Arrivals) = (
    Fleet {
        hosts: 1000,
        mixed: true,
        taken: (0.3, 0.8),
    },
    Arrivals::Within(300, 10_000),
);

/// A flash crowd: about as many come in a minute as there are places.
const CROWD: (Fleet, Arrivals) = (
    Fleet {
        hosts: 1000,
        mixed: true,
        taken: (0.3, 0.6),
    },
    Arrivals::Within(18_000, 60_000),
);

/// Twelve hours, 100,000 clients.
const DAY: (Fleet, Arrivals) = (
    Fleet {
        hosts: 1000,
        mixed: true,
        taken: (0.0, 0.0),
    },
    Arrivals::Day(100_000),
);

/// Lessons are played so often; their figures are sums and means.
const LESSONS: u64 = 20;

/// A part of the report, with its plots by name.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Markdown.
    pub text: String,
    /// File names below `scale/`, and SVG.
    pub plots: Vec<(&'static str, String)>,
}

/// The whole report. Takes a minute in a release build.
pub fn whole() -> Vec<Section> {
    let fixed = |text: &str| Section {
        text: text.to_owned(),
        plots: Vec::new(),
    };
    vec![
        fixed(HEAD),
        fixed(SHOWS),
        class(),
        guests(),
        crowd(),
        refresh(),
        cost(),
        servers(),
        day(),
    ]
}

/// The parts that take a second even in a debug build.
pub fn short() -> Vec<Section> {
    vec![class(), guests()]
}

const TABLE: &str = "| | started | no place anywhere | refused although there was one | of these, by the session server | \
                     least load | greatest | deviation |\n|---|---|---|---|---|---|---|---|\n";

fn row(name: &str, outcome: &Outcome) -> String {
    format!(
        "| {name} | {} | {} | {} ({:.1} %) | {} | {:.1} | {:.1} | {:.2} |\n",
        outcome.started,
        outcome.no_place,
        outcome.kept_out + outcome.misled,
        outcome.wronged(),
        outcome.kept_out,
        outcome.mean(|look| look.least),
        outcome.mean(|look| look.most),
        outcome.mean(|look| look.spread),
    )
}

fn class() -> Section {
    let mut text = format!(
        "\n## A class on machines of its own\n\n12 servers with 30 slots, idle; 300 come in ten seconds. The sum of {LESSONS} such \
         lessons; loads in percent, two seconds after the last arrival.\n\n{TABLE}"
    );
    let mut chart = Chart::new(
        "Sessions sent to each server, one lesson",
        "server",
        "sessions",
    );
    for choice in Choice::ALL {
        let outcome = play(CLASS.0, CLASS.1, Way::of(choice), LESSONS);
        text += &row(choice.name(), &outcome);
        let sent = outcome.sent.iter().enumerate();
        let sent = sent.map(|(host, sent)| ((host + 1) as f64, f64::from(*sent)));
        chart = chart.with(choice.name(), Form::Line, sent.collect());
    }
    text += "\n![Sessions sent to each server](scale/class.svg)\n";
    Section {
        text,
        plots: vec![("class.svg", chart.svg())],
    }
}

fn guests() -> Section {
    let mut text = format!(
        "\n## The same class on the machines of everybody\n\n1,000 servers, half with 20 slots and half with 40, of which 30 to 80 % are taken; \
         {LESSONS} lessons.\n\n{TABLE}"
    );
    for choice in Choice::ALL {
        text += &row(
            choice.name(),
            &play(GUESTS.0, GUESTS.1, Way::of(choice), LESSONS),
        );
    }
    Section {
        text,
        plots: Vec::new(),
    }
}

fn crowd() -> Section {
    let mut text = format!(
        "\n## A flash crowd\n\n1,000 servers as before, 30 to 60 % taken: some 17,000 places are free, and a thousand more soon; of \
         100,000 clients who wait 18,000 come within a minute.\n\n{TABLE}"
    );
    let mut changes = 0;
    for choice in Choice::ALL {
        let outcome = play(CROWD.0, CROWD.1, Way::of(choice), 1);
        text += &row(choice.name(), &outcome);
        if choice == Choice::LeastExpected {
            changes = outcome.changes;
        }
    }
    let _ = writeln!(
        text,
        "\nWith the default, availability changed {} times while they came; each change is 100,000 frames.",
        changes.saturating_sub(1)
    );
    Section {
        text,
        plots: Vec::new(),
    }
}

/// A table and a plot of those who were refused although there was a place, for each way and value.
fn sweep(
    (title, axis, files): (&str, &str, [&'static str; 2]),
    values: &[f64],
    rows: &[(&str, Choice)],
    way: impl Fn(Choice, f64) -> Way,
) -> Section {
    let mut text = String::new();
    let mut plots = Vec::new();
    let scenarios = [
        ("A class on machines of its own", CLASS, LESSONS),
        ("A flash crowd", CROWD, 1),
    ];
    for ((name, (fleet, arrivals), runs), file) in scenarios.into_iter().zip(files) {
        let _ = write!(text, "\n{name}:\n\n| {axis} |");
        for value in values {
            let _ = write!(text, " {value} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(values.len()));
        let mut chart = Chart::new(&format!("{name}: {title}"), axis, "% refused");
        for (row, choice) in rows {
            let _ = write!(text, "| {row} |");
            let mut points = Vec::new();
            for value in values {
                let outcome = play(fleet, arrivals, way(*choice, *value), runs);
                let _ = write!(
                    text,
                    " {:.1} % / {:.1} |",
                    outcome.wronged(),
                    outcome.mean(|look| look.spread)
                );
                points.push((*value, outcome.wronged()));
            }
            text.push('\n');
            chart = chart.with(row, Form::Line, points);
        }
        let _ = writeln!(text, "\n![{name}: {title}](scale/{file})");
        plots.push((file, chart.svg()));
    }
    Section { text, plots }
}

const EACH: &str =
    "refused although there was a place, and the deviation of the loads, percentage points";

fn choices() -> Vec<(&'static str, Choice)> {
    Choice::ALL
        .iter()
        .map(|choice| (choice.name(), *choice))
        .collect()
}

fn titled(title: &str, what: &str, section: Section) -> Section {
    Section {
        text: format!("\n## {title}\n\n{what}: {EACH}.\n{}", section.text),
        ..section
    }
}

fn refresh() -> Section {
    let about = (
        "refused although there was a place",
        "loadRefresh, s",
        ["refresh-class.svg", "refresh-crowd.svg"],
    );
    let section = sweep(
        about,
        &[1.0, 2.0, 5.0, 10.0],
        &choices(),
        |choice, seconds| Way {
            refresh: Duration::from_secs_f64(seconds),
            ..Way::of(choice)
        },
    );
    titled(
        "The age of samples",
        "`loadRefresh` from 1 to 10 s",
        section,
    )
}

fn cost() -> Section {
    let about = (
        "refused although there was a place",
        "sessionCost, percent",
        ["cost-class.svg", "cost-crowd.svg"],
    );
    let rows = [
        (Choice::LeastExpected.name(), Choice::LeastExpected),
        (Choice::BestOfTwo.name(), Choice::BestOfTwo),
    ];
    let costs = [0.0, 0.5, 1.0, 2.0, 3.3, 5.0, 10.0, 20.0];
    let section = sweep(about, &costs, &rows, |choice, percent| Way {
        cost: Load::from_percent(percent),
        ..Way::of(choice)
    });
    let what = "`sessionCost` from 0 to 20 % on all servers alike; the default is 100 / slots, here 2.5 to 5 %";
    titled("What a reservation counts", what, section)
}

fn servers() -> Section {
    let about = (
        "refused although there was a place",
        "session servers",
        ["servers-class.svg", "servers-crowd.svg"],
    );
    let section = sweep(about, &[1.0, 2.0, 5.0], &choices(), |choice, servers| Way {
        servers: servers as u32,
        ..Way::of(choice)
    });
    let what = "Clients are shared among session servers that do not know of each other";
    titled("Several session servers", what, section)
}

fn day() -> Section {
    let mut text = format!(
        "\n## A day\n\n1,000 servers as before, empty at 7 o'clock; 100,000 clients come until 19, most in the morning and the afternoon. The \
         loads are means of looks every ten minutes.\n\n{TABLE}"
    );
    let mut chart = Chart::new(
        "The greatest load of a server",
        "hours since 7 o'clock",
        "%",
    );
    for choice in [Choice::LeastLoad, Choice::LeastExpected, Choice::BestOfTwo] {
        let outcome = play(DAY.0, DAY.1, Way::of(choice), 1);
        text += &row(choice.name(), &outcome);
        let looks = outcome.looks.iter();
        let looks = looks.map(|look| (look.at as f64 / 3_600_000.0, look.most));
        chart = chart.with(choice.name(), Form::Line, looks.collect());
    }
    text += "\n![The greatest load of a server over the day](scale/day.svg)\n";
    Section {
        text,
        plots: vec![("day.svg", chart.svg())],
    }
}
