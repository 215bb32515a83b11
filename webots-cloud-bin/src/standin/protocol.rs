//! The frames of the streaming protocol as values (W3.2 to W3.4).

use serde_json::{Value, json};

use super::options::{Dialect, Mode};

/// The first frame of a client: what it can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `x3dom`: 2018.
    X3dom,
    /// `x3d`: 2019 to 2023, `w3d`: 2025.
    Scene,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientFrame {
    /// The handshake.
    Hello {
        /// What it can show.
        kind: Kind,
        /// It will only look.
        broadcast: bool,
    },
    /// A handshake for pictures or video, which is refused.
    Pictures,
    /// `pause`
    Pause,
    /// `real-time:MS` or `fast:MS`: run, for so long (negative or nothing: without end).
    Run(Mode, Option<f64>),
    /// `step`
    Step,
    /// `timeout:MS`
    Timeout(Option<f64>),
    /// `reset`
    Reset,
    /// `revert` or `reload`
    Reload,
    /// `load:FILE`: only the last part of the path counts.
    Load(String),
    /// `robot:…`: a text for a controller.
    Robot {
        /// The robot.
        name: String,
        /// The text.
        message: String,
    },
    /// `get controller:DIR`
    GetController(String),
    /// `sync controller:DIR/FILE`
    SyncController(String),
    /// `set controller:DIR/FILE:N\nCONTENT`
    SetController {
        /// `DIR/FILE`
        file: String,
        /// The new content.
        content: String,
    },
    /// Mouse, touch and the like: of no meaning here.
    Ignored,
    /// Anything else.
    Unknown,
}

/// Reads a frame of a client.
#[must_use]
pub fn parse(frame: &str) -> ClientFrame {
    match frame {
        "pause" => return ClientFrame::Pause,
        "step" => return ClientFrame::Step,
        "reset" => return ClientFrame::Reset,
        "revert" | "reload" => return ClientFrame::Reload,
        _ => {}
    }
    let (word, rest) = frame.split_once(':').unwrap_or((frame, ""));
    match word {
        "real-time" => ClientFrame::Run(Mode::RealTime, limit(rest)),
        "fast" => ClientFrame::Run(Mode::Fast, limit(rest)),
        "timeout" => ClientFrame::Timeout(limit(rest)),
        "load" => ClientFrame::Load(rest.rsplit('/').next().unwrap_or("").to_owned()),
        "robot" => robot(rest),
        "get controller" => ClientFrame::GetController(rest.to_owned()),
        "sync controller" => ClientFrame::SyncController(rest.to_owned()),
        "set controller" => {
            let (head, content) = rest.split_once('\n').unwrap_or((rest, ""));
            let (file, _lines) = head.rsplit_once(':').unwrap_or((head, ""));
            ClientFrame::SetController {
                file: file.to_owned(),
                content: content.to_owned(),
            }
        }
        "mjpeg" | "video" => ClientFrame::Pictures,
        "resize" | "follow" => ClientFrame::Ignored,
        _ if frame.starts_with("mouse ") || frame.starts_with("touch ") => ClientFrame::Ignored,
        _ => hello(frame),
    }
}

fn hello(frame: &str) -> ClientFrame {
    let mut parts = frame.split(';');
    let kind = match parts.next() {
        Some("x3dom") => Kind::X3dom,
        Some("x3d" | "w3d") => Kind::Scene,
        _ => return ClientFrame::Unknown,
    };
    ClientFrame::Hello {
        kind,
        broadcast: parts.any(|part| part == "broadcast"),
    }
}

/// Milliseconds; negative or no number is no limit.
fn limit(text: &str) -> Option<f64> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|ms| *ms >= 0.0 && ms.is_finite())
}

fn robot(rest: &str) -> ClientFrame {
    if let Ok(Value::Object(object)) = serde_json::from_str::<Value>(rest)
        && let (Some(name), Some(message)) = (
            object.get("name").and_then(Value::as_str),
            object.get("message").and_then(Value::as_str),
        )
    {
        return ClientFrame::Robot {
            name: name.to_owned(),
            message: message.to_owned(),
        };
    }
    match rest.split_once(':') {
        Some((name, message)) => ClientFrame::Robot {
            name: name.to_owned(),
            message: message.to_owned(),
        },
        None => ClientFrame::Unknown,
    }
}

/// The `world:` frame: bare names of old, paths in the project today (W3.3).
#[must_use]
pub fn world_frame(dialect: Dialect, current: &str, worlds: &[String]) -> String {
    let prefix = match dialect {
        Dialect::Legacy => "",
        Dialect::Modern => "worlds/",
    };
    let list: Vec<_> = worlds
        .iter()
        .map(|world| format!("{prefix}{world}"))
        .collect();
    format!("world:{prefix}{current}:{}", list.join(";"))
}

/// The `application/json:` frame (W3.6): `poses` of old, `updates` today.
#[must_use]
pub fn update_frame(dialect: Dialect, time: f64, poses: &[String], labels: &[String]) -> String {
    let key = match dialect {
        Dialect::Legacy => "poses",
        Dialect::Modern => "updates",
    };
    let mut frame = format!("application/json:{{\"time\":{}", super::number::six(time));
    for (key, list) in [(key, poses), ("labels", labels)] {
        if !list.is_empty() {
            frame.push_str(&format!(",\"{key}\":[{}]", list.join(",")));
        }
    }
    frame.push('}');
    frame
}

/// A text of a controller to the robot windows; by regular expression, so the keys are in this order.
#[must_use]
pub fn robot_frame(kind: Kind, name: &str, message: &str) -> String {
    match kind {
        Kind::X3dom => format!("robot:{name}:{message}"),
        Kind::Scene => format!(
            "robot: {{\"message\":{},\"name\":{}}}",
            json!(message),
            json!(name)
        ),
    }
}

/// The frames that say that the simulation stands still, not by the wish of this client.
///
/// Clients of 2018 and 2019 know `pause`, later ones `pause: MS`; each only logs the other.
#[must_use]
pub fn pause_frames(dialect: Dialect, kind: Kind, time: f64) -> Vec<String> {
    let timed = format!("pause: {}", super::number::six(time));
    match (dialect, kind) {
        (Dialect::Legacy | Dialect::Modern, Kind::X3dom) => vec!["pause".to_owned()],
        (Dialect::Legacy, Kind::Scene) => vec![timed, "pause".to_owned()],
        (Dialect::Modern, Kind::Scene) => vec![timed],
    }
}

/// The answer to the client that paused or stepped.
#[must_use]
pub fn paused_answer(kind: Kind) -> &'static str {
    match kind {
        Kind::X3dom => "pause",
        Kind::Scene => "paused by client",
    }
}

/// The name of a mode in a frame and on standard output.
#[must_use]
pub fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Pause => "pause",
        Mode::RealTime => "real-time",
        Mode::Fast => "fast",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_say() {
        let hello = |kind, broadcast| ClientFrame::Hello { kind, broadcast };
        for (frame, meaning) in [
            ("x3dom", hello(Kind::X3dom, false)),
            ("x3d;broadcast", hello(Kind::Scene, true)),
            ("w3d", hello(Kind::Scene, false)),
            ("mjpeg: 800x600", ClientFrame::Pictures),
            (
                "real-time:60000",
                ClientFrame::Run(Mode::RealTime, Some(60_000.0)),
            ),
            ("fast:-1", ClientFrame::Run(Mode::Fast, None)),
            ("fast:NaN", ClientFrame::Run(Mode::Fast, None)),
            ("load:worlds/../b.wbt", ClientFrame::Load("b.wbt".into())),
            ("revert", ClientFrame::Reload),
            (
                "robot:r:a:b",
                ClientFrame::Robot {
                    name: "r".into(),
                    message: "a:b".into(),
                },
            ),
            (
                "robot:{\"name\":\"r\",\"message\":\"m\"}",
                ClientFrame::Robot {
                    name: "r".into(),
                    message: "m".into(),
                },
            ),
            ("mouse 1 2", ClientFrame::Ignored),
            ("x3dx", ClientFrame::Unknown),
            ("", ClientFrame::Unknown),
            (
                "set controller:d/d.py:2\na:\nb",
                ClientFrame::SetController {
                    file: "d/d.py".into(),
                    content: "a:\nb".into(),
                },
            ),
        ] {
            assert_eq!(parse(frame), meaning, "{frame}");
        }
    }

    #[test]
    fn what_is_said_to_clients() {
        let worlds = ["a.wbt".to_owned(), "b.wbt".to_owned()];
        assert_eq!(
            world_frame(Dialect::Legacy, "a.wbt", &worlds),
            "world:a.wbt:a.wbt;b.wbt"
        );
        assert_eq!(
            world_frame(Dialect::Modern, "a.wbt", &worlds),
            "world:worlds/a.wbt:worlds/a.wbt;worlds/b.wbt"
        );
        let poses = ["{\"id\":5}".to_owned()];
        assert_eq!(
            update_frame(Dialect::Legacy, 1e6, &poses, &[]),
            "application/json:{\"time\":1e+06,\"poses\":[{\"id\":5}]}"
        );
        assert_eq!(
            update_frame(Dialect::Modern, 0.0, &[], &[]),
            "application/json:{\"time\":0}"
        );
        assert_eq!(
            robot_frame(Kind::Scene, "r", "a\"b"),
            "robot: {\"message\":\"a\\\"b\",\"name\":\"r\"}"
        );
    }
}
