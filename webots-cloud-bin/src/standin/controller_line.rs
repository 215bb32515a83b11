//! The lines between the stand-in and a controller, as pure functions.
//!
//! Names and texts are percent-encoded, so that a blank always separates two words.

use std::fmt::Write as _;

use super::math::Vec3;

/// The longest line in either direction, bytes.
pub const MAX_LINE: usize = 8192;

/// What a controller says in a line.
#[derive(Clone, Debug, PartialEq)]
pub enum ControllerLine {
    /// `speed LEFT RIGHT`: radians a second, positive forwards.
    Speed(f64, f64),
    /// `motor NAME SPEED`: radians a second about its own axis.
    Motor(String, f64),
    /// `done [MS]`: computed; wake me in so much simulated time, else in one step.
    Done(Option<f64>),
    /// `message TEXT`: to the robot windows.
    Message(String),
    /// `label ID X Y SIZE RRGGBB TEXT`: a text on the screen (supervisors).
    Label {
        /// Which label.
        id: u16,
        /// From the left, 0 to 1.
        x: f64,
        /// From the top, 0 to 1.
        y: f64,
        /// The size of the letters, 0 to 1.
        size: f64,
        /// Red, green, blue.
        color: u32,
        /// The text.
        text: String,
    },
    /// `place DEF X Y Z`: puts a body somewhere (supervisors).
    Place(String, Vec3),
    /// Anything else: what it printed.
    Text(String),
}

/// Reads a line of a controller.
#[must_use]
pub fn parse(line: &str) -> ControllerLine {
    words(line).unwrap_or_else(|| ControllerLine::Text(line.to_owned()))
}

fn words(line: &str) -> Option<ControllerLine> {
    let mut words = line.split(' ');
    let meaning = match words.next()? {
        "speed" => ControllerLine::Speed(number(words.next())?, number(words.next())?),
        "motor" => ControllerLine::Motor(decode(words.next()?), number(words.next())?),
        "done" => match words.next() {
            None => ControllerLine::Done(None),
            Some(ms) => ControllerLine::Done(Some(number(Some(ms)).filter(|ms| *ms >= 0.0)?)),
        },
        "message" => ControllerLine::Message(decode(words.next()?)),
        "label" => ControllerLine::Label {
            id: words.next()?.parse().ok()?,
            x: number(words.next())?,
            y: number(words.next())?,
            size: number(words.next())?,
            color: u32::from_str_radix(words.next()?, 16)
                .ok()
                .filter(|color| *color <= 0xff_ffff)?,
            text: decode(words.next()?),
        },
        "place" => {
            let def = decode(words.next()?);
            let (x, y, z) = (
                number(words.next())?,
                number(words.next())?,
                number(words.next())?,
            );
            ControllerLine::Place(def, Vec3::new(x, y, z))
        }
        _ => return None,
    };
    words.next().is_none().then_some(meaning)
}

fn number(word: Option<&str>) -> Option<f64> {
    word?
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite() && n.abs() < 1e9)
}

/// What the controller of a robot is told first.
#[derive(Clone, Debug, Default)]
pub struct Init {
    /// The robot's name.
    pub name: String,
    /// Simulated milliseconds a step.
    pub time_step: f64,
    /// May it see and move the others?
    pub supervisor: bool,
    /// The robot's `customData`.
    pub custom_data: String,
    /// The names of its motors.
    pub motors: Vec<String>,
    /// The names of its sensors.
    pub sensors: Vec<String>,
}

impl Init {
    /// `init name=… time_step=… supervisor=0|1 custom=… motors=a,b sensors=c,d`
    #[must_use]
    pub fn line(&self) -> String {
        let list = |names: &[String]| {
            names
                .iter()
                .map(|n| encode(n))
                .collect::<Vec<_>>()
                .join(",")
        };
        format!(
            "init name={} time_step={} supervisor={} custom={} motors={} sensors={}",
            encode(&self.name),
            super::number::six(self.time_step),
            u8::from(self.supervisor),
            encode(&self.custom_data),
            list(&self.motors),
            list(&self.sensors),
        )
    }
}

/// `step TIME NAME=VALUE[,VALUE…]…`; the places of others are under `@DEF`.
#[must_use]
pub fn step_line(time: f64, values: &[(String, Vec<f64>)], others: &[(String, Vec3)]) -> String {
    let mut line = format!("step {time}");
    for (name, values) in values {
        let values: Vec<_> = values.iter().map(|value| format!("{value:.6}")).collect();
        let _ = write!(line, " {}={}", encode(name), values.join(","));
    }
    for (def, at) in others {
        let _ = write!(
            line,
            " @{}={:.6},{:.6},{:.6}",
            encode(def),
            at.x,
            at.y,
            at.z
        );
    }
    line
}

/// `message TEXT`: from a robot window.
#[must_use]
pub fn message_line(text: &str) -> String {
    format!("message {}", encode(text))
}

/// A text without blanks, control characters and the marks of this protocol.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text behind [`encode`]; what is not encoded right stays as it is.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|code| code.bytes().all(|c| c.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(value) if byte == b'%' => {
                out.push(value);
                rest = after.get(2..).unwrap_or(&[]);
            }
            Some(_) | None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_controllers() {
        let text = |line: &str| ControllerLine::Text(line.to_owned());
        for (line, meaning) in [
            ("speed 1 -2.5", ControllerLine::Speed(1.0, -2.5)),
            (
                "motor left%20wheel 3",
                ControllerLine::Motor("left wheel".into(), 3.0),
            ),
            ("done", ControllerLine::Done(None)),
            ("done 64", ControllerLine::Done(Some(64.0))),
            ("done -1", text("done -1")),
            ("done with it", text("done with it")),
            ("speed NaN 1", text("speed NaN 1")),
            ("speed 1", text("speed 1")),
            ("message a%0Ab", ControllerLine::Message("a\nb".into())),
            (
                "place BALL 0 0 1",
                ControllerLine::Place("BALL".into(), Vec3::new(0.0, 0.0, 1.0)),
            ),
            ("label 1 0 0.5 0.1 zz x", text("label 1 0 0.5 0.1 zz x")),
            ("", text("")),
        ] {
            assert_eq!(parse(line), meaning, "{line}");
        }
    }

    #[test]
    fn lines_to_controllers() {
        let values = [("ds 0".to_owned(), vec![0.5, 1.0])];
        assert_eq!(
            step_line(32.0, &values, &[("BALL".into(), Vec3::ZERO)]),
            "step 32 ds%200=0.500000,1.000000 @BALL=0.000000,0.000000,0.000000"
        );
        for text in ["", "a b=c,d\n%é", "%41"] {
            assert_eq!(decode(&encode(text)), text);
        }
        assert_eq!(decode("%zz%4"), "%zz%4");
        let init = Init {
            name: "e puck".into(),
            time_step: 16.0,
            motors: vec!["l".into()],
            ..Init::default()
        };
        assert_eq!(
            init.line(),
            "init name=e%20puck time_step=16 supervisor=0 custom= motors=l sensors="
        );
    }
}
