//! A report for people.

use std::fmt;

use super::answer::Found;
use super::report::{Report, Row, Verdict};

const HEAD: [&str; 4] = ["attempt", "expected", "found", "detail"];

impl fmt::Display for Report {
    /// A line for each attempt. Those that are not as they should be end their third column with
    /// `!`, or `!!` where the sandbox cannot be used for that.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.rows.iter().map(cells));
        let width = |column: usize| lines.iter().map(|line| line[column].len()).max();
        let widths = [0, 1, 2].map(|column| width(column).unwrap_or_default());
        for [attempt, expected, found, detail] in &lines {
            let line = format!(
                "{attempt:0$}  {expected:1$}  {found:2$}  {detail}",
                widths[0], widths[1], widths[2]
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn cells(row: &Row) -> [String; 4] {
    let found = match row.found {
        Found::Could => "could",
        Found::CouldNot => "could not",
        Found::NothingToTry => "nothing to try",
        Found::Unknown => "unknown",
    };
    let mark = match row.verdict {
        Verdict::Right => "",
        Verdict::Weak => " !",
        Verdict::Wrong => " !!",
    };
    [
        row.attempt.to_owned(),
        row.expected.to_owned(),
        format!("{found}{mark}"),
        row.detail.clone(),
    ]
}
