//! One table of medians, with ratios to a reference.

use std::collections::BTreeMap;

/// Those that ratios are to, the first that was measured.
const REFERENCES: [&str; 3] = ["nginx", "bare", "python"];

#[derive(Debug, Default)]
pub(crate) struct Table {
    /// In the order of their first value.
    rows: Vec<String>,
    servers: Vec<String>,
    values: BTreeMap<(String, String), Vec<f64>>,
}

impl Table {
    pub(crate) fn add(&mut self, row: &str, server: &str, value: f64) {
        for (list, name) in [(&mut self.rows, row), (&mut self.servers, server)] {
            if !list.iter().any(|known| known == name) {
                list.push(name.to_owned());
            }
        }
        let key = (row.to_owned(), server.to_owned());
        self.values.entry(key).or_default().push(value);
    }

    fn median(&self, row: &str, server: &str) -> Option<f64> {
        let mut values = self
            .values
            .get(&(row.to_owned(), server.to_owned()))?
            .clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    /// The table as Markdown; ratios to `reference`, or to the first of the usual ones in each row.
    pub(crate) fn text(&self, reference: Option<&str>) -> String {
        let mut text = format!(
            "| | {} |\n|---|{}\n",
            self.servers.join(" | "),
            "---|".repeat(self.servers.len())
        );
        for row in &self.rows {
            let usual = || {
                REFERENCES
                    .iter()
                    .copied()
                    .find(|it| self.median(row, it).is_some())
            };
            let reference = reference.or_else(usual);
            let base = reference.and_then(|it| self.median(row, it));
            let cell = |server: &String| match (self.median(row, server), base) {
                (None, _) => "-".to_owned(),
                (Some(value), Some(base)) if base > 0.0 && Some(server.as_str()) != reference => {
                    format!("{} (x {:.2})", rounded(value), value / base)
                }
                (Some(value), _) => rounded(value),
            };
            let cells: Vec<String> = self.servers.iter().map(cell).collect();
            text += &format!("| {row} | {} |\n", cells.join(" | "));
        }
        text
    }
}

/// Three digits that count.
fn rounded(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_medians_and_ratios_are_to_the_reference() {
        let mut table = Table::default();
        for value in [30.0, 10.0, 1000.0] {
            table.add("a second", "ours", value);
        }
        table.add("a second", "bare", 20.0);
        table.add("only ours", "ours", 0.5);
        let text = table.text(None);
        assert!(
            text.contains("| a second | 30.0 (x 1.50) | 20.0 |"),
            "{text}"
        );
        assert!(text.contains("| only ours | 0.50 | - |"), "{text}");
        let text = table.text(Some("ours"));
        assert!(
            text.contains("| a second | 30.0 | 20.0 (x 0.67) |"),
            "{text}"
        );
    }
}
