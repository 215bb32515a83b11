//! The lines of `monitor.csv` (W2.15): what Python's `str` makes of the same figures, so that scripts
//! made for the older servers read them.

use super::history::MonitorRow;

/// The first line, with its end.
pub const HEADER: &str = "Timestamp, Webots running, Webots idle, CPU load, CPU memory, \
     GPU load compute, GPU load memory, GPU memory, Swap, Disk, Network sent, Network received\n";

impl MonitorRow {
    /// This row as a line of `monitor.csv`, with its end; `time` is when it was measured, in seconds
    /// since 1970.
    pub fn csv_line(&self, time: u64) -> String {
        let parts = &self.parts;
        let fields = [
            time.to_string(),
            self.running.to_string(),
            self.idle.to_string(),
            python_float(rounded(parts.cpu, 1)),
            python_float(rounded(parts.memory, 1)),
            // The driver tells whole percents.
            format!("{:.0}", finite(parts.gpu_compute)),
            format!("{:.0}", finite(parts.gpu_memory_load)),
            gpu_memory(parts.gpu_memory),
            python_float(rounded(parts.swap, 1)),
            python_float(rounded(parts.disk, 1)),
            // Whole bytes, in MB.
            python_float(rounded(parts.network_sent, 6)),
            python_float(rounded(parts.network_received, 6)),
        ];
        fields.join(", ") + "\n"
    }
}

/// Without a GPU the older servers wrote a whole number.
fn gpu_memory(percent: f64) -> String {
    if percent > 0.0 {
        python_float(rounded(percent, 1))
    } else {
        "0".to_owned()
    }
}

/// What a part that is no number is written as is nobody's promise; a column that is none at all
/// would break a reader.
fn finite(figure: f64) -> f64 {
    if figure.is_finite() {
        figure + 0.0
    } else {
        0.0
    }
}

fn rounded(figure: f64, decimals: usize) -> f64 {
    let text = format!("{:.decimals$}", finite(figure));
    text.parse().unwrap_or_default()
}

/// `str(float)` of Python for 0 and for what is below 1e16: the shortest text that means the same
/// number, with an exponent of two digits below 0.0001.
fn python_float(number: f64) -> String {
    if number == 0.0 || number >= 1e-4 {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    match text.split_once("e-") {
        Some((digits, exponent)) => format!("{digits}e-{exponent:0>2}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::LoadParts;

    #[test]
    fn whole_lines() {
        let idle = MonitorRow::default();
        assert_eq!(
            idle.csv_line(1_669_000_000),
            "1669000000, 0, 0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0\n"
        );
        let busy = MonitorRow {
            running: 3,
            idle: 1,
            load: 97.0,
            parts: LoadParts {
                cpu: 14.549,
                memory: 100.0,
                swap: 7.0,
                disk: 61.25,
                gpu_compute: 97.0,
                gpu_memory_load: 20.0,
                gpu_memory: 12.3456,
                network_sent: 1.234_567_89,
                network_received: 0.000_054_4,
                network: 1.0,
            },
            ..MonitorRow::default()
        };
        assert_eq!(
            busy.csv_line(1_669_000_001),
            "1669000001, 3, 1, 14.5, 100.0, 97, 20, 12.3, 7.0, 61.2, 1.234568, 5.4e-05\n"
        );
    }

    #[test]
    fn every_line_has_the_columns_of_the_header() {
        let columns = |line: &str| line.trim_end().split(", ").count();
        assert_eq!(columns(HEADER), 12);
        let odd = MonitorRow {
            parts: LoadParts {
                cpu: f64::NAN,
                gpu_compute: f64::INFINITY,
                gpu_memory: f64::NAN,
                network_sent: -0.0,
                ..LoadParts::default()
            },
            ..MonitorRow::default()
        };
        assert_eq!(
            odd.csv_line(1),
            "1, 0, 0, 0.0, 0.0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0\n"
        );
    }

    // Made with CPython.
    #[test]
    fn numbers_as_python_writes_them() {
        for (number, text) in [
            (0.0, "0.0"),
            (100.0, "100.0"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (0.0001, "0.0001"),
            (0.000_099, "9.9e-05"),
            (0.000_054, "5.4e-05"),
            (0.000_001, "1e-06"),
            (0.000_01, "1e-05"),
            (125.0, "125.0"),
            (1_234.567_891, "1234.567891"),
            (1e15, "1000000000000000.0"),
        ] {
            assert_eq!(python_float(number), text);
        }
    }
}
