//! The arguments that Webots is started with (W2.9, W2.21).

use super::client::ViewMode;
use super::instance::Dialect;

/// How often an instance of the modern dialect prints `.`, in milliseconds: what W2.9 uses.
pub const HEARTBEAT_MS: u32 = 5000;

/// One instance, as its command line needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceCommand {
    /// The port that it listens on.
    pub port: u16,
    /// The absolute path of the world; absolute, so that it is never taken for an option.
    pub world: String,
    /// How the client wants to see the simulation.
    pub mode: ViewMode,
    /// Whether the client may edit controllers. Legacy only;
    /// see [`Init::edits_controllers`](super::client::Init::edits_controllers).
    pub controller_edit: bool,
    /// Whether Webots itself serves `wss`, with the key that lies in its own folder. Legacy only.
    pub ssl: bool,
    /// `multimediaServer`, without `;` and `"`. Legacy only.
    pub multimedia_server: Option<String>,
    /// `multimediaStream`, without `;` and `"`. Legacy only.
    pub multimedia_stream: Option<String>,
}

/// The arguments after the program's name, each an item of its own: no shell sees them.
///
/// - Modern, as the servers from 2022 on: a scene is a bare `--stream`, since R2025a takes
///   `--stream=x3d` for an error. The `timeout` program that they put before it is not needed: the
///   simulation machine has a deadline of its own.
/// - Legacy, as the document's server of 2019, which every Webots of the dialect understands: there
///   is no `--no-rendering`, which is an error before 2020, and no `mode=` for a scene, which is
///   the only mode before 2020. The quotes in the `--stream` item are part of it; Webots takes them
///   off.
/// - Pictures (`mjpeg`) need a window that is drawn, so there is no `--minimize`.
pub fn webots_arguments(dialect: Dialect, command: &InstanceCommand) -> Vec<String> {
    let mut arguments = vec!["--batch".to_owned(), "--mode=pause".to_owned()];
    match (dialect, command.mode) {
        (Dialect::Legacy, ViewMode::Scene) => {
            arguments.push("--minimize".to_owned());
            arguments.push(legacy_stream(command));
        }
        (Dialect::Legacy, ViewMode::Mjpeg) => arguments.push(legacy_stream(command)),
        (Dialect::Modern, ViewMode::Scene) => {
            arguments.push("--minimize".to_owned());
            arguments.push("--no-rendering".to_owned());
            arguments.extend(modern_port(command));
            arguments.push("--stream".to_owned());
        }
        (Dialect::Modern, ViewMode::Mjpeg) => {
            arguments.extend(modern_port(command));
            arguments.push("--stream=mjpeg".to_owned());
        }
    }
    arguments.push(command.world.clone());
    arguments
}

fn modern_port(command: &InstanceCommand) -> [String; 2] {
    [
        format!("--port={}", command.port),
        format!("--heartbeat={HEARTBEAT_MS}"),
    ]
}

fn legacy_stream(command: &InstanceCommand) -> String {
    let mut stream = format!("--stream=\"port={};monitorActivity", command.port);
    match command.mode {
        ViewMode::Scene => {}
        ViewMode::Mjpeg => stream.push_str(";mode=mjpeg"),
    }
    if command.controller_edit {
        stream.push_str(";controllerEdit");
    }
    for (key, value) in [
        ("multimediaServer", &command.multimedia_server),
        ("multimediaStream", &command.multimedia_stream),
    ] {
        if let Some(value) = value {
            stream.push_str(&format!(";{key}={value}"));
        }
    }
    if command.ssl {
        stream.push_str(";ssl");
    }
    stream.push('"');
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> InstanceCommand {
        InstanceCommand {
            port: 2001,
            world: "/i/my robot/worlds/x.wbt".into(),
            mode: ViewMode::Scene,
            controller_edit: false,
            ssl: false,
            multimedia_server: None,
            multimedia_stream: None,
        }
    }

    fn check(dialect: Dialect, command: &InstanceCommand, line: &str) {
        let mut arguments = webots_arguments(dialect, command);
        assert_eq!(arguments.pop().as_ref(), Some(&command.world));
        assert_eq!(arguments.join(" "), line);
    }

    #[test]
    fn the_modern_lines_to_the_letter() {
        let line =
            "--batch --mode=pause --minimize --no-rendering --port=2001 --heartbeat=5000 --stream";
        check(Dialect::Modern, &command(), line);
        let mjpeg = InstanceCommand {
            mode: ViewMode::Mjpeg,
            ..command()
        };
        let line = "--batch --mode=pause --port=2001 --heartbeat=5000 --stream=mjpeg";
        check(Dialect::Modern, &mjpeg, line);
        // What only the legacy dialect knows must not get into the other.
        let all = InstanceCommand {
            controller_edit: true,
            ssl: true,
            ..mjpeg
        };
        check(Dialect::Modern, &all, line);
    }

    #[test]
    fn the_legacy_lines_to_the_letter() {
        let line = r#"--batch --mode=pause --minimize --stream="port=2001;monitorActivity""#;
        check(Dialect::Legacy, &command(), line);
        let all = InstanceCommand {
            controller_edit: true,
            ssl: true,
            multimedia_server: Some("example.org:8088".into()),
            multimedia_stream: Some("1".into()),
            ..command()
        };
        let line = r#"--batch --mode=pause --minimize --stream="port=2001;monitorActivity;controllerEdit;multimediaServer=example.org:8088;multimediaStream=1;ssl""#;
        check(Dialect::Legacy, &all, line);
        let mjpeg = InstanceCommand {
            mode: ViewMode::Mjpeg,
            controller_edit: true,
            ..command()
        };
        let line = r#"--batch --mode=pause --stream="port=2001;monitorActivity;mode=mjpeg;controllerEdit""#;
        check(Dialect::Legacy, &mjpeg, line);
    }
}
