//! Figures for people.

use std::fmt;
use std::time::Duration;

use crate::web::escape::Escaped;

/// What is not known.
pub(super) const UNTOLD: &str = "&ndash;";

/// A length of time: `12 s`, `3 min`, `5 h`, `2 d`.
pub(super) struct Age(pub(super) Duration);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..120 => write!(f, "{seconds} s"),
            120..7_200 => write!(f, "{} min", seconds / 60),
            7_200..172_800 => write!(f, "{} h", seconds / 3_600),
            172_800.. => write!(f, "{} d", seconds / 86_400),
        }
    }
}

/// Bytes: `12 MiB`, `3.4 GiB`.
pub(super) struct Bytes(pub(super) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MEBI: u64 = 1 << 20;
        let mebibytes = self.0 / MEBI + u64::from(self.0 % MEBI >= MEBI / 2);
        if mebibytes < 1000 {
            return write!(f, "{mebibytes} MiB");
        }
        let tenths = (mebibytes * 10 + 512) / 1024;
        write!(f, "{}.{} GiB", tenths / 10, tenths % 10)
    }
}

/// Something that may not be known.
pub(super) struct Told<T>(pub(super) Option<T>);

impl<T: fmt::Display> fmt::Display for Told<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(figure) => figure.fmt(f),
            None => f.write_str(UNTOLD),
        }
    }
}

/// A bar for a percentage.
pub(super) struct Bar(pub(super) f64);

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = whole(self.0.clamp(0.0, 100.0));
        let class = match width {
            95.. => "bad",
            75.. => "warn",
            _ => "good",
        };
        write!(
            f,
            "<svg class=\"bar {class}\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\"><rect width=\"{width}\" height=\"1\"/></svg>"
        )
    }
}

/// A percentage without decimals.
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", whole(self.0))
    }
}

/// The nearest whole number; much cheaper to write than a fraction, and there are many.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and what is no number is 0"
)]
fn whole(figure: f64) -> u64 {
    figure.round() as u64
}

/// One of the large figures on top. The values are HTML.
pub(super) fn card(name: &str, figure: impl fmt::Display, below: impl fmt::Display) -> String {
    let name = Escaped(name);
    format!("<div class=\"card\"><h3>{name}</h3><b>{figure}</b>{below}</div>\n")
}

/// The same for a percentage.
pub(super) fn percent_card(name: &str, percent: f64) -> String {
    card(name, format_args!("{percent:.1}%"), Bar(percent))
}

/// The head of a table whose rows can be sorted: each column with its class.
pub(super) fn head(columns: &[(&str, &str)]) -> String {
    let column = |(name, class): &(&str, &str)| {
        format!("<th class=\"{class}\" scope=\"col\"><button type=\"button\">{name}</button></th>")
    };
    columns.iter().map(column).collect()
}

/// What a table is searched by, with a button for each state and how many rows have it.
pub(super) fn tools(what: &str, states: &[(&str, usize)]) -> String {
    let all = states.iter().map(|(_, count)| count).sum::<usize>();
    let button = |(state, count): (&str, usize)| {
        let value = if state == "all" { "" } else { state };
        format!(
            "<button type=\"button\" data-state=\"{value}\" aria-pressed=\"false\">{state} \
             <span>{count}</span></button>\n"
        )
    };
    let shown = states.iter().copied().filter(|(_, count)| *count > 0);
    let buttons: String = std::iter::once(("all", all))
        .chain(shown)
        .map(button)
        .collect();
    format!(
        "<div class=\"tools\"><input type=\"search\" placeholder=\"Filter\" \
         aria-label=\"Filter the {what}\">\n{buttons}</div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        let age = |seconds| Age(Duration::from_secs(seconds)).to_string();
        assert_eq!(
            [119, 120, 7_199, 7_200, 172_800].map(age),
            ["119 s", "2 min", "119 min", "2 h", "2 d"]
        );
        let bytes = |mebibytes: u64| Bytes(mebibytes << 20).to_string();
        assert_eq!(
            [0, 12, 999, 1000, 3584].map(bytes),
            ["0 MiB", "12 MiB", "999 MiB", "1.0 GiB", "3.5 GiB"]
        );
        assert_eq!(Told::<u8>(None).to_string(), UNTOLD);
        let percent = [-1.0, 0.5, 99.4, 250.0, f64::NAN].map(|it| Percent(it).to_string());
        assert_eq!(percent, ["0%", "1%", "99%", "250%", "0%"]);
    }

    #[test]
    fn a_bar_stays_in_its_place() {
        for (percent, part) in [
            (-1.0, "good\" "),
            (1e9, "width=\"100\""),
            (80.0, "warn"),
            (99.0, "bad"),
            (f64::NAN, "good"),
        ] {
            let bar = Bar(percent).to_string();
            assert!(bar.contains(part), "{percent}: {bar}");
        }
    }
}
