use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reader::{Reader, shown};
use super::{PathKind, defaults, expand};
use crate::protocol::instance::Dialect;

/// The Webots to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webots {
    /// The folder that Webots is installed in: `webotsHome`, else `WEBOTS_HOME`, else the usual one.
    pub home: PathBuf,
    /// The program and the arguments before Webots' own; never empty.
    pub command: Vec<String>,
    /// `webotsVersion` as it was given.
    pub version: Option<String>,
    /// The dialect of that version; if `None`, see [`version_file`](Self::version_file).
    pub dialect: Option<Dialect>,
}

impl Webots {
    /// The file whose text names the version where `webotsVersion` does not; if it is not there, the
    /// dialect is the modern one.
    pub fn version_file(&self) -> PathBuf {
        self.home.join("resources/version.txt")
    }
}

/// Where the program is below its folder: on Linux, macOS and Windows (W2.9).
const PROGRAMS: [&str; 3] = [
    "webots",
    "Contents/MacOS/webots",
    "msys64/mingw64/bin/webots.exe",
];

pub(super) fn webots(reader: &mut Reader<'_>) -> Webots {
    let command = command(reader);
    let (home, origin) = home(reader);
    let command = command.unwrap_or_else(|| program(reader, &home, origin));
    let version = reader.parsed("webotsVersion", |text| {
        Dialect::from_version(text).map(|dialect| (text.to_owned(), dialect))
    });
    Webots {
        home,
        command,
        dialect: version.as_ref().map(|(_, dialect)| *dialect),
        version: version.map(|(version, _)| version),
    }
}

/// Who said where Webots is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Key,
    Environment,
    Nobody,
}

fn home(reader: &mut Reader<'_>) -> (PathBuf, Origin) {
    let usual = || Path::new(defaults::WEBOTS_HOME).to_owned();
    if reader.has("webotsHome") {
        return (reader.path("webotsHome").unwrap_or_else(usual), Origin::Key);
    }
    match reader.surroundings.variable("WEBOTS_HOME") {
        Some(home) if !home.is_empty() => {
            (reader.surroundings.folder().join(home), Origin::Environment)
        }
        Some(_) | None => (usual(), Origin::Nobody),
    }
}

/// The program in `home`. If somebody said that it is there and it is not, that is a problem; a
/// machine without any Webots can still run the server, and say so to each client.
fn program(reader: &mut Reader<'_>, home: &Path, origin: Origin) -> Vec<String> {
    let program = PROGRAMS
        .iter()
        .map(|program| home.join(program))
        .find(|program| reader.surroundings.kind(program) == PathKind::File)
        .unwrap_or_else(|| {
            let missing = format!("there is no Webots in `{}`", home.display());
            match origin {
                Origin::Key => reader.wrong("webotsHome", missing),
                Origin::Environment => {
                    reader.wrong("webotsHome", format!("{missing}, named by WEBOTS_HOME"));
                }
                Origin::Nobody => reader.warn(format!(
                    "{missing}, so no simulation can start: set `webotsHome`, `WEBOTS_HOME` or `webots`"
                )),
            }
            home.join("webots")
        });
    vec![program.to_string_lossy().into_owned()]
}

/// `webots`: a program, or a program with its first arguments.
fn command(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    const KEY: &str = "webots";
    let value = reader.take(KEY)?;
    let words = match &value {
        Value::String(program) => Some(vec![program.clone()]),
        Value::Array(words) => words
            .iter()
            .map(|word| word.as_str().map(str::to_owned))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    };
    let usable = |words: &Vec<String>| {
        words.first().is_some_and(|program| !program.is_empty())
            && !words.iter().any(|word| word.contains('\0'))
    };
    let Some(mut words) = words.filter(usable) else {
        reader.wrong(KEY, format!("is {}", shown(&value)));
        // What is wrong here must not be reported a second time, as a missing Webots.
        return Some(vec!["webots".to_owned()]);
    };
    let Some(program) = words.first_mut() else {
        return Some(words);
    };
    // A bare name is looked up in PATH.
    if program.contains(['/', '~', '$']) {
        match expand::path(program, reader.surroundings) {
            Ok(path) => {
                reader.check_kind(KEY, &path, PathKind::File);
                *program = path.to_string_lossy().into_owned();
            }
            Err(wrong) => reader.wrong(KEY, wrong),
        }
    }
    Some(words)
}
