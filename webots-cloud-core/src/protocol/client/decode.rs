use serde_json::Value;

use super::fields::{self, FILE_ORIGIN};
use super::{
    ClientMessage, ControllerFile, FieldFault, FrameError, Init, MAX_AUTHENTICATION,
    MAX_CUSTOM_DATA, MAX_USER_FIELD, Start, User, ViewMode,
};
use crate::protocol::segment;
use crate::protocol::start_url::StartUrl;
use crate::protocol::text::{Lines, presentable};
use crate::secret::Secret;

/// Understands one text frame of `/client` (W2.2).
///
/// Of several known keys the first of `init`, `reset controller` and `start` counts; unknown keys
/// beside a known one are ignored; of a key that comes twice the last one counts. JSON nested
/// deeper than 128 levels is refused as not being JSON. The length of the frame is for the caller
/// to limit.
///
/// # Errors
/// See [`FrameError`]; its text is for the user, its [code](FrameError::close_code) for the socket.
pub fn decode(text: &str) -> Result<ClientMessage, FrameError> {
    let value: Value = serde_json::from_str(text).map_err(|error| FrameError::NotJson {
        detail: error.to_string(),
    })?;
    let Value::Object(mut frame) = value else {
        return Err(FrameError::Unknown);
    };
    if let Some(init) = frame.remove("init") {
        return decode_init(init).map(|init| ClientMessage::Init(Box::new(init)));
    }
    if let Some(path) = frame.remove("reset controller") {
        return decode_controller(path).map(ClientMessage::ResetController);
    }
    if let Some(start) = frame.remove("start") {
        return decode_start(start).map(ClientMessage::Start);
    }
    Err(FrameError::Unknown)
}

fn decode_init(value: Value) -> Result<Init, FrameError> {
    let Value::Array(items) = value else {
        return Err(FrameError::InitShape);
    };
    if !(3..=9).contains(&items.len()) {
        return Err(FrameError::InitShape);
    }
    let mut items = Items(items.into_iter());
    let init = Init {
        host: items.next("host", fields::origin)?,
        project: items.next("project", |text| {
            segment::check_path(&text)?;
            Ok(text)
        })?,
        world: items.next("world", |text| {
            segment::check_world(&text)?;
            Ok(text)
        })?,
        user1: User {
            id: items.next("user1Id", user_field)?,
            name: items.next("user1Name", user_field)?,
            authentication: items.next("user1Authentication", |text| {
                fields::line(text, MAX_AUTHENTICATION).map(Secret::new)
            })?,
        },
        user2: User {
            id: items.next("user2Id", user_field)?,
            name: items.next("user2Name", user_field)?,
            authentication: Secret::default(),
        },
        custom_data: items.next("customData", |text| fields::bounded(text, MAX_CUSTOM_DATA))?,
    };
    if init.host == FILE_ORIGIN && init.user1.is_somebody() {
        return Err(FrameError::InitItem {
            field: "host",
            fault: FieldFault::FileOrigin,
        });
    }
    Ok(init)
}

fn user_field(text: String) -> Result<String, FieldFault> {
    fields::line(text, MAX_USER_FIELD)
}

/// The items of `init` in their order; those that are missing are empty.
struct Items(std::vec::IntoIter<Value>);

impl Items {
    fn next<T>(
        &mut self,
        field: &'static str,
        check: impl FnOnce(String) -> Result<T, FieldFault>,
    ) -> Result<T, FrameError> {
        fields::text(self.0.next().unwrap_or_default())
            .and_then(check)
            .map_err(|fault| FrameError::InitItem { field, fault })
    }
}

fn decode_start(value: Value) -> Result<Start, FrameError> {
    let Value::Object(mut start) = value else {
        return Err(FrameError::StartShape);
    };
    let Some(Value::String(url)) = start.remove("url") else {
        return Err(FrameError::StartShape);
    };
    let mode = match start.remove("mode") {
        None | Some(Value::Null) => ViewMode::Scene,
        Some(mode) => decode_mode(&mode)?,
    };
    Ok(Start {
        url: url.parse::<StartUrl>()?,
        mode,
    })
}

fn decode_mode(mode: &Value) -> Result<ViewMode, FrameError> {
    match mode.as_str() {
        Some("x3d" | "w3d") => Ok(ViewMode::Scene),
        Some("mjpeg") => Ok(ViewMode::Mjpeg),
        other => Err(FrameError::StartMode {
            mode: presentable(other.unwrap_or("(not a text)"), 40, Lines::Join),
        }),
    }
}

fn decode_controller(value: Value) -> Result<ControllerFile, FrameError> {
    let Value::String(path) = value else {
        let fault = FieldFault::Type;
        return Err(FrameError::ControllerFile { fault });
    };
    path.parse()
}

/// `DIR/FILE`.
impl std::str::FromStr for ControllerFile {
    type Err = FrameError;

    fn from_str(path: &str) -> Result<Self, FrameError> {
        let parts = |path: &str| -> Result<Self, FieldFault> {
            let (directory, file) = path.split_once('/').ok_or(FieldFault::NotDirAndFile)?;
            segment::check_segment(directory)?;
            segment::check_segment(file)?;
            Ok(Self {
                directory: directory.to_owned(),
                file: file.to_owned(),
            })
        };
        parts(path).map_err(|fault| FrameError::ControllerFile { fault })
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
