//! What Webots prints (W2.10), and in which of its two dialects.

/// One line of an instance's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceLine {
    /// `open`: the world is loaded. Legacy only.
    Open,
    /// `.`: it is alive.
    Heartbeat,
    /// `pause`: the simulation stands still.
    Pause,
    /// `real-time`: it runs.
    RealTime,
    /// `step`: it makes one step, `pause` follows.
    Step,
    /// `fast`: it runs as fast as it can.
    Fast,
    /// `reset`: it was set back to its beginning.
    Reset,
    /// Anything else: banners, warnings, the output of controllers.
    Other,
}

impl InstanceLine {
    /// Understands one line, with or without its end.
    ///
    /// `open` and `.` count by how the line begins, as in the Python servers; the others must be the
    /// whole line, so that a controller that prints a sentence does not change the state.
    pub fn parse(line: &str) -> Self {
        match line.trim_end() {
            "pause" => Self::Pause,
            "real-time" => Self::RealTime,
            "step" => Self::Step,
            "fast" => Self::Fast,
            "reset" => Self::Reset,
            line if line.starts_with("open") => Self::Open,
            line if line.starts_with('.') => Self::Heartbeat,
            _ => Self::Other,
        }
    }

    /// What the line says about being idle: `Some(true)` after `pause`, `Some(false)` when the
    /// simulation runs, `None` if it says nothing.
    pub const fn idle(self) -> Option<bool> {
        match self {
            Self::Pause => Some(true),
            Self::RealTime | Self::Step | Self::Fast => Some(false),
            Self::Open | Self::Heartbeat | Self::Reset | Self::Other => None,
        }
    }
}

/// How Webots wants to be started, and how it says that it is ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Below R2022b: one `--stream` option with everything in it; ready at `open`.
    Legacy,
    /// From R2022b on: `--port`, `--heartbeat`, `--stream`; ready at the first `.`.
    #[default]
    Modern,
}

impl Dialect {
    /// The dialect of a version like `R2019b`, `R2022b revision 1` or `R2023a-nightly`: the text of
    /// `resources/version.txt` or of the `webotsVersion` key. `None` if it is no version.
    pub fn from_version(version: &str) -> Option<Self> {
        let mut rest = version.trim().strip_prefix('R')?.chars();
        let mut year = 0;
        for _ in 0..4 {
            year = year * 10 + rest.next()?.to_digit(10)?;
        }
        let release = rest.next().filter(char::is_ascii_lowercase)?;
        if rest.next().is_some_and(char::is_alphanumeric) {
            return None;
        }
        Some(if (year, release) < (2022, 'b') {
            Self::Legacy
        } else {
            Self::Modern
        })
    }
}

/// Whether this line says that the instance is ready. Whether its port really accepts connections
/// is another question, which has to be asked as well (W2.10: `.` may come before the world is
/// loaded, and other programs may print it).
pub const fn is_ready(dialect: Dialect, line: InstanceLine) -> bool {
    match (dialect, line) {
        (Dialect::Legacy, InstanceLine::Open) | (Dialect::Modern, InstanceLine::Heartbeat) => true,
        (
            Dialect::Legacy | Dialect::Modern,
            InstanceLine::Open
            | InstanceLine::Heartbeat
            | InstanceLine::Pause
            | InstanceLine::RealTime
            | InstanceLine::Step
            | InstanceLine::Fast
            | InstanceLine::Reset
            | InstanceLine::Other,
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let cases = [
            ("open", InstanceLine::Open, None),
            ("open\r\n", InstanceLine::Open, None),
            (".", InstanceLine::Heartbeat, None),
            ("..", InstanceLine::Heartbeat, None),
            ("pause\n", InstanceLine::Pause, Some(true)),
            ("real-time", InstanceLine::RealTime, Some(false)),
            ("step", InstanceLine::Step, Some(false)),
            ("fast", InstanceLine::Fast, Some(false)),
            ("reset", InstanceLine::Reset, None),
            ("", InstanceLine::Other, None),
            ("pausing now", InstanceLine::Other, None),
            ("WARNING: no GPU", InstanceLine::Other, None),
        ];
        for (text, line, idle) in cases {
            assert_eq!(InstanceLine::parse(text), line, "{text:?}");
            assert_eq!(line.idle(), idle, "{text:?}");
        }
    }

    #[test]
    fn each_dialect_has_its_own_readiness() {
        assert!(is_ready(Dialect::Legacy, InstanceLine::Open));
        assert!(!is_ready(Dialect::Legacy, InstanceLine::Heartbeat));
        assert!(is_ready(Dialect::Modern, InstanceLine::Heartbeat));
        assert!(!is_ready(Dialect::Modern, InstanceLine::Open));
        assert!(!is_ready(Dialect::Modern, InstanceLine::Other));
    }

    #[test]
    fn versions() {
        for version in [
            "R2018a",
            "R2019b",
            "R2022a",
            "R2022a revision 1",
            "R2021b-rev2\n",
        ] {
            assert_eq!(
                Dialect::from_version(version),
                Some(Dialect::Legacy),
                "{version}"
            );
        }
        for version in [
            "R2022b",
            "R2022b revision 1",
            "R2023a-nightly",
            " R2025a \n",
            "R2030c",
        ] {
            assert_eq!(
                Dialect::from_version(version),
                Some(Dialect::Modern),
                "{version}"
            );
        }
        for version in [
            "", "2022b", "R22b", "R2022", "R2022B", "R2022bc", "R２022b", "8.6.2",
        ] {
            assert_eq!(Dialect::from_version(version), None, "{version}");
        }
    }
}
