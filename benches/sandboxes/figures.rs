//! Distributions, and tables of them.

use std::time::Duration;

/// What was measured of one form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The least value that so many percent of the samples do not exceed; 0 is the least of all.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// Rows of `min`, `p50`, `p99`, and how the median compares with that of the first row.
pub(crate) fn print_against_first(what: &str, rows: &[(String, Samples)]) {
    let Some((_, first)) = rows.first() else {
        return;
    };
    let bare = first.percentile(50);
    println!("\n{what}, ms, {} times\n", first.count());
    println!("| | min | p50 | p99 | more than bare | times bare |");
    println!("|---|---|---|---|---|---|");
    for (form, samples) in rows {
        let [min, p50, p99] = [0, 50, 99].map(|percent| samples.percentile(percent));
        println!(
            "| {form} | {} | {} | {} | {} | {:.1} |",
            millis(min),
            millis(p50),
            millis(p99),
            millis(p50.saturating_sub(bare)),
            p50.as_secs_f64() / bare.as_secs_f64(),
        );
    }
}

/// Rows of `p50`, `p99` and `max`.
pub(crate) fn print(what: &str, rows: &[(String, Samples)]) {
    println!("\n{what}, ms\n");
    println!("| | sessions | p50 | p99 | max |");
    println!("|---|---|---|---|---|");
    for (form, samples) in rows {
        let [p50, p99, max] = [50, 99, 100].map(|percent| millis(samples.percentile(percent)));
        println!("| {form} | {} | {p50} | {p99} | {max} |", samples.count());
    }
}
