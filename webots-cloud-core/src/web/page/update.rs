//! What an open page asks for again and again: its `main`, and the rows that its graphs lack.

use std::time::Duration;

use serde::Serialize;

use crate::simulation::MonitorRow;

/// `/monitor.json`.
#[derive(Debug, Serialize)]
struct Update<'a> {
    /// Milliseconds since the server's start: less than before is another start.
    uptime: u64,
    /// The page's `main`, as HTML.
    main: &'a str,
    /// Rows for the graphs, oldest first.
    rows: Vec<Row>,
}

/// Milliseconds since the server's start, the load, and the columns of `monitor.csv` (W2.15) after
/// its time.
#[derive(Debug, Serialize)]
struct Row(u64, f64, [f64; 11]);

pub(super) fn update(uptime: Duration, main: &str, rows: &[MonitorRow]) -> String {
    let update = Update {
        uptime: whole_milliseconds(uptime),
        main,
        rows: rows.iter().map(row).collect(),
    };
    // Numbers and text cannot fail to be JSON.
    serde_json::to_string(&update).unwrap_or_default()
}

/// When a row was measured, in the page's measure.
pub(in crate::web) fn milliseconds(row: &MonitorRow) -> u64 {
    whole_milliseconds(row.at.since_start())
}

fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn row(row: &MonitorRow) -> Row {
    let parts = &row.parts;
    let columns = [
        f64::from(row.running),
        f64::from(row.idle),
        parts.cpu,
        parts.memory,
        parts.gpu_compute,
        parts.gpu_memory_load,
        parts.gpu_memory,
        parts.swap,
        parts.disk,
        parts.network_sent,
        parts.network_received,
    ];
    Row(milliseconds(row), short(row.load), columns.map(short))
}

/// Three decimals are more than a graph shows. What is no number is 0, as in `monitor.csv`.
fn short(figure: f64) -> f64 {
    if figure.is_finite() {
        (figure * 1000.0).round() / 1000.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::LoadParts;
    use crate::time::Timestamp;

    #[test]
    fn rows_are_short_and_have_the_columns_of_monitor_csv() {
        let one = MonitorRow {
            at: Timestamp::from_start(Duration::from_millis(1500)),
            running: 3,
            load: 12.345_678,
            parts: LoadParts {
                cpu: f64::NAN,
                network_received: 0.1,
                ..LoadParts::default()
            },
            ..MonitorRow::default()
        };
        let text = update(Duration::from_secs(2), "<b>", &[one]);
        assert_eq!(
            text,
            "{\"uptime\":2000,\"main\":\"<b>\",\"rows\":[[1500,12.346,\
             [3.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.1]]]}"
        );
    }
}
